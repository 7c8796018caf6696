internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Breaks a connection whose server was asked something and is not there any more.
///
/// A server's statement timeout does not help where the server itself hangs (a frozen machine, a dead disk), and TCP's
/// do not either: the kernel goes on acknowledging for a process that does nothing. Where there is a limit, an answer has
/// to come within it. Where there is none, a statement may take as long as it likes, so long as the server answers others:
/// it is asked every few seconds, on another connection, and twice in vain is enough.
final class AnswerWatch: Sendable {
    private let wait: ServerWait

    /// `nil` where the socket cannot be duplicated.
    init?(_ handle: ConnectionHandle, limit: Duration?) {
        guard let wait = ServerWait(handle, limit: limit) else { return nil }
        self.wait = wait
        AnswerMonitor.shared.add(wait)
    }

    deinit { AnswerMonitor.shared.remove(wait) }

    /// Why the connection was broken; `nil` unless it was broken here.
    var complaint: String? { wait.complaint }

    /// Runs `body`, which waits for the server, and shuts the socket where the server is gone.
    func watching<Value>(_ body: () throws -> Value) rethrows -> Value {
        wait.begin()
        defer { wait.end() }
        return try body()
    }
}

/// Looks at every connection's wait a few times a second, on a thread of its own: an alarm set and taken back for each
/// statement would cost more than most of them.
private final class AnswerMonitor: Sendable {
    static let shared = AnswerMonitor()
    private let waits = Mutex<[ObjectIdentifier: ServerWait]>([:])

    private init() {
        let thread = Thread { [self] in
            while true {
                Thread.sleep(forTimeInterval: 0.2)
                for wait in waits.withLock({ Array($0.values) }) { wait.check(.now) }
            }
        }
        thread.name = "suyo-answers"
        thread.start()
    }

    func add(_ wait: ServerWait) { waits.withLock { $0[ObjectIdentifier(wait)] = wait } }
    func remove(_ wait: ServerWait) { waits.withLock { $0[ObjectIdentifier(wait)] = nil } }
}

/// What one connection waits for, and since when.
private final class ServerWait: Sendable {
    private struct State {
        /// When the server was asked; `nil` where it has answered.
        var begun: ContinuousClock.Instant?
        /// When it is next asked whether it is there.
        var nextQuestion = ContinuousClock.now
        /// How often it did not say so since it last did, or since the statement began.
        var failures = 0
        var isAsking = false
        var complaint: String?
    }

    /// How long an answer is waited for before the server is asked whether it is there.
    private static let pause = Duration.seconds(10)
    /// Then how long, where it did not say so.
    private static let secondPause = Duration.seconds(5)

    private let limit: Duration?
    private let server: ServerAddress
    // A second descriptor of the same socket: libpq may close its own, whose number may then be somebody else's.
    private let socket: Int32
    private let state = Mutex(State())

    init?(_ handle: ConnectionHandle, limit: Duration?) {
        guard let socket = handle.duplicateSocket() else { return nil }
        self.limit = limit
        self.socket = socket
        server = ServerAddress(handle)
    }

    deinit { close(socket) }

    var complaint: String? { state.withLock { $0.complaint } }

    func begin() {
        let now = ContinuousClock.now
        state.withLock { state in
            state.begun = now
            state.nextQuestion = now + ServerWait.pause
            state.failures = 0
        }
    }

    func end() { state.withLock { $0.begun = nil } }

    /// Breaks the connection, or asks the server, where it is time to.
    func check(_ now: ContinuousClock.Instant) {
        state.withLock { state in
            guard let begun = state.begun, state.complaint == nil else { return }
            if let limit {
                if now - begun > limit { shut("The server did not answer within \(limit)", &state) }
            } else if now >= state.nextQuestion, !state.isAsking {
                state.isAsking = true
                // It may take seconds, in which the others are looked at.
                Thread.detachNewThread { [self] in ask(begun) }
            }
        }
    }

    private func ask(_ begun: ContinuousClock.Instant) {
        let answers = server.answers
        state.withLock { state in
            state.isAsking = false
            // Another statement's wait tells nothing of this one.
            guard state.begun == begun else { return }
            state.failures = answers ? 0 : state.failures + 1
            state.nextQuestion = .now + (answers ? ServerWait.pause : ServerWait.secondPause)
            if state.failures > 1 { shut("The server \(server) does not answer any more", &state) }
        }
    }

    private func shut(_ reason: String, _ state: inout State) {
        state.complaint = reason + "; the connection was given up."
        // Not `close`: this is what makes a `recv` in another thread return.
        _ = shutdown(socket, Int32(SHUT_RDWR))
    }
}
