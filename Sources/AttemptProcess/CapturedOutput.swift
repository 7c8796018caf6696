internal import Synchronization

/// What an attempt's process wrote besides its report, kept until it can be logged: bounded, so that a process that
/// writes without end fills neither this one's memory nor the log.
final class CapturedOutput: Sendable {
    /// Lines of one attempt that are logged, and characters of each.
    static let lines = 1000
    static let lineLength = 2000

    private struct State {
        var taken = 0
        var last: String?
        var fatal: String?
        var lacksMemory = false
    }

    private let state = Mutex(State())
    private let continuation: AsyncStream<String>.Continuation
    /// The lines to log, until ``finish()``.
    let stream: AsyncStream<String>

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: String.self)
    }

    /// Takes a line.
    func add(_ line: String) {
        let line = String(line.prefix(CapturedOutput.lineLength))
        guard line.contains(where: { !$0.isWhitespace }) else { return }
        let place = state.withLock { state in
            state.taken += 1
            state.last = line
            // What Swift says of a crash is worth more than the trace that may follow it.
            if state.fatal == nil, CapturedOutput.isFatal(line) { state.fatal = line }
            state.lacksMemory = state.lacksMemory || CapturedOutput.complaints.contains(where: line.contains)
            return state.taken
        }
        if place <= CapturedOutput.lines {
            continuation.yield(line)
        } else if place == CapturedOutput.lines + 1 {
            continuation.yield("further output is left out: \(CapturedOutput.lines) lines of an attempt are kept")
        }
    }

    private static func isFatal(_ line: String) -> Bool {
        line.hasPrefix("Fatal error") || line.contains(": Fatal error") || line.contains("Program crashed")
    }

    /// How C, C++ and Swift say that there is no memory.
    private static let complaints = ["allocate memory", "out of memory", "bad_alloc"]

    /// There will be no more.
    func finish() { continuation.finish() }

    /// The line that says most about an end.
    var lastWords: String? { state.withLock { $0.fatal ?? $0.last } }

    /// Whether it says that there was no memory.
    var lacksMemory: Bool { state.withLock { $0.lacksMemory } }
}
