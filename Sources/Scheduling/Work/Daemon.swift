public import ServiceLifecycle
internal import Synchronization

/// Fires ticks, takes back the runs of dead workers, and works on what is enqueued.
///
/// A graceful shutdown (SIGTERM) and a cancelled task end it differently. After the first nothing is claimed any more;
/// attempts under way have a time of grace to finish, and are then handed back, not counted. After the second they are
/// handed back at once.
public struct Daemon: Service {
    /// What it tells whoever keeps its log.
    public enum Event: Sendable, Hashable {
        /// So many runs were enqueued, because their ticks came due.
        case enqueued(Int)
        /// So many runs were taken back from workers that died.
        case rescued(Int)
        /// An attempt began.
        case started(ClaimedRun)
        /// An attempt ended.
        case ended(ClaimedRun, AttemptEnd)
        /// Whether the database's notifications arrive; where they do not, runs are looked for every second.
        case hints(Bool)
        /// A graceful shutdown began.
        case stopping
        /// Something failed and will be tried again.
        case trouble(String)
    }

    private let store: any JobStore
    private let worker: Worker
    private let identity: WorkerIdentity
    private let concurrency: Int
    private let grace: Duration
    private let hints: (any RunHints)?
    private let health: ControlHealth
    private let time: MonotonicTime
    private let report: @Sendable (Event) -> Void
    /// Rung when there is a run to claim.
    private let bell = Bell()

    /// Time from one look at the store to the next, and how long it may become while the store does not answer: short
    /// enough that a dead worker's run goes on within a minute.
    private static let interval = Duration.seconds(1)
    private static let longestInterval = Duration.seconds(10)
    /// Time to the next look where something is due already.
    private static let shortestInterval = Duration.milliseconds(50)
    /// Time before hints that do not arrive are tried again: soon, because it may have been a restart of the database;
    /// less and less often, because it may be a pooler.
    private static let hintRetry = Duration.seconds(2)
    private static let longestHintRetry = Duration.seconds(60)
    /// Time from one sign of life to the next.
    private static let registration = Duration.seconds(10)

    /// A daemon that works on up to `concurrency` runs at once, and gives them `grace` to finish when it is to stop.
    public init(
        store: any JobStore, worker: Worker, identity: WorkerIdentity, concurrency: Int = 1,
        grace: Duration = .seconds(20), hints: (any RunHints)? = nil, health: ControlHealth = ControlHealth(),
        report: @escaping @Sendable (Event) -> Void
    ) {
        self.init(
            store: store, worker: worker, identity: identity, concurrency: concurrency, grace: grace, hints: hints,
            health: health, time: .continuous, report: report)
    }

    /// A daemon on a clock of the caller's.
    package init(
        store: any JobStore, worker: Worker, identity: WorkerIdentity, concurrency: Int = 1,
        grace: Duration = .seconds(20), hints: (any RunHints)? = nil, health: ControlHealth = ControlHealth(),
        time: MonotonicTime, report: @escaping @Sendable (Event) -> Void
    ) {
        precondition(concurrency > 0, "a daemon works on at least one run at a time")
        self.store = store
        self.worker = worker
        self.identity = identity
        self.concurrency = concurrency
        self.grace = grace
        self.hints = hints
        self.health = health
        self.time = time
        self.report = report
    }

