/// Fires ticks, takes back the runs of dead workers, and works on what is enqueued, until its task is cancelled.
public struct Daemon: Sendable {
    /// What it tells whoever keeps its log.
    public enum Event: Sendable {
        case enqueued(Int)
        case rescued(Int)
        case started(ClaimedRun)
        case ended(ClaimedRun, AttemptEnd)
        case trouble(String)
    }

    private let store: any JobStore
    private let worker: Worker
    private let name: String
    private let report: @Sendable (Event) -> Void

    /// A daemon under a name that tells its worker from others.
    public init(
        store: any JobStore, worker: Worker, name: String, report: @escaping @Sendable (Event) -> Void
    ) {
        self.store = store
        self.worker = worker
        self.name = name
        self.report = report
    }

    /// Runs until cancelled. A database that is away for a while is waited for.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await repeatedly { try await tick() } }
            group.addTask { await repeatedly { try await work() } }
            await group.waitForAll()
        }
    }

    private func tick() async throws {
        let enqueued = try await store.fireTicks()
        if enqueued > 0 { report(.enqueued(enqueued)) }
        let rescued = try await store.rescue()
        if rescued > 0 { report(.rescued(rescued)) }
    }

    private func work() async throws {
        while let run = try await store.claim(kinds: worker.kinds, runID: nil, worker: name) {
            report(.started(run))
            report(.ended(run, try await worker.work(on: run)))
            try Task.checkCancellation()
        }
    }

    private func repeatedly(_ body: @Sendable () async throws -> Void) async {
        var wait = 1.0
        while !Task.isCancelled {
            do {
                try await body()
                wait = 1
            } catch is CancellationError {
                return
            } catch {
                report(.trouble("\(error)"))
                wait = min(wait * 2, 30)
            }
            try? await Task.sleep(for: .seconds(wait))
        }
    }
}
