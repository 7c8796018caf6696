public import TabularText

/// Everything that decides how a file's records are read: what it holds, and how its columns become Suyo's.
public struct IntakePlan: Sendable {
    /// What the file holds.
    public let kind: IntakeKind
    /// Name of the system it comes from.
    public let source: String
    /// Its encoding.
    public let encoding: TextEncoding
    let mapping: IntakeMapping
    let isMapped: Bool

    /// A plan for a file of Suyo's own layout, or of the one a mapping describes; `source` names the system that a file
    /// of Suyo's own layout comes from.
    public init(
        kind: IntakeKind, mapping: IntakeMapping?, mappingFile: String = "mapping", source: String = "csv"
    ) throws {
        if let mapping, mapping.kind != kind {
            throw IntakeError.mapping(
                file: mappingFile, line: nil,
                reason: "it maps \(mapping.kind.rawValue), and the command imports \(kind.rawValue)")
        }
        self.kind = kind
        isMapped = mapping != nil
        self.mapping = mapping ?? IntakeMapping(kind: kind, source: source)
        self.source = self.mapping.source
        do {
            encoding = try TextEncoding(name: self.mapping.encoding)
        } catch {
            throw IntakeError.mapping(file: mappingFile, line: nil, reason: "\(error)")
        }
    }

    /// Whether a file of orders may number its lines itself; else they are counted.
    public var givesLineNumbers: Bool {
        !isMapped || mapping.columns["line_no"] != nil || mapping.constants["line_no"] != nil
            || mapping.rules.contains { $0.set["line_no"] != nil }
    }

    /// Zone of instants without an offset, where the mapping gives one.
    public var timeZone: String? { mapping.timeZone }

    /// The columns of the rows that ``IntakeReader`` encodes, with their PostgreSQL types, in order.
    ///
    /// First the line and, for a rejected record, column, value and reason (else null); then the kind's columns. An
    /// instant has two columns: one with its offset, one local (named `…_local`) where the file gives none.
    public var stagingColumns: [(name: String, type: String)] {
        var columns = [
            ("file_line", "bigint"), ("reject_column", "text"), ("reject_value", "text"), ("reject_reason", "text"),
        ]
        for column in kind.columns {
            switch column.type {
            case .text: columns.append((column.name, "text"))
            case .number: columns.append((column.name, "float8"))
            case .integer: columns.append((column.name, "integer"))
            case .date: columns.append((column.name, "date"))
            case .timestamp:
                columns.append((column.name, "timestamptz"))
                columns.append((column.name + "_local", "timestamp"))
            }
        }
        return columns
    }
}
