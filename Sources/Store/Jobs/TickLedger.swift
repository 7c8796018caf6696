internal import PostgresClient
internal import Scheduling

/// Writes decided ticks into `suyo.tick`, whose key is unique: a tick that stands there is never decided again.
enum TickLedger {
    /// Records decisions, enqueues the runs of those that fire, and returns how many it enqueued.
    ///
    /// `note` says what is out of the ordinary about those that fire, in the ledger and in the runs' logs.
    static func record(
        _ decisions: [TickPlanner.Decision], of jobID: Int64, _ definition: JobDefinition, note: String?,
        _ connection: Connection
    ) async throws -> Int {
        var enqueued = 0
        for decision in decisions where decision.skipReason == nil {
            enqueued += try await enqueue(decision.fireAt, of: jobID, definition, note, connection)
        }
        try await skip(decisions, of: jobID, connection)
        return enqueued
    }

    /// Records those of the decisions that skip.
    static func skip(
        _ decisions: [TickPlanner.Decision], of jobID: Int64, _ connection: Connection
    ) async throws {
        let skipped = decisions.filter { $0.skipReason != nil }
        if skipped.isEmpty { return }
        try await connection.execute(
            """
            INSERT INTO suyo.tick (job_id, fire_at, outcome, reason, tick_count)
            SELECT \(jobID), pg_catalog.to_timestamp(t.fire_at), 'skipped', t.reason, t.tick_count
            FROM unnest(\(skipped.map { Int64($0.fireAt) }), \(skipped.map { $0.skipReason ?? "" }),
                \(skipped.map { Int64($0.count) })) AS t (fire_at, reason, tick_count)
            ON CONFLICT DO NOTHING
            """)
    }

    private static func enqueue(
        _ fireAt: Int, of jobID: Int64, _ definition: JobDefinition, _ note: String?, _ connection: Connection
    ) async throws -> Int {
        // The ledger decides before the run exists: where the tick stands there already, nothing is enqueued. One that
        // another daemon writes at the same moment breaks the key, and takes this transaction with it.
        let start = fireAt + Jitter.delay(job: definition.name, fireAt: fireAt, within: definition.jitterSeconds)
        return try await connection.execute(
            """
            WITH made AS (
                INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, scheduled_for, state, available_at,
                    priority, max_attempts, retry, timeout_seconds, exclusive)
                SELECT \(jobID), \(definition.name), \(definition.kind), \(json: definition.spec), 'tick',
                    pg_catalog.to_timestamp(\(fireAt)),
                    CASE WHEN pg_catalog.to_timestamp(\(start)) > pg_catalog.now() THEN 'scheduled' ELSE 'available' END,
                    greatest(pg_catalog.now(), pg_catalog.to_timestamp(\(start))),
                    \(definition.priority)::smallint, \(definition.maxAttempts), \(json: try JobRow.json(definition.retry)),
                    \(definition.timeoutSeconds), \(definition.overlap != .allow)
                WHERE NOT EXISTS (SELECT FROM suyo.tick
                    WHERE job_id = \(jobID) AND fire_at = pg_catalog.to_timestamp(\(fireAt)))
                RETURNING run_id),
            noted AS (
                INSERT INTO suyo.run_log (run_id, attempt, level, message)
                SELECT run_id, 0, 'warning', \(note) FROM made WHERE \(note)::text IS NOT NULL)
            INSERT INTO suyo.tick (job_id, fire_at, outcome, reason, run_id)
            SELECT \(jobID), pg_catalog.to_timestamp(\(fireAt)), 'enqueued', \(note), run_id FROM made
            """)
    }
}
