internal import PostgresClient
internal import Scheduling

/// Whether the jobs that a tick waits for have done their part.
enum Predecessors {
    /// Seconds between two looks.
    private static let pause = 5

    /// Asks about a plan whose last firing tick is `tick`, and which waits since `oldest`.
    static func ask(
        _ after: JobDefinition.After, tick: Int, oldest: Int, _ schedule: Schedule, now: Int, _ connection: Connection
    ) async throws -> TickReadiness.Answer {
        guard let deadline = after.deadline(of: oldest, schedule) else { return .fire(note: nil) }
        let previous = schedule.previous(before: tick) ?? tick - 86_400
        var missing: [String] = []
        for name in after.jobs {
            if let standing = try await standing(of: name, after: previous, through: tick, connection) {
                missing.append("\(name) (\(standing))")
            }
        }
        if missing.isEmpty { return .fire(note: nil) }
        let names = missing.joined(separator: ", ")
        if now < deadline { return .wait(names, until: min(now + pause, deadline)) }
        return switch after.otherwise {
        case .run: .fire(note: "fired at its deadline without \(names)")
        case .skip: .skip("after: by its deadline not done: \(names)")
        }
    }

    /// How a job stands whose last tick of a span has not been done; `nil` where it has, or there was none.
    private static func standing(
        of name: String, after start: Int, through end: Int, _ connection: Connection
    ) async throws -> String? {
        let found = try await connection.query(
            """
            SELECT \(unescaped: JobRow.columns) FROM suyo.job AS j WHERE j.name = \(name) AND j.removed_at IS NULL
            """)
        // A job that is gone will never run.
        guard let job = try found.first.map(JobRow.init), let (_, schedule) = try? job.read() else { return nil }
        var since = start + 1
        if let schedule {
            // More than one, because the last few may lie on days off.
            let ticks = schedule.latest(10, after: start, through: end)
            guard let last = ticks.last(where: { schedule.dayOff(at: $0) == nil }) else { return nil }
            since = last
        }
        let runs = try await connection.query(
            """
            SELECT r.run_id, r.state FROM (
                SELECT run_id, state, scheduled_for FROM suyo.run WHERE job_id = \(job.jobID)
                ORDER BY run_id DESC LIMIT 100) AS r
            WHERE r.scheduled_for >= pg_catalog.to_timestamp(\(since))
            ORDER BY r.state = 'completed' DESC, r.run_id DESC LIMIT 1
            """)
        if let run = runs.first {
            let state = try run.decode("state", as: String.self)
            return state == "completed" ? nil : "run \(try run.decode("run_id", as: Int64.self)) is \(state)"
        }
        let ticks = try await connection.query(
            """
            SELECT reason FROM suyo.tick WHERE job_id = \(job.jobID) AND fire_at = pg_catalog.to_timestamp(\(since))
                AND outcome = 'skipped'
            """)
        return try ticks.first.map { "skipped: \(try $0.decode("reason", as: String.self))" } ?? "not run yet"
    }
}
