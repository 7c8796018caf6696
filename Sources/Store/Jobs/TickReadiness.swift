internal import PostgresClient
internal import Scheduling

/// Whether what ticks wait for is there: other jobs first, then data.
enum TickReadiness {
    /// What becomes of ticks that are due.
    enum Answer {
        /// They fire; the note says so where they do without what they waited for.
        case fire(note: String?)
        /// They wait, and this is for what; the next look is at an instant in seconds since 1970.
        case wait(String, until: Int)
        /// They are skipped, for a reason.
        case skip(String)
    }

    /// Asks about a plan of a job's ticks.
    static func ask(
        _ definition: JobDefinition, _ plan: TickPlanner.Plan, _ schedule: Schedule, now: Int, _ connection: Connection
    ) async throws -> Answer {
        guard let oldest = plan.oldest, let tick = plan.lastFiring else { return .fire(note: nil) }
        var notes: [String] = []
        if let after = definition.after {
            let answer = try await Predecessors.ask(
                after, tick: tick, oldest: oldest, schedule, now: now, connection)
            guard case .fire(let note) = answer else { return answer }
            notes += note.map { [$0] } ?? []
        }
        if let condition = definition.readyWhen {
            let answer = try await DataReadiness.ask(
                condition, tick: tick, oldest: oldest, schedule, now: now, connection)
            guard case .fire(let note) = answer else { return answer }
            notes += note.map { [$0] } ?? []
        }
        return .fire(note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }
}
