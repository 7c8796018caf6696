/// What a worker knows about its hold on a run, decided on its own monotonic clock.
///
/// Times are durations since any fixed instant.
public struct Lease: Sendable, Hashable {
    /// Seconds without a heartbeat after which the store takes a run back: short, because heartbeats wait for no training,
    /// which has processes of its own.
    public static let seconds = 15
    /// How long before that the attempt stops by itself, so that two are never at work at once.
    static let margin = Duration.seconds(3)
    /// Time from one heartbeat to the next.
    static let heartbeat = Duration.seconds(3)
    /// Time from a heartbeat that failed to the next.
    static let retry = Duration.seconds(1)

    private var confirmed: Duration
    private let claimedAt: Duration
    private let timeoutSeconds: Double?

    /// A lease as of the instant before it was asked for.
    init(claimedAt: Duration, timeoutSeconds: Double?) {
        confirmed = claimedAt
        self.claimedAt = claimedAt
        self.timeoutSeconds = timeoutSeconds
    }

    /// Takes note of a heartbeat that was answered; it counts from when it was sent.
    mutating func renew(sentAt: Duration) { confirmed = max(confirmed, sentAt) }

    /// When the attempt has to stop unless it hears from the store.
    var expiresAt: Duration { confirmed + .seconds(Lease.seconds) - Lease.margin }

    /// When there is something to decide.
    var nextCheck: Duration { min(expiresAt, timesOutAt ?? expiresAt) }

    private var timesOutAt: Duration? { timeoutSeconds.map { claimedAt + .seconds($0) } }

    /// Why the attempt has to stop now; `nil` where it may go on.
    func verdict(at now: Duration) -> AttemptEnd? {
        if now >= expiresAt { return .lost }
        guard let timeoutSeconds, let timesOutAt, now >= timesOutAt else { return nil }
        return .failed(
            .timeout, error: "The attempt took longer than its \(timeoutSeconds) s (timeout_seconds) and was ended.")
    }
}
