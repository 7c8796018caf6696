internal import PostgresClient
public import Scheduling

/// Keeps jobs, ticks and runs in the schema `suyo`.
///
/// Only the database's clock decides what is due, and every tick has one row in `suyo.tick`, whose key is unique: however
/// many daemons look at once, one of them fires it.
public struct PostgresJobStore: JobStore {
    let database: Database

    /// A store in one database.
    public init(database: Database) { self.database = database }

    /// Says that a process works on runs, or still does.
    public func register(_ worker: WorkerIdentity) async throws {
        try await database.transaction { connection in
            _ = try await connection.execute(
                """
                INSERT INTO suyo.worker (worker_id, host, process_id, code_version, processor, kinds)
                VALUES (\(worker.workerID)::uuid, \(worker.host), \(worker.processID), \(worker.codeVersion),
                    \(worker.processor), \(worker.kinds))
                ON CONFLICT (worker_id) DO UPDATE SET seen_at = pg_catalog.now()
                """)
        }
    }

    /// Seconds from now to the next tick or the next time by which a forecast is to be published, by the database's clock;
    /// `nil` where none is known.
    public func secondsToNextTick() async throws -> Double? {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT extract(epoch FROM least(
                    (SELECT coalesce(j.next_fire_at, pg_catalog.now()) FROM suyo.job AS j
                        WHERE j.removed_at IS NULL AND coalesce(j.next_fire_at, '-infinity') < 'infinity'
                        ORDER BY coalesce(j.next_fire_at, '-infinity') LIMIT 1),
                    (SELECT d.due_at FROM suyo.publish_deadline AS d WHERE d.decided_at IS NULL
                        ORDER BY d.due_at LIMIT 1)) - pg_catalog.clock_timestamp())::float8
                """
            ).first?.decode(0, as: Double?.self)
        }
    }

    /// Claims the next run of some kinds, or the one named; the most urgent and oldest first.
    ///
    /// A run that may not overlap is passed over while another of its job runs, and so is one of a kind of which as many run
    /// on all hosts together as `suyo.run_limit` allows.
    public func claim(kinds: [String], runID: Int64?, worker: String) async throws -> ClaimedRun? {
        while true {
            do {
                return try await claimOnce(kinds, runID, worker)
            } catch let error as PostgresError where error.code == .uniqueViolation {
                // Two claims took two runs of one job at the same moment, and the index refused the second. By now the
                // first can be seen.
                continue
            }
        }
    }

    private func claimOnce(_ kinds: [String], _ runID: Int64?, _ worker: String) async throws -> ClaimedRun? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                "SELECT * FROM suyo.claim(\(kinds), \(runID)::bigint, \(worker)::uuid)")
            return try rows.first.map { row in
                ClaimedRun(
                    runID: try row.decode("run_id", as: Int64.self), fence: try row.decode("fence", as: Int64.self),
                    jobName: try row.decode("job_name", as: String.self), kind: try row.decode("kind", as: String.self),
                    spec: try row.decode("spec", as: String.self), attempt: try row.decode("attempt", as: Int.self),
                    maxAttempts: try row.decode("max_attempts", as: Int.self),
                    retry: JobRow.retryPolicy(try row.decode("retry", as: String.self)),
                    timeoutSeconds: try row.decode("timeout_seconds", as: Double?.self),
                    secondsLate: try row.decode("late", as: Double?.self))
            }
        }
    }

    /// Says that an attempt is alive and how far it is.
    public func heartbeat(_ run: ClaimedRun, percent: Double?, message: String?) async throws -> LeaseState {
        try await database.transaction { connection in
            // An attempt that is publishing holds its lease locked, and is very much alive: not waited for.
            let rows = try await connection.query(
                """
                WITH held AS (
                    SELECT run_id FROM suyo.lease WHERE run_id = \(run.runID) AND fence = \(run.fence)
                    FOR NO KEY UPDATE SKIP LOCKED),
                beat AS (
                    UPDATE suyo.lease AS l SET heartbeat_at = pg_catalog.now(), percent = \(percent),
                        message = \(message.map(PostgresJobStore.storable))
                    FROM held WHERE l.run_id = held.run_id)
                SELECT r.cancel_requested_at IS NOT NULL AS cancelled
                FROM suyo.lease AS l JOIN suyo.run AS r USING (run_id)
                WHERE l.run_id = \(run.runID) AND l.fence = \(run.fence)
                """)
            guard let row = rows.first else { return .lost }
            return try row.decode("cancelled", as: Bool.self) ? .cancelRequested : .held
        }
    }

    /// Adds a line to the run's log, where the attempt still holds the run.
    public func log(_ run: ClaimedRun, level: String, message: String) async throws {
        try await database.transaction { connection in
            _ = try await connection.execute(
                """
                INSERT INTO suyo.run_log (run_id, attempt, level, message)
                SELECT \(run.runID), \(run.attempt), \(level), \(PostgresJobStore.storable(message))
                FROM suyo.lease WHERE run_id = \(run.runID) AND fence = \(run.fence)
                """)
        }
    }

    /// Text as PostgreSQL can store it: a message may quote anything, and a NUL in it must not keep a run from ending.
    static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : text
    }
}
