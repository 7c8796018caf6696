internal import Synchronization

/// Whether a daemon's control loop turns, and whether the database answers it.
///
/// The loop turns also while the database is away; then it only tries. Times are the process' own, monotonic.
public final class ControlHealth: Sendable {
    private struct State {
        var turned: ContinuousClock.Instant
        var answered: ContinuousClock.Instant
    }

    private let state: Mutex<State>

    /// As healthy as can be.
    public init() {
        let now = ContinuousClock.now
        state = Mutex(State(turned: now, answered: now))
    }

    /// The loop went round; `answered` where the database did its part.
    func turn(answered: Bool) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.turned = now
            if answered { state.answered = now }
        }
    }

    /// Time since the loop went round, and since the database last answered it.
    public var silence: (loop: Duration, database: Duration) {
        let now = ContinuousClock.now
        return state.withLock { (now - $0.turned, now - $0.answered) }
    }
}
