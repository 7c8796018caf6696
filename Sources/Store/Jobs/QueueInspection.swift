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

    /// The forecast that is current of a portfolio.
    public struct Forecast: Sendable {
        /// The portfolio.
        public var portfolio: String
        /// Seconds since it was made.
        public var age: Double
        /// Whether it is marked stale.
        public var isStale: Bool
        /// Drift incidents of the portfolio that are not resolved.
        public var openIncidents: Int
    }

    /// The forecasts that are current, by portfolio.
    public func forecasts() async throws -> [Forecast] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT p.portfolio, p.status = 'stale' AS is_stale,
                    extract(epoch FROM pg_catalog.now() - coalesce(own.issued_at, p.issued_at))::float8 AS age,
                    (SELECT pg_catalog.count(*) FROM suyo.incident AS i
                        WHERE i.portfolio = p.portfolio AND i.state <> 'resolved') AS open_incidents
                FROM forecast.current_publication AS c
                JOIN forecast.publication AS p USING (publication_id)
                LEFT JOIN forecast.publication AS own ON own.publication_id = p.forecasts_of
                ORDER BY p.portfolio
                """
            ).map { row in
                Forecast(
                    portfolio: try row.decode("portfolio", as: String.self),
                    age: try row.decode("age", as: Double.self), isStale: try row.decode("is_stale", as: Bool.self),
                    openIncidents: try row.decode("open_incidents", as: Int.self))
            }
        }
    }
}
