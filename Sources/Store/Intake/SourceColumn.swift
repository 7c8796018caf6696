internal import Intake

/// A column of a source's query, and what becomes of it.
public struct SourceColumn: Sendable, Hashable {
    /// What the query's records are.
    public var kind: String
    /// Its name.
    public var name: String
    /// Its type, as PostgreSQL calls it.
    public var type: String
    /// The columns of Suyo's it gives, or what else it is for; empty where it is not used.
    public var use: String

    private static let numbers: Set = ["int2", "int4", "int8", "numeric", "float4", "float8"]
    private static let times: Set = ["date", "timestamp", "timestamptz"]

    init(_ query: SourceDefinition.Query, name: String, type: String) {
        kind = query.kind.rawValue
        self.name = name
        self.type = type
        var uses = query.kind.columns.filter {
            query.name(of: $0.name) == name && query.mapping.constants[$0.name] == nil
        }
        .map(\.name)
        if query.changedAt == name { uses.append("when it was changed") }
        if query.mapping.rules.contains(where: { $0.conditions.contains { $0.column == name } }) {
            uses.append("rules")
        }
        use = uses.joined(separator: ", ")
    }

    /// What is wrong with the columns of a query, a sentence each.
    static func problems(of query: SourceDefinition.Query, _ columns: [SourceColumn]) -> [String] {
        let kind = query.kind.rawValue
        let given = columns.map(\.name).joined(separator: ", ")
        let byName = Dictionary(columns.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        var problems: [String] = []
        for (name, group) in Dictionary(grouping: columns, by: \.name) where group.count > 1 {
            problems.append("\(kind): the query gives \(group.count) columns \(name): name them apart with AS")
        }
        for column in query.kind.columns {
            let name = query.name(of: column.name)
            let isSet = query.mapping.constants[column.name] != nil
            guard let type = byName[name] else {
                // Without numbers of their own, lines read a few at a time would be counted anew each time.
                let isNeeded = column.isRequired || (query.kind == .orders && column.name == "line_no")
                if query.mapping.columns[column.name] != nil || (isNeeded && !isSet) {
                    problems.append(
                        "\(kind): the query gives no column \(name)\(name == column.name ? "" : " for \(column.name)")\(isNeeded ? ", which is needed" : ""); it gives \(given)"
                    )
                }
                continue
            }
            if !isSet, let wanted = misfit(type, column.type) {
                problems.append(
                    "\(kind): column \(name) is of type \(type), but \(column.name) is \(wanted.what): cast it in the query, such as \(name)::\(wanted.cast)"
                )
            }
        }
        if let changedAt = query.changedAt {
            if let type = byName[changedAt] {
                if !times.contains(type) {
                    problems.append(
                        "\(kind): changed_at is \(changedAt), which is of type \(type): it must be a date or a timestamp"
                    )
                }
            } else {
                problems.append("\(kind): changed_at names the column \(changedAt); the query gives \(given)")
            }
        }
        for rule in query.mapping.rules {
            for condition in rule.conditions where byName[condition.column] == nil {
                problems.append("\(kind): a rule looks at the column \(condition.column); the query gives \(given)")
            }
        }
        return problems
    }

    /// What a column must be where its type is none of that.
    private static func misfit(_ type: String, _ wanted: IntakeColumn.ValueType) -> (what: String, cast: String)? {
        switch wanted {
        case .text: type == "bytea" || type.hasPrefix("_") ? ("text", "text") : nil
        case .number: numbers.contains(type) ? nil : ("a number", "numeric")
        case .integer: numbers.contains(type) ? nil : ("a whole number", "bigint")
        case .date: times.contains(type) ? nil : ("a day", "date")
        case .timestamp: times.contains(type) ? nil : ("an instant", "timestamptz")
        }
    }
}
