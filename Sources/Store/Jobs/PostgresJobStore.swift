internal import Foundation
internal import PostgresClient
public import Scheduling

/// Keeps jobs, ticks and runs in the schema `suyo`.
///
/// Only the database's clock decides what is due, and every tick has one row in `suyo.tick`, whose key is unique: however
/// many daemons look at once, one of them fires it.
public struct PostgresJobStore: JobStore {
    private let database: Database
    /// Seconds without a heartbeat after which a lease is taken back.
    static let leaseSeconds = 30

    /// A store in one database.
    public init(database: Database) { self.database = database }

    /// Fires every tick that is due, one transaction for each job, and returns how many runs it enqueued.
    public func fireTicks() async throws -> Int {
        var enqueued = 0
        while let count = try await fireTicksOfOneJob() { enqueued += count }
        return enqueued
    }

    /// `nil` where no job is due.
    private func fireTicksOfOneJob() async throws -> Int? {
        try await database.transaction { connection in
            let due = try await connection.query(
                """
                SELECT j.job_id, \(unescaped: JobRow.definitionSQL) AS definition,
                    extract(epoch FROM j.considered_until)::bigint AS considered,
                    extract(epoch FROM pg_catalog.now())::bigint AS now,
                    (SELECT pg_catalog.count(*) FROM suyo.run AS r WHERE r.job_id = j.job_id
                        AND r.state IN ('scheduled', 'available', 'running', 'retryable')) AS active
                FROM suyo.job AS j
                WHERE j.next_fire_at <= pg_catalog.now() AND j.paused_at IS NULL AND j.removed_at IS NULL
                ORDER BY j.next_fire_at LIMIT 1 FOR UPDATE SKIP LOCKED
                """)
            guard let row = due.first else { return nil }
            let jobID = try row.decode("job_id", as: Int64.self)
            let definition = try JobRow.definition(try row.decode("definition", as: String.self))
            let now = try row.decode("now", as: Int.self)
            guard let schedule = try definition.schedule() else {
                try await connection.execute("UPDATE suyo.job SET next_fire_at = NULL WHERE job_id = \(jobID)")
                return 0
            }
            let decisions = TickPlanner.decide(
                definition, schedule: schedule, considered: try row.decode("considered", as: Int.self), now: now,
                activeRuns: try row.decode("active", as: Int.self))
            var enqueued = 0
            for decision in decisions {
                enqueued += try await PostgresJobStore.record(decision, of: jobID, definition, connection)
            }
            try await connection.execute(
                """
                UPDATE suyo.job SET considered_until = pg_catalog.to_timestamp(\(now)),
                    next_fire_at = pg_catalog.to_timestamp(\(schedule.next(after: now)))
                WHERE job_id = \(jobID)
                """)
            return enqueued
        }
    }

    private static func record(
        _ decision: TickPlanner.Decision, of jobID: Int64, _ definition: JobDefinition, _ connection: Connection
    ) async throws -> Int {
        if let reason = decision.skipReason {
            try await connection.execute(
                """
                INSERT INTO suyo.tick (job_id, fire_at, outcome, reason)
                VALUES (\(jobID), pg_catalog.to_timestamp(\(decision.fireAt)), 'skipped', \(reason))
                ON CONFLICT DO NOTHING
                """)
            return 0
        }
        // The key decides before the run exists: where the tick is there already, nothing is enqueued.
        return try await connection.execute(
            """
            WITH made AS (
                INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, scheduled_for, max_attempts, timeout_seconds)
                SELECT \(jobID), \(definition.name), \(definition.kind), \(json: definition.spec), 'schedule',
                    pg_catalog.to_timestamp(\(decision.fireAt)), \(definition.maxAttempts),
                    \(definition.timeoutSeconds)
                WHERE NOT EXISTS (SELECT FROM suyo.tick
                    WHERE job_id = \(jobID) AND fire_at = pg_catalog.to_timestamp(\(decision.fireAt)))
                RETURNING run_id)
            INSERT INTO suyo.tick (job_id, fire_at, outcome, run_id)
            SELECT \(jobID), pg_catalog.to_timestamp(\(decision.fireAt)), 'enqueued', run_id FROM made
            """)
    }

    /// Takes back the runs of workers that died: to be tried again, or failed where no attempt is left.
    public func rescue() async throws -> Int {
        try await database.transaction { connection in
            try await connection.execute(
                """
                WITH dead AS (
                    SELECT l.run_id FROM suyo.lease AS l
                    JOIN suyo.run AS r USING (run_id)
                    WHERE r.state = 'running'
                        AND l.heartbeat_at < pg_catalog.now() - pg_catalog.make_interval(secs => \(Double(PostgresJobStore.leaseSeconds)))
                    FOR UPDATE OF l, r SKIP LOCKED),
                freed AS (DELETE FROM suyo.lease WHERE run_id IN (SELECT run_id FROM dead))
                UPDATE suyo.run SET
                    state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                        WHEN attempt < max_attempts THEN 'retryable' ELSE 'failed' END,
                    available_at = pg_catalog.now(), fence = fence + 1,
                    finished_at = CASE WHEN attempt < max_attempts AND cancel_requested_at IS NULL THEN NULL
                        ELSE pg_catalog.now() END,
                    error = 'The worker died: it sent no heartbeat for 30 s.'
                WHERE run_id IN (SELECT run_id FROM dead)
                """)
        }
    }

