public import PostgresClient

/// Suyo's view of one PostgreSQL database: the pool every store shares.
///
/// All SQL lives in this target. Every statement names its schema, and every transaction empties the search path, so
/// that no object of the company's own can stand in for one of ours.
public struct Database: Sendable {
    package let pool: ConnectionPool
    package let target: ConnectionTarget
    /// How long a server may take to answer before it counts as one that hangs; `nil` for as long as it likes.
    package let answerLimit: Duration?
    private let statementTimeout: String?

    /// Opens a pool of at most `size` connections; none is made before the first query.
    ///
    /// A statement that takes longer than `statementTimeout` is cancelled by the server; where the server does not do
    /// even that within five more seconds, it hangs, and the connection is given up.
    public init(target: ConnectionTarget, size: Int = 4, statementTimeout: Duration? = nil) {
        answerLimit = statementTimeout.map { $0 + .seconds(5) }
        pool = ConnectionPool(target: target, size: size, answersWithin: answerLimit)
        self.target = target
        self.statementTimeout = statementTimeout.map { "\($0 / .milliseconds(1))" }
    }

    /// How often a connection broke, or turned out to be to a server that takes no writes.
    public var connectionLosses: Int { get async { await pool.losses } }

    /// Closes every connection.
    public func close() async { await pool.close() }

    /// Runs `body` in one transaction with an empty search path.
    package func transaction<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await transaction(startingWith: nil, body)
    }

    /// The same for reading only, all of it as it was at one instant.
    package func snapshot<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await transaction(startingWith: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", body)
    }

    private func transaction<Result: Sendable>(
        startingWith first: Query?, _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await pool.withTransaction { connection in
            if let first { try await connection.execute(first) }
            // Local to the transaction, so that a pooler between us and the server changes nothing. Compiling our
            // queries to machine code takes longer than it saves: a second of the three that reading a history takes.
            if let statementTimeout {
                try await connection.execute(
                    """
                    SELECT pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true),
                        pg_catalog.set_config('statement_timeout', \(statementTimeout), true)
                    """)
            } else {
                try await connection.execute(
                    "SELECT pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true)")
            }
            return try await body(connection)
        }
    }
}
