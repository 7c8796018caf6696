import Synchronization

/// Keeps a log readable while the database is away: several loops fail for the same reason, each again and again.
final class TroubleMemory: Sendable {
    /// Time after which the same is told again.
    private static let interval = Duration.seconds(60)

    private let told = Mutex<[String: ContinuousClock.Instant]>([:])

    /// Whether it was not told within the last minute.
    func isNews(_ reason: String) -> Bool {
        let now = ContinuousClock.now
        return told.withLock { told in
            told = told.filter { now - $0.value < TroubleMemory.interval }
            if told[reason] != nil { return false }
            told[reason] = now
            return true
        }
    }
}
