import Scheduling
import Synchronization

/// A store that hands out what a test put there and remembers what it was told.
final class MockJobStore: JobStore {
    struct Finished: Hashable {
        var runID: Int64
        var end: AttemptEnd
        var notes: [String]
    }

    struct State {
        var waiting: [ClaimedRun] = []
        var finished: [Finished] = []
        var heartbeats: [(percent: Double?, message: String?)] = []
        var finishCalls = 0
        var claims = 0
        var registered: [WorkerIdentity] = []
        var rescues = 0
    }

    private let state: Mutex<State>
    private let onHeartbeat: @Sendable (Int) async throws -> LeaseState
    private let onFinish: @Sendable (Int) async throws -> Bool
    private let onClaim: @Sendable () async throws -> Void
    private let onFire: @Sendable () async throws -> Int
    private let onNextTick: @Sendable () async throws -> Double?

    init(
        _ waiting: [ClaimedRun] = [],
        onHeartbeat: @escaping @Sendable (Int) async throws -> LeaseState = { _ in .held },
        onFinish: @escaping @Sendable (Int) async throws -> Bool = { _ in true },
        onClaim: @escaping @Sendable () async throws -> Void = {},
        onFire: @escaping @Sendable () async throws -> Int = { 0 },
        onNextTick: @escaping @Sendable () async throws -> Double? = { nil }
    ) {
        state = Mutex(State(waiting: waiting))
        self.onHeartbeat = onHeartbeat
        self.onFinish = onFinish
        self.onClaim = onClaim
        self.onFire = onFire
        self.onNextTick = onNextTick
    }

    var seen: State { state.withLock { $0 } }

    func register(_ worker: WorkerIdentity) async throws { state.withLock { $0.registered.append(worker) } }

    func fireTicks() async throws -> Int { try await onFire() }

    func secondsToNextTick() async throws -> Double? { try await onNextTick() }

    /// Puts a run there.
    func add(_ run: ClaimedRun) { state.withLock { $0.waiting.append(run) } }

    func rescue() async throws -> Int {
        state.withLock { $0.rescues += 1 }
        return 0
    }

    func claim(kinds: [String], runID: Int64?, worker: String) async throws -> ClaimedRun? {
        let run = state.withLock { state in
            state.claims += 1
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
        try await onClaim()
        return run
    }

    func heartbeat(_ run: ClaimedRun, percent: Double?, message: String?) async throws -> LeaseState {
        let number = state.withLock { state in
            state.heartbeats.append((percent, message))
            return state.heartbeats.count
        }
        return try await onHeartbeat(number)
    }

    func finish(_ run: ClaimedRun, _ end: AttemptEnd, notes: [String]) async throws -> Bool {
        let number = state.withLock { state in
            state.finishCalls += 1
            return state.finishCalls
        }
        let isMine = try await onFinish(number)
        if isMine {
            state.withLock { $0.finished.append(Finished(runID: run.runID, end: end, notes: notes)) }
        }
        return isMine
    }

    func log(_ run: ClaimedRun, level: String, message: String) async throws {}
}

/// A handler that is a closure.
struct MockHandler: RunHandler {
    var kind = "test"
    var failure = FailureClass.transient
    var body: @Sendable (ClaimedRun, @Sendable (Double, String) -> Void) async throws -> (String, [String])

    func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        try await body(run, progress)
    }

    func failureClass(of error: any Error) -> FailureClass { failure }
}

/// An error with a name.
struct Mishap: Error, CustomStringConvertible {
    var description: String
}

extension ClaimedRun {
    /// A run for tests.
    static func test(_ runID: Int64 = 1, timeoutSeconds: Double? = nil) -> ClaimedRun {
        ClaimedRun(
            runID: runID, fence: 1, jobName: "job", kind: "test", spec: "{}", attempt: 1, maxAttempts: 3,
            timeoutSeconds: timeoutSeconds)
    }
}
