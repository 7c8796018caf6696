internal import Synchronization

/// Works on claimed runs: calls the handler, keeps the lease alive, records how it ended.
public struct Worker: Sendable {
    private let store: any JobStore
    private let handlers: [any RunHandler]
    private let time: MonotonicTime

    /// A worker for some kinds of jobs.
    public init(store: any JobStore, handlers: [any RunHandler]) {
        self.init(store: store, handlers: handlers, time: .continuous)
    }

    /// A worker on a clock of the caller's.
    package init(store: any JobStore, handlers: [any RunHandler], time: MonotonicTime) {
        self.store = store
        self.handlers = handlers
        self.time = time
    }

    /// The kinds it knows.
    public var kinds: [String] { handlers.map(\.kind) }

    /// Works on a run to its end, records it, and returns how it ended.
    ///
    /// Where the database is away, it goes on until its lease could have been taken over, and then stops by itself; in
    /// the same time it tries again to record an end. Once it has to stop, the end is recorded before the handler is
    /// waited for, because a handler may be slow to notice. A cancelled task hands the run back.
    ///
    /// Throws what the store threw where the end could not be recorded.
    @discardableResult
    public func work(
        on run: ClaimedRun, watch: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) async throws -> AttemptEnd {
        guard let handler = handlers.first(where: { $0.kind == run.kind }) else {
            preconditionFailure("a worker claims only kinds it knows")
        }
        let attempt = Attempt(
            run: run, lease: Lease(claimedAt: time.now(), timeoutSeconds: run.timeoutSeconds), store: store, time: time)
        return try await withThrowingTaskGroup(of: (AttemptEnd, [String]).self) { group in
            group.addTask { await attempt.handle(with: handler, watch: watch) }
            group.addTask { (await attempt.keepAlive(), []) }
            group.addTask { (await attempt.watchDeadlines(), []) }
            // The first of them to speak decides.
            guard let (end, notes) = try await group.next() else { preconditionFailure("there are three tasks") }
            group.cancelAll()
            return try await attempt.record(end, notes)
        }
    }
}

/// One attempt under way: what its handler, its heartbeat and its deadlines share.
private final class Attempt: Sendable {
    private let run: ClaimedRun
    private let store: any JobStore
    private let time: MonotonicTime
    private let state: Mutex<(lease: Lease, progress: (fraction: Double, message: String)?)>

    init(run: ClaimedRun, lease: Lease, store: any JobStore, time: MonotonicTime) {
        self.run = run
        self.store = store
        self.time = time
        state = Mutex((lease, nil))
    }

    func handle(
        with handler: any RunHandler, watch: @escaping @Sendable (Double, String) -> Void
    ) async -> (AttemptEnd, [String]) {
        do {
            let outcome = try await handler.run(run) { fraction, message in
                self.state.withLock { $0.progress = (fraction, message) }
                watch(fraction, message)
            }
            return (.completed(result: outcome.result), outcome.notes)
        } catch {
            // Whatever a handler throws once it is told to stop, it threw because of that.
            if Task.isCancelled { return (.interrupted, []) }
            return (.failed(handler.failureClass(of: error), error: "\(error)"), [])
        }
    }

    /// Sends heartbeats until the lease is lost, somebody asked to stop, or its task is cancelled.
    func keepAlive() async -> AttemptEnd {
        var pause = Lease.heartbeat
        while true {
            do { try await time.sleep(for: pause) } catch { return .interrupted }
            let sentAt = time.now()
            let progress = state.withLock { $0.progress }
            do {
                let percent = progress.map { min(max($0.fraction, 0), 1) * 100 }
                switch try await store.heartbeat(run, percent: percent, message: progress?.message) {
                case .held: state.withLock { $0.lease.renew(sentAt: sentAt) }
                case .cancelRequested: return .cancelled
                case .lost: return .lost
                }
                pause = Lease.heartbeat
            } catch {
                // A database that is away for a moment is no reason to stop; the deadline decides.
                pause = Lease.retry
            }
        }
    }

    /// Waits for the end of the lease, of the time allowed, or of its task.
    func watchDeadlines() async -> AttemptEnd {
        while true {
            let check = state.withLock { $0.lease.nextCheck }
            do { try await time.sleep(check) } catch { return .interrupted }
            if let verdict = state.withLock({ $0.lease.verdict(at: time.now()) }) { return verdict }
        }
    }

    /// Records an end, trying again while the lease lasts.
    func record(_ end: AttemptEnd, _ notes: [String]) async throws -> AttemptEnd {
        if end == .lost { return .lost }
        let deadline = state.withLock { $0.lease.expiresAt }
        // In a task of its own, because what is recorded must not depend on this one being cancelled.
        return try await Task { [run, store, time] in
            while true {
                do {
                    return try await store.finish(run, end, notes: notes) ? end : .lost
                } catch {
                    if time.now() + Lease.retry >= deadline { throw error }
                    try await time.sleep(for: Lease.retry)
                }
            }
        }.value
    }
}
