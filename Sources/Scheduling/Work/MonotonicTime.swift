/// A clock for deadlines within one process, and the way to wait for one; what is persisted has the database's.
///
/// A test puts its own in place and moves it by hand, so that none has to sleep.
package struct MonotonicTime: Sendable {
    /// Time since a fixed instant.
    package var now: @Sendable () -> Duration
    /// Waits until a time; throws `CancellationError` where its task is cancelled first.
    package var sleep: @Sendable (_ until: Duration) async throws -> Void

    /// A clock of one's own.
    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (_ until: Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's, which goes on while it is suspended, because leases do.
    package static let continuous: MonotonicTime = {
        let start = ContinuousClock.now
        return MonotonicTime(
            now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(until: start + $0, clock: .continuous) }
        )
    }()

    /// Waits for a time from now.
    func sleep(for time: Duration) async throws { try await sleep(now() + time) }
}
