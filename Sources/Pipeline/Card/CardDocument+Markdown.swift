extension CardDocument {
    /// The page as Markdown; charts are left out, since their numbers stand in the tables or the text.
    public var markdown: String {
        var lines = ["# \(CardDocument.plain(title))", ""]
        for section in sections {
            lines += ["## \(CardDocument.plain(section.title))", ""]
            for paragraph in section.paragraphs { lines += [CardDocument.plain(paragraph), ""] }
            if let table = section.table {
                lines.append(CardDocument.row(table.columns))
                lines.append(CardDocument.row(table.columns.map { _ in "---" }))
                lines += table.rows.map { CardDocument.row($0.map(CardDocument.plain)) }
                lines.append("")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// Text in which nothing means anything to Markdown, on one line.
    private static func plain(_ text: String) -> String {
        var result = ""
        for character in text {
            if "\\`*_[]<>|#".contains(character) { result.append("\\") }
            result.append(character.isNewline ? " " : character)
        }
        return result
    }
}
