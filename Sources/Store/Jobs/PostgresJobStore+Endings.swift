internal import PostgresClient
public import Scheduling

extension PostgresJobStore {
    /// Records how an attempt ended and what it had to say; `false` where it had lost its lease.
    ///
    /// Effects that were committed decide: such a run is done, and never tried again.
    public func finish(_ run: ClaimedRun, _ end: AttemptEnd, notes: [String]) async throws -> Bool {
        guard let ending = Ending(end, of: run) else { return false }
        return try await database.transaction { connection in
            let isEnded = try await connection.query(
                """
                SELECT suyo.finish(\(run.runID), \(run.fence), \(ending.state), \(json: ending.result), \(ending.error),
                    \(ending.failure?.rawValue), \(ending.delay), \(ending.refund)::integer)
                """)[0].decode(0, as: Bool.self)
            if !isEnded { return try await PostgresJobStore.isRecorded(run, connection) }
            let lines = notes.map { ("info", $0) } + (ending.line.map { [$0] } ?? [])
            if lines.isEmpty { return true }
            // The last line is the ending's, where it has one.
            try await connection.execute(
                """
                INSERT INTO suyo.run_log (run_id, attempt, level, failure, message)
                SELECT \(run.runID), \(run.attempt), line.level,
                    CASE WHEN line.place = \(lines.count) THEN \(ending.failure?.rawValue) END, line.message
                FROM unnest(\(lines.map(\.0)), \(lines.map { PostgresJobStore.storable($0.1) }))
                    WITH ORDINALITY AS line (level, message, place)
                ORDER BY line.place
                """)
            return true
        }
    }

    /// Whether an earlier call has recorded the end, and only its answer was lost: whoever takes a run back, or claims
    /// it anew, raises its fence.
    private static func isRecorded(_ run: ClaimedRun, _ connection: Connection) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT FROM suyo.run WHERE run_id = \(run.runID) AND fence = \(run.fence) AND state <> 'running'
            """)
        return !rows.isEmpty
    }

    /// Takes back the runs of workers that died: to be tried again, or failed where no attempt is left.
    public func rescue() async throws -> Int {
        try await database.transaction { connection in
            // An attempt that is publishing holds its lease locked, and is passed over.
            try await connection.execute(
                """
                WITH dead AS (
                    SELECT l.run_id, r.attempt, CASE WHEN r.effect_at IS NOT NULL THEN 'completed'
                        WHEN r.cancel_requested_at IS NOT NULL THEN 'cancelled'
                        WHEN r.attempt < r.max_attempts AND coalesce(r.retry -> 'on' ? 'crash', true) THEN 'retryable'
                        ELSE 'failed' END AS state,
                        pg_catalog.format('The worker died: it sent no heartbeat for %s s.', \(Lease.seconds)::int) AS error
                    FROM suyo.lease AS l JOIN suyo.run AS r USING (run_id)
                    WHERE r.state = 'running'
                        AND l.heartbeat_at < pg_catalog.now() - pg_catalog.make_interval(secs => \(Lease.seconds))
                    FOR UPDATE OF l, r SKIP LOCKED),
                freed AS (DELETE FROM suyo.lease WHERE run_id IN (SELECT run_id FROM dead)),
                noted AS (
                    INSERT INTO suyo.run_log (run_id, attempt, level, failure, message)
                    SELECT run_id, attempt, 'error', 'crash', error FROM dead)
                UPDATE suyo.run AS r SET state = dead.state, fence = r.fence + 1, available_at = pg_catalog.now(),
                    ended_at = pg_catalog.now(), error = CASE WHEN dead.state <> 'completed' THEN dead.error END,
                    failure = CASE WHEN dead.state <> 'completed' THEN 'crash' END,
                    finished_at = CASE WHEN dead.state <> 'retryable' THEN pg_catalog.now() END
                FROM dead WHERE r.run_id = dead.run_id
                """)
        }
    }
}

/// What becomes of a run when an attempt at it has ended.
private struct Ending {
    var state: String
    var result: String?
    var error: String?
    var failure: FailureClass?
    /// Seconds before the next attempt.
    var delay = 0.0
    /// Attempts given back.
    var refund = 0
    /// What goes into the log: level and message.
    var line: (String, String)?

    /// `nil` where nothing is to be recorded.
    init?(_ end: AttemptEnd, of run: ClaimedRun) {
        switch end {
        case .completed(let json):
            state = "completed"
            result = json
        case .interrupted:
            state = "retryable"
            refund = 1
            line = ("info", "handed back, because the worker stops; the attempt does not count")
        case .cancelled:
            state = "cancelled"
            line = ("warning", "stopped")
        case .failed(let failure, let text):
            let text = PostgresJobStore.storable(text)
            let isRetried = run.isTriedAgain(after: end)
            state = isRetried ? "retryable" : "failed"
            error = text
            self.failure = failure
            delay = isRetried ? run.retry.delay(attempt: run.attempt, runID: run.runID) : 0
            line = ("error", text)
        case .lost:
            return nil
        }
    }
}
