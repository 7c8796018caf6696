/// A company's own tables as a source: one query for each kind of record, read over and over.
///
/// It stands in a job's `spec` of kind `import`, as YAML or JSON.
public struct SourceDefinition: Sendable {
    /// Where the tables are.
    public enum Location: Sendable, Hashable {
        /// In Suyo's own database.
        case own
        /// In the database whose connection string an environment variable holds.
        case environment(String)
        /// In the database of a connection string without a password.
        case connection(String)
    }

    /// One query, whose result has a column for each of the kind's columns, named like it or mapped to it.
    public struct Query: Sendable {
        /// The SELECT, without a semicolon at its end.
        public var statement: String
        /// What its records are, and how its columns become Suyo's.
        public var mapping: IntakeMapping
        /// The column that says when a record was last changed; `nil` reads all of them each time.
        public var changedAt: String?
        /// How far before the latest change seen the next reading begins, in days: what was changed by a transaction that
        /// was long in committing is not missed.
        public var overlapDays: Int
        /// Lines ordered within so many days are read again each time, and those no longer there count as deleted; `nil`
        /// never looks.
        public var deletionsWithinDays: Int?

        /// What its records are.
        public var kind: IntakeKind { mapping.kind }

        /// Name of the query's column that gives a column of Suyo's.
        public func name(of column: String) -> String { mapping.columns[column] ?? column }

        /// SHA-256 of all that decides what is read: where it differs from last time, everything is read again.
        public var hash: String
    }

    /// Name of the system; part of the key of an order line.
    public var source: String
    /// Where its tables are.
    public var location: Location
    /// Role to read as; `nil` is the one that connects.
    public var role: String?
    /// IANA zone of instants without an offset; `nil` is each site's own.
    public var timeZone: String?
    /// Seconds after which a query is given up.
    public var timeoutSeconds: Int
    /// Whether even very many lines may be taken for deleted at once.
    public var acceptsDeletions: Bool
    /// The queries, sites and items first; each kind once.
    public var queries: [Query]

    /// The connection string; `nil` is Suyo's own database.
    ///
    /// Throws ``IntakeError`` where the environment variable that should hold it is not set.
    public func connectionString(environment: [String: String]) throws -> String? {
        switch location {
        case .own: return nil
        case .connection(let text): return text
        case .environment(let name):
            guard let text = environment[name], !text.isEmpty else {
                throw IntakeError.mapping(
                    file: "Source \(source)", line: nil,
                    reason:
                        "the environment variable \(name), which should hold the connection string of its database, is not set"
                )
            }
            return text
        }
    }
}
