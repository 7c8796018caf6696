internal import PostgresClient

/// Where a run stands.
public struct RunStanding: Sendable, Hashable {
    /// scheduled, available, running, retryable, completed, failed or cancelled.
    public var state: String
    /// Progress of a running attempt, 0 to 100.
    public var percent: Double?
    /// What a running attempt is doing.
    public var message: String?
    /// Why its last attempt failed.
    public var error: String?
    /// What it reported, as JSON.
    public var result: String?
    /// Another run of the same job that goes on, and that this one waits for.
    public var waitsFor: Int64?
    /// Whether as many runs go on as the limits allow.
    public var isHeldBack: Bool

    /// Whether nothing more will happen to it.
    public var isOver: Bool { ["completed", "failed", "cancelled"].contains(state) }
}

extension JobCatalog {
    /// Where a run stands; `nil` where there is none of that number.
    public func standing(ofRun runID: Int64) async throws -> RunStanding? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT r.state, l.percent::float8 AS percent, l.message, r.error, r.result::text AS result,
                    (SELECT other.run_id FROM suyo.run AS other WHERE other.job_id = r.job_id AND other.state = 'running'
                        AND other.exclusive AND r.exclusive AND other.run_id <> r.run_id LIMIT 1) AS waits_for,
                    EXISTS (SELECT FROM suyo.run_limit AS m WHERE m.kind IN ('*', r.kind) AND m.max_runs <= (
                        SELECT pg_catalog.count(*) FROM suyo.lease JOIN suyo.run AS o USING (run_id)
                        WHERE m.kind IN ('*', o.kind))) AS held_back
                FROM suyo.run AS r LEFT JOIN suyo.lease AS l USING (run_id) WHERE r.run_id = \(runID)
                """)
            return try rows.first.map { row in
                RunStanding(
                    state: try row.decode("state", as: String.self),
                    percent: try row.decode("percent", as: Double?.self),
                    message: try row.decode("message", as: String?.self),
                    error: try row.decode("error", as: String?.self),
                    result: try row.decode("result", as: String?.self),
                    waitsFor: try row.decode("waits_for", as: Int64?.self),
                    isHeldBack: try row.decode("held_back", as: Bool.self))
            }
        }
    }
}
