internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Breaks a connection whose server was asked something and does not answer in time.
///
/// A server's statement timeout does not help where the server itself hangs (a frozen machine, a dead disk), and TCP's
/// do not either: the kernel goes on acknowledging for a process that does nothing.
final class AnswerLimit: Sendable {
    private let limit: Duration
    // A second descriptor of the same socket: libpq may close its own, whose number may then be somebody else's.
    private let socket: Int32
    private let broken = Mutex(false)

    /// `nil` where the socket cannot be duplicated.
    init?(_ limit: Duration, descriptor: Int32) {
        let socket = dup(descriptor)
        guard socket >= 0 else { return nil }
        self.limit = limit
        self.socket = socket
    }

    deinit { close(socket) }

    /// What to say of the connection; `nil` unless it was broken here.
    var complaint: String? {
        broken.withLock { $0 } ? "The server did not answer within \(limit); the connection was given up." : nil
    }

    /// Runs `body`, which waits for the server, and shuts the socket where it takes too long.
    func watching<Value>(_ body: () throws -> Value) rethrows -> Value {
        let alarm = DispatchWorkItem { [self] in
            broken.withLock { $0 = true }
            // Not `close`: this is what makes a `recv` in another thread return.
            _ = shutdown(socket, Int32(SHUT_RDWR))
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1), execute: alarm)
        defer { alarm.cancel() }
        return try body()
    }
}
