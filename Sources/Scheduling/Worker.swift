internal import Synchronization

/// What one kind of job does.
public protocol RunHandler: Sendable {
    /// The kind.
    var kind: String { get }
    /// Works on a run and returns its result as JSON; `progress` takes a share from 0 to 1 and what is being done.
    func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String])
    /// Whether another attempt may do better after this error.
    func isWorthARetry(_ error: any Error) -> Bool
}

/// Works on claimed runs: calls the handler, keeps the lease alive, records how it ended.
public struct Worker: Sendable {
    private let store: any JobStore
    private let handlers: [any RunHandler]
    /// Seconds between two heartbeats; a lease without one for six times as long is taken back.
    static let heartbeatSeconds = 5.0

    /// A worker for some kinds of jobs.
    public init(store: any JobStore, handlers: [any RunHandler]) {
        self.store = store
        self.handlers = handlers
    }

    /// The kinds it knows.
    public var kinds: [String] { handlers.map(\.kind) }

    /// Works on a run to its end and records it; a lost lease ends the attempt without a trace.
    @discardableResult
    public func work(
        on run: ClaimedRun, watch: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) async throws -> AttemptEnd {
        guard let handler = handlers.first(where: { $0.kind == run.kind }) else {
            preconditionFailure("a worker claims only kinds it knows")
        }
        let latest = LatestProgress()
        let end: AttemptEnd
        do {
            let outcome = try await withThrowingTaskGroup(of: (result: String, notes: [String])?.self) { group in
                group.addTask {
                    try await handler.run(run) { fraction, message in
                        latest.set(fraction, message)
                        watch(fraction, message)
                    }
                }
                group.addTask {
                    let started = ContinuousClock.now
                    while true {
                        try await Task.sleep(for: .seconds(Worker.heartbeatSeconds))
                        let state = latest.value
                        let isMine = try await store.heartbeat(
                            run, percent: state.map { $0.fraction * 100 }, message: state?.message)
                        if !isMine { throw LostLease() }
                        if let limit = run.timeoutSeconds, (ContinuousClock.now - started) / .seconds(1) > limit {
                            throw TimedOut(seconds: limit)
                        }
                    }
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            for note in outcome?.notes ?? [] { try await store.log(run, level: "info", message: note) }
            end = .completed(result: outcome?.result ?? "null")
        } catch is CancellationError {
            end = .interrupted
        } catch is LostLease {
            return .interrupted
        } catch let error as TimedOut {
            end = .failed(error: error.description, isWorthARetry: true)
        } catch {
            end = .failed(error: "\(error)", isWorthARetry: handler.isWorthARetry(error))
        }
        if case .failed(let error, _) = end {
            // In a task of its own, so that what is recorded does not depend on this one being cancelled.
            try? await Task { try await store.log(run, level: "error", message: error) }.value
        }
        _ = try await Task { try await store.finish(run, end) }.value
        return end
    }

    private struct LostLease: Error {}
    private struct TimedOut: Error, CustomStringConvertible {
        var seconds: Double
        var description: String { "The attempt took longer than \(Int(seconds)) s and was ended." }
    }
}

/// How far an attempt says it is, between the handler that tells and the heartbeat that passes it on.
private final class LatestProgress: Sendable {
    private let state = Mutex<(fraction: Double, message: String)?>(nil)

    var value: (fraction: Double, message: String)? { state.withLock { $0 } }

    func set(_ fraction: Double, _ message: String) { state.withLock { $0 = (fraction, message) } }
}
