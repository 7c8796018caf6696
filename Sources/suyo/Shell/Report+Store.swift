import Store
import Terminal

extension Report {
    /// A store's table, as it is printed.
    init(_ table: ReportTable) {
        self.init(
            columns: table.columns,
            rows: table.rows.map { row in
                row.map { value in
                    switch value.kind {
                    case .null: .null
                    case .number: .number(value.text)
                    case .boolean: .boolean(value.text == "true")
                    case .string: .text(value.text)
                    case .object, .array: .json(value.text)
                    }
                }
            })
    }

    /// A store's table whose last column is a sentence: on a terminal it is wrapped, and nothing of it is left out.
    init(sentences table: ReportTable) {
        self.init(table)
        wrapsLastColumn = true
    }

    /// One row turned on its side: a name and a value per line.
    init(details table: ReportTable) {
        let report = Report(table)
        self.init(
            columns: ["name", "value"],
            rows: report.rows.first.map { row in zip(report.columns, row).map { [.text($0), $1.asText] } } ?? [])
        wrapsLastColumn = true
    }
}