    /// Runs until a graceful shutdown, or until cancelled. A database that is away for a while is waited for.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await repeatedly(every: Daemon.registration) { try await store.register(identity) } }
                group.addTask { await repeatedly(control: true) { try await fireTicks() } }
                group.addTask { await repeatedly(every: Daemon.interval) { try await rescue() } }
                if let hints { group.addTask { await heed(hints) } }
                for _ in 0..<concurrency {
                    group.addTask {
                        await repeatedly(wakes: true) {
                            try await work()
                            return nil
                        }
                    }
                }
            }
        } onGracefulShutdown: { [report] in
            report(.stopping)
        }
    }

    /// Fires what is due; returns the time to the next tick, so that it is fired to the moment.
    private func fireTicks() async throws -> Duration? {
        let enqueued = try await store.fireTicks()
        if enqueued > 0 {
            report(.enqueued(enqueued))
            bell.ring()
        }
        return try await store.secondsToNextTick().map { seconds in
            // What is due and was not fired is in the hands of another daemon, or of the next round.
            seconds > 0 ? .seconds(max(seconds, 0.001)) : Daemon.shortestInterval
        }
    }

    private func rescue() async throws {
        let rescued = try await store.rescue()
        if rescued > 0 {
            report(.rescued(rescued))
            bell.ring()
        }
    }

    /// Listens for hints; where they do not arrive, tries again now and then. Reports only what changes.
    private func heed(_ hints: any RunHints) async {
        let arrive = Mutex<Bool?>(nil)
        @Sendable func tell(_ now: Bool) {
            let isNew = arrive.withLock { last in
                defer { last = now }
                return last != now
            }
            if isNew { report(.hints(now)) }
        }
        var retry = Daemon.hintRetry
        while !isStopping {
            do {
                try await hints.listen(established: { tell(true) }, hint: { bell.ring() })
            } catch {
                if isStopping { return }
                if arrive.withLock({ $0 == true }) { retry = Daemon.hintRetry }
                tell(false)
            }
            try? await cancelWhenGracefulShutdown { [time, retry] in try await time.sleep(for: retry) }
            retry = min(retry * 2, Daemon.longestHintRetry)
        }
    }

    /// Works on runs until there are none that may start now.
    private func work() async throws {
        while !isStopping, let run = try await claim() {
            report(.started(run))
            do {
                report(.ended(run, try await attend(to: run)))
            } catch {
                // Its end could not be recorded in time: whoever takes the run back decides.
                report(.ended(run, .lost))
                throw error
            }
        }
    }

    private func claim() async throws -> ClaimedRun? {
        // In a task of its own: a claim that is cancelled half-way may have happened, and nobody would work on the run
        // until its lease ran out.
        let run = try await Task { [store, worker, identity] in
            try await store.claim(kinds: worker.kinds, runID: nil, worker: identity.workerID)
        }.value
        guard let run, isStopping else { return run }
        _ = try await Task { [store] in try await store.finish(run, .interrupted, notes: []) }.value
        return nil
    }

    /// Works on a run; after the time of grace that follows a graceful shutdown, it is cancelled.
    private func attend(to run: ClaimedRun) async throws -> AttemptEnd {
        try await withThrowingTaskGroup(of: AttemptEnd?.self) { group in
            group.addTask { try await worker.work(on: run) }
            group.addTask {
                // Both throw where the attempt ends first, and then it does not matter.
                try? await gracefulShutdown()
                try? await time.sleep(for: grace)
                return nil
            }
            defer { group.cancelAll() }
            while let end = try await group.next() {
                if let end { return end }
                group.cancelAll()
            }
            preconditionFailure("an attempt always ends")
        }
    }

    private var isStopping: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    /// Repeats `body` until the daemon is to stop; where it fails, less and less often.
    private func repeatedly(every interval: Duration, _ body: @Sendable () async throws -> Void) async {
        await repeatedly(every: interval) {
            try await body()
            return nil
        }
    }

    /// Repeats `body`, which may say that it has to be called again sooner.
    ///
    /// - Parameters:
    ///   - control: Whether it is the control loop, whose turning is a sign of health.
    ///   - wakes: Whether the bell cuts the wait short.
    private func repeatedly(
        every interval: Duration = Daemon.interval, control: Bool = false, wakes: Bool = false,
        _ body: @Sendable () async throws -> Duration?
    ) async {
        var failing = interval
        while !isStopping {
            let rings = bell.rings
            var wait = interval
            do {
                if let sooner = try await body() { wait = min(wait, sooner) }
                failing = interval
                if control { health.turn(answered: true) }
            } catch {
                if !Task.isCancelled { report(.trouble("\(error)")) }
                failing = min(failing * 2, Daemon.longestInterval)
                wait = failing
                if control { health.turn(answered: false) }
            }
            // Cut short by whatever asks the daemon to stop, which the loop then sees.
            try? await cancelWhenGracefulShutdown { [wait] in
                if wakes { await sleep(wait, orUntilRungAfter: rings) } else { try await time.sleep(for: wait) }
            }
        }
    }

    private func sleep(_ wait: Duration, orUntilRungAfter rings: Int) async {
        await withTaskGroup { group in
            group.addTask { try? await time.sleep(for: wait) }
            group.addTask { await bell.wait(after: rings) }
            await group.next()
            group.cancelAll()
        }
    }
}
