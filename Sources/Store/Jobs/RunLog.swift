internal import PostgresClient

/// What runs had to say, line by line.
public struct RunLog: Sendable {
    private let database: Database

    /// The log in one database.
    public init(database: Database) { self.database = database }

    /// One line.
    public struct Line: Sendable, Hashable {
        /// Its place: lines of a run ascend.
        public var logID: Int64
        /// When, UTC: `2026-11-25 23:18:57Z`.
        public var at: String
        /// Which attempt.
        public var attempt: Int
        /// debug, info, warning or error.
        public var level: String
        /// Which kind of failure ended the attempt, where the line says so.
        public var failure: String?
        /// What.
        public var message: String
    }

    /// The lines of a run after one of them, 0 for all.
    public func lines(of runID: Int64, after logID: Int64) async throws -> [Line] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT log_id, pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS at, attempt, level,
                    failure, message
                FROM suyo.run_log WHERE run_id = \(runID) AND log_id > \(logID) ORDER BY log_id
                """
            ).map { row in
                Line(
                    logID: try row.decode("log_id", as: Int64.self), at: try row.decode("at", as: String.self),
                    attempt: try row.decode("attempt", as: Int.self), level: try row.decode("level", as: String.self),
                    failure: try row.decode("failure", as: String?.self),
                    message: try row.decode("message", as: String.self))
            }
        }
    }
}