    /// Claims the next run of some kinds, the most urgent and oldest first, or the one named.
    public func claim(kinds: [String], runID: Int64?, worker: String) async throws -> ClaimedRun? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                WITH next AS (
                    SELECT run_id FROM suyo.run
                    WHERE state IN ('available', 'scheduled', 'retryable') AND available_at <= pg_catalog.now()
                        AND kind = ANY (\(kinds)) AND (\(runID) IS NULL OR run_id = \(runID))
                    ORDER BY priority, available_at, run_id LIMIT 1 FOR UPDATE SKIP LOCKED),
                taken AS (
                    UPDATE suyo.run AS r SET state = 'running', attempt = attempt + 1, fence = fence + 1,
                        started_at = coalesce(started_at, pg_catalog.now()), error = NULL
                    FROM next WHERE r.run_id = next.run_id RETURNING r.*),
                leased AS (
                    INSERT INTO suyo.lease (run_id, fence, worker_id)
                    SELECT run_id, fence, \(worker)::uuid FROM taken
                    ON CONFLICT (run_id) DO UPDATE SET fence = excluded.fence, worker_id = excluded.worker_id,
                        heartbeat_at = pg_catalog.now(), percent = NULL, message = NULL)
                SELECT run_id, fence, job_name, kind, spec::text AS spec, attempt, max_attempts, timeout_seconds FROM taken
                """)
            return try rows.first.map { row in
                ClaimedRun(
                    runID: try row.decode("run_id", as: Int64.self), fence: try row.decode("fence", as: Int64.self),
                    jobName: try row.decode("job_name", as: String.self), kind: try row.decode("kind", as: String.self),
                    spec: try row.decode("spec", as: String.self), attempt: try row.decode("attempt", as: Int.self),
                    maxAttempts: try row.decode("max_attempts", as: Int.self),
                    timeoutSeconds: try row.decode("timeout_seconds", as: Double?.self))
            }
        }
    }

    /// Says that an attempt is alive; `false` where it has lost its lease or was asked to stop.
    public func heartbeat(_ run: ClaimedRun, percent: Double?, message: String?) async throws -> Bool {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                UPDATE suyo.lease AS l SET heartbeat_at = pg_catalog.now(), percent = \(percent), message = \(message)
                FROM suyo.run AS r
                WHERE l.run_id = \(run.runID) AND l.fence = \(run.fence) AND r.run_id = l.run_id
                RETURNING r.cancel_requested_at IS NULL
                """)
            return try rows.first?.decode(0, as: Bool.self) ?? false
        }
    }

    /// Records how an attempt ended; `false` where it had lost its lease.
    public func finish(_ run: ClaimedRun, _ end: AttemptEnd) async throws -> Bool {
        let state: String
        var result: String?
        var error: String?
        var wait: Double?
        var counts = true
        switch end {
        case .completed(let json): (state, result) = ("completed", json)
        case .interrupted: (state, wait, counts) = ("retryable", 0, false)
        case .failed(let text, let isWorthARetry):
            error = text
            let isRetried = isWorthARetry && run.attempt < run.maxAttempts
            state = isRetried ? "retryable" : "failed"
            wait = isRetried ? RetryPolicy.delay(attempt: run.attempt, runID: run.runID) : nil
        }
        return try await database.transaction { [result, error, wait, counts] connection in
            try await connection.execute(
                """
                WITH mine AS (
                    DELETE FROM suyo.lease WHERE run_id = \(run.runID) AND fence = \(run.fence) RETURNING run_id)
                UPDATE suyo.run AS r SET
                    state = CASE WHEN r.cancel_requested_at IS NOT NULL AND \(state) <> 'completed' THEN 'cancelled'
                        ELSE \(state) END,
                    result = \(json: result), error = \(error), attempt = attempt - \(counts ? 0 : 1),
                    available_at = pg_catalog.now() + pg_catalog.make_interval(secs => \(wait ?? 0)),
                    finished_at = CASE WHEN \(wait) IS NULL OR r.cancel_requested_at IS NOT NULL
                        THEN pg_catalog.now() END
                FROM mine WHERE r.run_id = mine.run_id
                """) == 1
        }
    }

    /// Adds a line to the run's log.
    public func log(_ run: ClaimedRun, level: String, message: String) async throws {
        try await database.transaction { connection in
            _ = try await connection.execute(
                """
                INSERT INTO suyo.run_log (run_id, attempt, level, message)
                VALUES (\(run.runID), \(run.attempt), \(level), \(message))
                """)
        }
    }
}
