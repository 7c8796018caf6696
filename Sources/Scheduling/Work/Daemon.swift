public import ServiceLifecycle

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
    private let time: MonotonicTime
    private let report: @Sendable (Event) -> Void

    /// Time from one look at the store to the next, and how long it may become while the store does not answer: short
    /// enough that a dead worker's run goes on within a minute.
    private static let interval = Duration.seconds(1)
    private static let longestInterval = Duration.seconds(10)
    /// Time from one sign of life to the next.
    private static let registration = Duration.seconds(10)

    /// A daemon that works on up to `concurrency` runs at once, and gives them `grace` to finish when it is to stop.
    public init(
        store: any JobStore, worker: Worker, identity: WorkerIdentity, concurrency: Int = 1,
        grace: Duration = .seconds(20), report: @escaping @Sendable (Event) -> Void
    ) {
        self.init(
            store: store, worker: worker, identity: identity, concurrency: concurrency, grace: grace,
            time: .continuous, report: report)
    }

    /// A daemon on a clock of the caller's.
    package init(
        store: any JobStore, worker: Worker, identity: WorkerIdentity, concurrency: Int = 1,
        grace: Duration = .seconds(20), time: MonotonicTime, report: @escaping @Sendable (Event) -> Void
    ) {
        precondition(concurrency > 0, "a daemon works on at least one run at a time")
        self.store = store
        self.worker = worker
        self.identity = identity
        self.concurrency = concurrency
        self.grace = grace
        self.time = time
        self.report = report
    }

    /// Runs until a graceful shutdown, or until cancelled. A database that is away for a while is waited for.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await repeatedly(every: Daemon.registration) { try await store.register(identity) } }
                group.addTask { await repeatedly(every: Daemon.interval) { try await fireTicks() } }
                group.addTask { await repeatedly(every: Daemon.interval) { try await rescue() } }
                for _ in 0..<concurrency {
                    group.addTask { await repeatedly(every: Daemon.interval) { try await work() } }
                }
            }
        } onGracefulShutdown: { [report] in
            report(.stopping)
        }
    }

    private func fireTicks() async throws {
        let enqueued = try await store.fireTicks()
        if enqueued > 0 { report(.enqueued(enqueued)) }
    }

    private func rescue() async throws {
        let rescued = try await store.rescue()
        if rescued > 0 { report(.rescued(rescued)) }
    }

    /// Works on runs until there are none that may start now.
    private func work() async throws {
        while !isStopping, let run = try await claim() {
            report(.started(run))
            report(.ended(run, try await attend(to: run)))
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
        var wait = interval
        while !isStopping {
            do {
                try await body()
                wait = interval
            } catch {
                if !Task.isCancelled { report(.trouble("\(error)")) }
                wait = min(wait * 2, Daemon.longestInterval)
            }
            // Cut short by whatever asks the daemon to stop, which the loop then sees.
            try? await cancelWhenGracefulShutdown { [time, wait] in try await time.sleep(for: wait) }
        }
    }
}
