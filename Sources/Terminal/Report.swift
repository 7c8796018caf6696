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

    /// A report of `rows`, each as long as `columns`.
    public init(columns: [String], rows: [[Value]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "every row has a value for each column")
        self.columns = columns
        self.rows = rows
    }

    /// The whole report as text that ends with a line break.
    public func rendered(_ format: Format) -> String {
        switch format {
        case .table: table()
        case .json: json()
        case .csv: csv()
        }
    }

    private func table() -> String {
        let cells = rows.map { $0.map(\.shown) }
        let widths = columns.indices.map { column in
            cells.reduce(displayWidth(columns[column])) { max($0, displayWidth($1[column])) }
        }
        let isNumeric = columns.indices.map { column in
            rows.contains { if case .number = $0[column] { true } else { false } }
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
        return line(columns.map { $0.split(separator: "_").joined(separator: " ") }) + rule
            + cells.map(line).joined()
    }

    private func json() -> String {
        let objects = rows.map { row in
            "  {" + zip(columns, row).map { "\(quoted($0)): \($1.json)" }.joined(separator: ", ") + "}"
        }
        return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    private func csv() -> String {
        ([columns] + rows.map { $0.map(\.shown) }).map { fields in
            fields.map { field in
                field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
                    ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                        + "\"" : field
            }.joined(separator: ",") + "\n"
        }.joined()
    }
}

extension Report.Value {
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
        case .number(let text), .json(let text): text
        case .boolean(let value): value ? "true" : "false"
        case .text(let text): quoted(text)
        }
    }
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
