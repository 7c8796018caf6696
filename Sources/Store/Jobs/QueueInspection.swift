internal import PostgresClient

/// What a daemon tells of the queue and the ledger, beyond what it does itself.
public struct QueueInspection: Sendable {
    private let database: Database

    /// An inspection of one database.
    public init(database: Database) { self.database = database }

    /// Runs that are not over, by state; 0 for states that none is in.
    public func depth() async throws -> [String: Int] {
        try await database.transaction { connection in
            var depth = ["available": 0, "scheduled": 0, "retryable": 0, "running": 0]
            for row in try await connection.query(
                """
                SELECT state, pg_catalog.count(*) AS count FROM suyo.run
                WHERE state IN ('available', 'scheduled', 'retryable', 'running') GROUP BY state
                """)
            { depth[try row.decode("state", as: String.self)] = try row.decode("count", as: Int.self) }
            return depth
        }
    }

    /// Ticks of the last 24 hours, by job's fate: `enqueued`, or the reason why they were skipped.
    public func ticksOfTheLastDay() async throws -> [(outcome: String, reason: String, count: Int)] {
        try await database.transaction { connection in
            // By job, because the ledger is kept by job and instant, and is never emptied.
            try await connection.query(
                """
                SELECT t.outcome, coalesce(t.reason, '') AS reason, pg_catalog.sum(t.tick_count)::bigint AS count
                FROM suyo.job AS j JOIN suyo.tick AS t ON t.job_id = j.job_id
                    AND t.fire_at > pg_catalog.now() - interval '1 day'
                GROUP BY t.outcome, t.reason ORDER BY count DESC LIMIT 50
                """
            ).map { row in
                (
                    try row.decode("outcome", as: String.self), try row.decode("reason", as: String.self),
                    try row.decode("count", as: Int.self)
                )
            }
        }
    }
}
