/// A table of results, printed for people or for programs.
public struct Report: Sendable {
    /// One value as it is printed.
    public enum Value: Sendable, Hashable {
        case null
        /// Printed as it is, aligned right, and a number in JSON.
        case number(String)
        case boolean(Bool)
        case text(String)
        /// Text that is JSON already.
        case json(String)
    }

    /// How a report is printed.
    public enum Format: String, Sendable, CaseIterable {
        case table, json, csv
    }

    /// Names of the columns, in lower case with underscores.
    public var columns: [String]
    /// The rows; each has as many values as there are columns.
    public var rows: [[Value]]
    /// Whether a table for a terminal goes on with its last column on further lines, where it would be shortened otherwise.
    public var wrapsLastColumn = false

    /// A report of `rows`, each as long as `columns`.
    public init(columns: [String], rows: [[Value]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "every row has a value for each column")
        self.columns = columns
        self.rows = rows
    }

    /// The whole report as text that ends with a line break.
    ///
    /// A table for a terminal of `width` columns leaves out columns without a single value, has its widest texts
    /// shortened or wrapped until it fits, and its header in bold; without a width nothing is left out and nothing coloured.
    public func rendered(_ format: Format, width: Int? = nil) -> String {
        switch format {
        case .table: width == nil ? table(nil) : withoutEmptyColumns.table(width)
        case .json: json()
        case .csv: csv()
        }
    }

    private var withoutEmptyColumns: Report {
        let kept = columns.indices.filter { column in rows.contains { $0[column] != .null } }
        var report = Report(columns: kept.map { columns[$0] }, rows: rows.map { row in kept.map { row[$0] } })
        report.wrapsLastColumn = wrapsLastColumn && kept.last == columns.indices.last
        return report
    }

    private func table(_ available: Int?) -> String {
        var cells = rows.map { $0.map { printable($0.shown) } }
        var widths = columns.indices.map { column in
            cells.reduce(displayWidth(columns[column])) { max($0, displayWidth($1[column])) }
        }
        let isNumeric = columns.indices.map { column in
            rows.contains { if case .number = $0[column] { true } else { false } }
        }
        if let available {
            fit(&widths, into: available, isNumeric: isNumeric)
            cells = cells.flatMap { row in
                let lines = wrapsLastColumn ? wrapped(row.last ?? "", to: widths.last ?? 0) : [row.last ?? ""]
                return lines.enumerated().map { place, line in
                    zip(row.dropLast().map { place == 0 ? $0 : "" } + [line], widths).map { shortened($0, to: $1) }
                }
            }
        }
        func line(_ texts: [String]) -> String {
            var line = ""
            for (column, text) in texts.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - displayWidth(text))
                line += (column > 0 ? "  " : "") + (isNumeric[column] ? padding + text : text + padding)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
        let names = zip(columns, widths).map { shortened($0.split(separator: "_").joined(separator: " "), to: $1) }
        let header = available == nil ? line(names) : "\u{1b}[1m\(line(names).dropLast())\u{1b}[0m\n"
        return header + rule + cells.map(line).joined()
    }

    /// Takes columns of text down, the widest first, to no less than eight; the first column, which names the row, and
    /// times are left whole as long as anything else can give.
    private func fit(_ widths: inout [Int], into available: Int, isNumeric: [Bool]) {
        func isTime(_ column: Int) -> Bool {
            rows.allSatisfy { $0[column].shown.allSatisfy { $0.isNumber || " :-.TZ+".contains($0) } }
        }
        let isFixed = columns.indices.map { isNumeric[$0] || isTime($0) }
        while widths.reduce(0, +) + 2 * (widths.count - 1) > available {
            let candidates = widths.indices.filter { !isFixed[$0] && widths[$0] > 8 }
            let others = candidates.filter { $0 > 0 }
            guard let widest = (others.isEmpty ? candidates : others).max(by: { widths[$0] < widths[$1] }) else {
                return
            }
            widths[widest] -= 1
        }
    }

    private func json() -> String {
        let objects = rows.map { row in
            "  {" + zip(columns, row).map { "\(quoted($0)): \($1.json)" }.joined(separator: ", ") + "}"
        }
        return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    private func csv() -> String {
        ([columns] + rows.map { $0.map(\.shown) }).map { fields in
            // A line with nothing on it would be no record at all.
            if fields == [""] { return "\"\"\n" }
            return fields.map { field in
                field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
                    ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                        + "\"" : field
            }.joined(separator: ",") + "\n"
        }.joined()
    }
}

extension Report.Value {
    /// The value as text, aligned left.
    public var asText: Report.Value { self == .null ? .null : .text(shown) }

    fileprivate var shown: String {
        switch self {
        case .null: ""
        case .number(let text), .text(let text), .json(let text): text
        case .boolean(let value): value ? "yes" : "no"
        }
    }

    fileprivate var json: String {
        switch self {
        case .null: "null"
        // JSON has no NaN and no infinity.
        case .number(let text): Double(text)?.isFinite == true ? text : "null"
        case .json(let text): text
        case .boolean(let value): value ? "true" : "false"
        case .text(let text): quoted(text)
        }
    }
}

/// Text on one line: line breaks as spaces, other control characters as `�`, so that nothing a file holds can move the
/// cursor or change colours.
private func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    var result = ""
    for character in text.split(whereSeparator: \.isNewline).joined(separator: " ") {
        if character == "\t" {
            result.append(" ")
        } else {
            result.append(
                character.unicodeScalars.first?.properties.generalCategory == .control ? "\u{fffd}" : character)
        }
    }
    return result
}

/// Text cut to a display width, with an ellipsis where something is missing.
func shortened(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    var result = ""
    var used = 1
    for character in text {
        used += displayWidth(String(character))
        if used > width { break }
        result.append(character)
    }
    return result + "…"
}

/// Text on lines of a display width, broken between words.
private func wrapped(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        if lines[lines.count - 1].isEmpty {
            lines[lines.count - 1] = String(word)
        } else if displayWidth(lines[lines.count - 1]) + 1 + displayWidth(String(word)) > width {
            lines.append(String(word))
        } else {
            lines[lines.count - 1] += " " + word
        }
    }
    return lines
}

/// A JSON string.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
