import Scheduling
import Synchronization

/// A clock that a test moves by hand: it waits until somebody sleeps, then moves on. Nothing here takes real time.
final class ManualTime: Sendable {
    private struct State {
        var now = Duration.zero
        var nextID = 0
        var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var awaited: [(until: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// The clock as the code under test takes it.
    var time: MonotonicTime {
        MonotonicTime(
            now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep(until: $0) })
    }

    /// Waits until somebody sleeps until exactly that time.
    func sleeper(until: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = state.sleepers.values.contains { $0.until == until }
                if !isThere { state.awaited.append((until, continuation)) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits until somebody sleeps until exactly that time, and makes it that time.
    func advance(to until: Duration) async {
        await sleeper(until: until)
        let due = state.withLock { state in
            state.now = until
            let due = state.sleepers.filter { $0.value.until <= until }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    private func sleep(until: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Fate { case cancelled, over, asleep }
                let (fate, awaited) = state.withLock { state -> (Fate, [CheckedContinuation<Void, Never>]) in
                    if Task.isCancelled { return (.cancelled, []) }
                    if until <= state.now { return (.over, []) }
                    state.sleepers[id] = (until, continuation)
                    let awaited = state.awaited.filter { $0.until == until }.map(\.continuation)
                    state.awaited.removeAll { $0.until == until }
                    return (.asleep, awaited)
                }
                switch fate {
                case .cancelled: continuation.resume(throwing: CancellationError())
                case .over: continuation.resume()
                case .asleep: for waiter in awaited { waiter.resume() }
                }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Something that happens once, and that others wait for.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits, whether or not the task is cancelled meanwhile.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Waits until the task is cancelled, and throws.
func untilCancelled() async throws {
    let (never, end) = AsyncStream.makeStream(of: Never.self)
    defer { end.finish() }
    for await _ in never {}
    throw CancellationError()
}
