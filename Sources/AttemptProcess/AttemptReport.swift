internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The line of an attempt's process to the one that started it: what was its standard output.
///
/// Standard output itself is joined to standard error, so that nothing a library prints can be taken for a report.
final class AttemptReport: Sendable {
    private let descriptor: Int32
    private let lastProgress = Mutex<ContinuousClock.Instant?>(nil)

    /// Time between two reports of progress; heartbeats are seconds apart.
    private static let interval = Duration.milliseconds(200)

    init() {
        descriptor = dup(STDOUT_FILENO)
        dup2(STDERR_FILENO, STDOUT_FILENO)
    }

    /// Says how far it is, where it has not just done so.
    func progress(_ fraction: Double, _ message: String) {
        let isDue = lastProgress.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < AttemptReport.interval { return false }
            last = now
            return true
        }
        if isDue { send(.progress(fraction: fraction, message: message)) }
    }

    /// Says something: one line.
    func send(_ message: AttemptMessage) {
        guard let text = try? JSONEncoder().encode(message) else { return }
        FileHandle(fileDescriptor: descriptor).write(text + Data("\n".utf8))
    }
}
