internal import Pipeline
internal import PostgresClient

/// Ties what a run writes to the run: both are committed, or neither is.
enum RunEffects {
    /// Marks a run as done, in the transaction that holds its effects, and renews its lease, which that transaction may
    /// have locked for longer than it lasts.
    ///
    /// From then on the run is never tried again, even where its worker dies before it can say that it has finished.
    static func seal(_ permit: WritePermit, _ connection: Connection) async throws {
        let sealed = try await connection.execute(
            """
            WITH renewed AS (
                UPDATE suyo.lease SET heartbeat_at = pg_catalog.clock_timestamp()
                WHERE run_id = \(permit.runID) AND fence = \(permit.fence) RETURNING run_id)
            UPDATE suyo.run AS r SET effect_at = pg_catalog.clock_timestamp()
            FROM renewed WHERE r.run_id = renewed.run_id
            """)
        if sealed == 0 { throw PipelineError.staleAttempt }
    }
}
