internal import ContentHash
internal import Foundation
internal import Yams

extension SourceDefinition {
    /// Every key of a source.
    static let keys = [
        "source", "database", "role", "time_zone", "timeout_seconds", "accept_deletions", "queries",
    ]
    /// Every key of one of its queries.
    static let queryKeys = [
        "kind", "query", "changed_at", "overlap_days", "deletions_within_days", "columns", "constants", "upper_case",
        "rules",
    ]

    /// Reads a file: a job of kind `import`, whose `spec` is the source, or the source alone.
    ///
    /// Throws ``IntakeError/mapping(file:line:reason:)`` with the line, what is wrong there, and the valid choices.
    public init(yamlFile path: String) throws {
        guard let text = FileManager.default.contents(atPath: path) else {
            throw IntakeError.mapping(file: path, line: nil, reason: "the file of the source cannot be read")
        }
        try self.init(yaml: String(decoding: text, as: UTF8.self), file: path)
    }

    /// Reads YAML or JSON text; `file` names it in errors.
    public init(yaml text: String, file: String) throws {
        let reader = MappingReader(file: file)
        var node = try reader.document(text)
        let outer = try reader.object(node, "the source", keys: nil)
        if let spec = outer["spec"] {
            guard let kind = outer["kind"]?.string, kind == "import" else {
                throw reader.error(outer["kind"] ?? node, "a job that reads a source has the kind import")
            }
            node = spec
        }
        let top = try reader.object(node, "the source", keys: SourceDefinition.keys)
        guard let sourceNode = top["source"] else {
            throw reader.error(node, "there is no key source: name the system the tables belong to")
        }
        source = try reader.text(sourceNode, "source")
        location = try top["database"].map { try SourceDefinition.location($0, reader) } ?? .own
        role = try top["role"].map { try reader.text($0, "role") }
        timeZone = try top["time_zone"].map { try reader.timeZone($0) }
        timeoutSeconds =
            try top["timeout_seconds"].map { try reader.integer($0, "timeout_seconds", in: 1...86_400) } ?? 600
        acceptsDeletions = try top["accept_deletions"].map { try reader.boolean($0, "accept_deletions") } ?? false
        guard let queriesNode = top["queries"], let list = queriesNode.sequence, !list.isEmpty else {
            throw reader.error(
                top["queries"] ?? node, "there is no list queries: give one query for each kind of record")
        }
        var queries: [Query] = []
        for node in list {
            let query = try SourceDefinition.query(node, reader, source: source, timeZone: timeZone)
            guard !queries.contains(where: { $0.kind == query.kind }) else {
                throw reader.error(
                    node, "there are two queries of kind \(query.kind.rawValue): join them by UNION ALL")
            }
            queries.append(query)
        }
        // What others name comes first, so that it comes in as it was declared.
        let first: [IntakeKind] = [.sites, .items, .customers]
        self.queries =
            first.compactMap { kind in queries.first { $0.kind == kind } }
            + queries.filter { !first.contains($0.kind) }
    }

    private static func location(_ node: Node, _ reader: MappingReader) throws -> Location {
        let text = try reader.text(node, "database")
        if text.hasPrefix("env:") { return .environment(String(text.dropFirst(4))) }
        let afterScheme = text.range(of: "://").map { text[$0.upperBound...] } ?? ""
        let user = afterScheme.prefix { $0 != "/" && $0 != "?" }.split(separator: "@", omittingEmptySubsequences: false)
        guard !text.contains("password="), !(user.count > 1 && user[0].contains(":")) else {
            throw reader.error(
                node,
                "a password does not belong here, where many can read it: write env:NAME and set that variable, or use ~/.pgpass"
            )
        }
        return .connection(text)
    }

    private static func query(
        _ node: Node, _ reader: MappingReader, source: String, timeZone: String?
    ) throws -> Query {
        let values = try reader.object(node, "a query", keys: queryKeys)
        let kind = try reader.kind(values, of: node)
        guard let statementNode = values["query"] else {
            throw reader.error(node, "there is no key query: write the SELECT that gives the \(kind.rawValue)")
        }
        var statement = try reader.text(statementNode, "query").trimmingCharacters(in: .whitespacesAndNewlines)
        while statement.hasSuffix(";") {
            statement = String(statement.dropLast()).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var mapping = IntakeMapping(kind: kind, source: source)
        mapping.delimiter = 0x2c
        mapping.timeZone = timeZone
        try reader.fill(&mapping, from: values)
        if let node = values["deletions_within_days"], kind != .orders {
            throw reader.error(
                node, "deletions_within_days goes with orders: \(kind.rawValue) are only added to and corrected")
        }
        if let node = values["overlap_days"], values["changed_at"] == nil {
            throw reader.error(node, "overlap_days goes with changed_at: without it everything is read each time")
        }
        var query = Query(
            statement: statement, mapping: mapping,
            changedAt: try values["changed_at"].map { try reader.text($0, "changed_at") },
            overlapDays: try values["overlap_days"].map { try reader.integer($0, "overlap_days", in: 0...3650) } ?? 1,
            deletionsWithinDays: try values["deletions_within_days"].map {
                try reader.integer($0, "deletions_within_days", in: 1...3650)
            }, hash: "")
        var hash = SHA256()
        for key in queryKeys.sorted() where key != "overlap_days" && key != "deletions_within_days" {
            guard let value = values[key] else { continue }
            hash.update(Array("\(key)=\(reader.canonical(value))\u{1f}".utf8))
        }
        hash.update(Array((timeZone ?? "").utf8))
        query.hash = hash.finish()
        return query
    }
}
