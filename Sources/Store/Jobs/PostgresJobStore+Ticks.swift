internal import PostgresClient
internal import Scheduling

extension PostgresJobStore {
    /// Fires the ticks that are due, one transaction for each job, and returns how many runs it enqueued.
    ///
    /// After a long outage of many jobs there may be more than a few seconds' work; it returns in between, so that
    /// whoever asked is seen to be alive.
    ///
    /// Where nothing is due any more, forecasts that should have been published by now are (``JobDefinition/publishBy``).
    public func fireTicks() async throws -> Int {
        let end = ContinuousClock.now + .seconds(5)
        var enqueued = 0
        while ContinuousClock.now < end {
            switch try await fireTicksOfOneJob() {
            case .fired(let count): enqueued += count
            case .nothingDue(let stale):
                // Whoever plans stock has to see it: the run that would have said so is the one that did not come.
                if stale > 0 { try await PlanningStore(database: database).refresh() }
                return enqueued
            }
        }
        return enqueued
    }

    /// What one look at the jobs came to.
    private enum Round {
        /// One was due, and made so many runs.
        case fired(Int)
        /// None was; so many forecasts were published once more, marked stale.
        case nothingDue(stale: Int)
    }

    private func fireTicksOfOneJob() async throws -> Round {
        try await database.transaction { connection in
            // The lock lets people enqueue runs of the job meanwhile. A job that another daemon holds is in good hands.
            let due = try await connection.query(
                """
                SELECT \(unescaped: JobRow.columns) FROM suyo.job AS j
                WHERE coalesce(j.next_fire_at, '-infinity') <= pg_catalog.now() AND j.removed_at IS NULL
                ORDER BY coalesce(j.next_fire_at, '-infinity') LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
                """)
            guard let job = try due.first.map(JobRow.init) else {
                let stale = try await connection.query("SELECT suyo.publish_overdue()")
                return .nothingDue(stale: try stale[0].decode(0, as: Int.self))
            }
            let (definition, schedule): (JobDefinition, Schedule?)
            do {
                (definition, schedule) = try job.read()
            } catch let error as JobDefinition.Invalid {
                // One job's mistake must not keep the others from firing.
                try await PostgresJobStore.plan(job, next: nil, problem: error.description, connection)
                return .fired(0)
            }
            guard let schedule else {
                try await PostgresJobStore.plan(job, next: nil, problem: nil, connection)
                return .fired(0)
            }
            var plan = TickPlanner.decide(
                definition, schedule: schedule, considered: job.considered, now: job.now,
                pauses: try await PostgresJobStore.pauses(of: job, connection),
                open: try await PostgresJobStore.openRuns(of: job, connection))
            try await PostgresJobStore.expectPublication(
                after: plan.lastFiring, of: job, definition, schedule, connection)
            var note: String?
            switch try await TickReadiness.ask(definition, plan, schedule, now: job.now, connection) {
            case .fire(let reason): note = reason
            case .wait(let missing, let until):
                // Nothing is decided: the ticks stay due, and are looked at again.
                try await PostgresJobStore.wait(job, for: missing, until: until, connection)
                return .fired(0)
            case .skip(let reason): plan.skipRest(reason)
            }
            if plan.cancelsRunsBefore {
                _ = try await connection.query(
                    """
                    SELECT suyo.cancel(run_id) FROM suyo.run
                    WHERE job_id = \(job.jobID) AND state IN ('available', 'scheduled', 'retryable', 'running')
                    """)
            }
            let enqueued = try await TickLedger.record(
                plan.decisions, of: job.jobID, definition, note: note, connection)
            try await PostgresJobStore.plan(job, next: schedule.next(after: job.now), problem: nil, connection)
            return .fired(enqueued)
        }
    }

    /// Takes note of what was considered, and of when to look again: never, where there is no next tick.
    private static func plan(_ job: JobRow, next: Int?, problem: String?, _ connection: Connection) async throws {
        try await connection.execute(
            """
            UPDATE suyo.job SET problem = \(problem), waits_for = NULL,
                considered_until = greatest(considered_until, pg_catalog.to_timestamp(\(job.now))),
                next_fire_at = coalesce(pg_catalog.to_timestamp(\(next)), 'infinity')
            WHERE job_id = \(job.jobID)
            """)
    }

    /// Takes note of by when a forecast is to be published after a tick, fired or waiting; nothing where no job says so.
    private static func expectPublication(
        after tick: Int?, of job: JobRow, _ definition: JobDefinition, _ schedule: Schedule, _ connection: Connection
    ) async throws {
        guard let tick, let deadline = definition.publishDeadline(of: tick, schedule) else { return }
        try await connection.execute(
            """
            INSERT INTO suyo.publish_deadline (job_id, fire_at, due_at)
            VALUES (\(job.jobID), pg_catalog.to_timestamp(\(tick)), pg_catalog.to_timestamp(\(deadline)))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Takes note of what ticks wait for, and of when to look again; they stay undecided.
    private static func wait(
        _ job: JobRow, for missing: String, until: Int, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            UPDATE suyo.job SET problem = NULL, waits_for = \(missing), next_fire_at = pg_catalog.to_timestamp(\(until))
            WHERE job_id = \(job.jobID)
            """)
    }

    private static func openRuns(of job: JobRow, _ connection: Connection) async throws -> TickPlanner.OpenRuns {
        let rows = try await connection.query(
            """
            SELECT pg_catalog.count(*) FILTER (WHERE attempt = 0) AS waiting,
                pg_catalog.count(*) FILTER (WHERE attempt > 0) AS begun
            FROM suyo.run
            WHERE job_id = \(job.jobID) AND state IN ('available', 'scheduled', 'retryable', 'running')
            """)
        return TickPlanner.OpenRuns(
            waiting: try rows[0].decode("waiting", as: Int.self), begun: try rows[0].decode("begun", as: Int.self))
    }

    private static func pauses(of job: JobRow, _ connection: Connection) async throws -> [TickPlanner.Pause] {
        try await connection.query(
            """
            SELECT extract(epoch FROM paused_at)::float8 AS start, extract(epoch FROM resumed_at)::float8 AS end,
                paused_by
            FROM suyo.job_pause
            WHERE job_id = \(job.jobID) AND coalesce(resumed_at, 'infinity') > pg_catalog.to_timestamp(\(job.considered))
            """
        ).map { row in
            TickPlanner.Pause(
                start: try row.decode("start", as: Double.self), end: try row.decode("end", as: Double?.self),
                by: try row.decode("paused_by", as: String.self))
        }
    }
}
