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
    let layout: Layout

    /// How names of columns are found.
    enum Layout {
        /// By Suyo's own names.
        case own
        /// By the mapping alone.
        case mapped
        /// By the mapping, and where it is silent by Suyo's own names.
        case named
    }

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
        layout = mapping == nil ? .own : .mapped
        self.mapping = mapping ?? IntakeMapping(kind: kind, source: source)
        self.source = self.mapping.source
        do {
            encoding = try TextEncoding(name: self.mapping.encoding)
        } catch {
            throw IntakeError.mapping(file: mappingFile, line: nil, reason: "\(error)")
        }
    }

    /// A plan for the result of a source's query, in UTF-8 and comma-separated.
    public init(_ query: SourceDefinition.Query) {
        kind = query.kind
        layout = .named
        mapping = query.mapping
        source = query.mapping.source
        encoding = .utf8
    }

    /// The column of the file that gives one of Suyo's; `nil` where the mapping has none.
    func fileColumn(_ name: String) -> String? {
        switch layout {
        case .own: name
        case .mapped: mapping.columns[name]
        case .named: mapping.columns[name] ?? name
        }
    }

    /// Whether a column must be in the file because the mapping says so.
    func isPromised(_ name: String) -> Bool { layout != .own && mapping.columns[name] != nil }

    /// Whether a file of orders may number its lines itself; else they are counted.
    public var givesLineNumbers: Bool {
        layout != .mapped || mapping.columns["line_no"] != nil || mapping.constants["line_no"] != nil
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
