import Foundation
import Scheduling
import Store
import Synchronization
import Telemetry

/// The daemon's numbers, from what it reports and from what the queue says.
final class DaemonMetrics: Sendable {
    private static let seconds: [Double] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400]

    private static let ticks = Metric(
        "suyo_ticks_fired_total", .counter, help: "Runs that this daemon enqueued, because their ticks came due.")
    private static let ledger = Metric(
        "suyo_ticks_last_day", .gauge, ["outcome", "reason"],
        help: "Ticks of the last 24 hours in the ledger, of all daemons, by outcome and the reason of a skip.")
    private static let lateness = Metric(
        "suyo_run_lateness_seconds", .histogram([0.05] + seconds),
        help: "Time from when a run was due to the start of its first attempt here.")
    private static let depth = Metric(
        "suyo_queue_runs", .gauge, ["state"], help: "Runs that are not over, of all daemons, by state.")
    private static let duration = Metric(
        "suyo_run_seconds", .histogram(seconds), ["kind", "outcome"], help: "Time that attempts took here.")
    private static let rescues = Metric(
        "suyo_rescues_total", .counter, help: "Runs that this daemon took back from workers that died.")
    private static let retries = Metric(
        "suyo_retries_total", .counter, ["kind"], help: "Attempts here that failed and are to be tried again.")
    private static let throughput = Metric(
        "suyo_series_per_second", .gauge, ["kind"], help: "Series that the last completed attempt here made per second."
    )
    private static let age = Metric(
        "suyo_forecast_age_seconds", .gauge, ["portfolio"],
        help: "Time since the forecast that is current was made; one shown once more is as old as it was.")
    private static let stale = Metric(
        "suyo_forecast_stale", .gauge, ["portfolio"],
        help: "1 where the forecast that is current is marked stale: none came in its place by when one was to.")
    private static let incidents = Metric(
        "suyo_incidents_open", .gauge, ["portfolio"], help: "Drift incidents that are not resolved.")
    private static let losses = Metric(
        "suyo_database_connection_losses_total", .counter,
        help: "Connections to the database that broke, or were to a server that takes no writes.")
    private static let skew = Metric(
        "suyo_clock_skew_seconds", .gauge, help: "Seconds by which this machine's clock is ahead of the database's.")
    private static let trouble = Metric(
        "suyo_trouble_total", .counter, help: "Looks at the database that failed and are tried again.")
    private static let hints = Metric(
        "suyo_notifications", .gauge, help: "1 while the database's notifications arrive, 0 where they do not.")

    private struct State {
        var begun: [Int64: ContinuousClock.Instant] = [:]
        var ended = 0
        var isStopping = false
    }

    private let registry = MetricRegistry([ticks, rescues, lateness, losses, trouble, hints])
    private let state = Mutex(State())
    private let database: Database

    init(_ database: Database) { self.database = database }

    /// Takes note of what the daemon reports.
    func record(_ event: Daemon.Event) {
        switch event {
        case .enqueued(let count): registry.add(Double(count), to: DaemonMetrics.ticks)
        case .rescued(let count): registry.add(Double(count), to: DaemonMetrics.rescues)
        case .started(let run):
            state.withLock { $0.begun[run.runID] = .now }
            if let late = run.secondsLate { registry.observe(max(late, 0), in: DaemonMetrics.lateness) }
        case .ended(let run, let end): recordEnd(of: run, end)
        case .trouble: registry.add(to: DaemonMetrics.trouble)
        case .hints(let arrive): registry.set(DaemonMetrics.hints, to: arrive ? 1 : 0)
        case .stopping: state.withLock { $0.isStopping = true }
        }
    }

    /// Takes note of how far this machine's clock is ahead of the database's.
    func record(clockAhead seconds: Double) { registry.set(DaemonMetrics.skew, to: seconds) }

    /// What the daemon does, for people.
    var status: String {
        let state = state.withLock { $0 }
        let runs = state.begun.count == 1 ? "1 run" : "\(state.begun.count) runs"
        return "\(state.isStopping ? "stopping, " : "")\(runs) under way, \(state.ended) done"
    }

    /// Everything, for Prometheus; without what only the database knows where it does not answer.
    func text() async -> String {
        let queue = QueueInspection(database: database)
        let depth = (try? await queue.depth()) ?? [:]
        registry.replace(
            DaemonMetrics.depth, with: Dictionary(uniqueKeysWithValues: depth.map { ([$0.key], Double($0.value)) }))
        let ticks = (try? await queue.ticksOfTheLastDay()) ?? []
        registry.replace(
            DaemonMetrics.ledger,
            with: Dictionary(ticks.map { ([$0.outcome, $0.reason], Double($0.count)) }, uniquingKeysWith: +))
        let forecasts = (try? await queue.forecasts()) ?? []
        for (metric, value) in [
            (DaemonMetrics.age, { $0.age }), (DaemonMetrics.stale, { $0.isStale ? 1 : 0 }),
            (DaemonMetrics.incidents, { Double($0.openIncidents) }),
        ] as [(Metric, (QueueInspection.Forecast) -> Double)] {
            registry.replace(
                metric, with: Dictionary(uniqueKeysWithValues: forecasts.map { ([$0.portfolio], value($0)) }))
        }
        registry.set(DaemonMetrics.losses, to: Double(await database.connectionLosses))
        return registry.text()
    }

    private func recordEnd(of run: ClaimedRun, _ end: AttemptEnd) {
        let begun = state.withLock { state in
            state.ended += 1
            return state.begun.removeValue(forKey: run.runID)
        }
        let seconds = begun.map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0
        registry.observe(seconds, in: DaemonMetrics.duration, run.kind, outcome(end))
        switch end {
        case .failed where run.isTriedAgain(after: end): registry.add(to: DaemonMetrics.retries, run.kind)
        case .completed(let result):
            guard seconds > 0, let series = DaemonMetrics.series(in: result) else { return }
            registry.set(DaemonMetrics.throughput, run.kind, to: Double(series) / seconds)
        default: break
        }
    }

    private func outcome(_ end: AttemptEnd) -> String {
        switch end {
        case .completed: "completed"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .cancelled: "cancelled"
        case .lost: "lost"
        }
    }

    /// Series that a run's result tells of; `nil` where it is about something else.
    private static func series(in result: String) -> Int? {
        struct Made: Decodable { var models: [String: Int] }
        let made = try? JSONDecoder().decode(Made.self, from: Data(result.utf8))
        return made.map { $0.models.values.reduce(0, +) }
    }
}
