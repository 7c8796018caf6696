import Foundation
import Logging
import ServiceLifecycle
import Store

/// Warns where this machine's clock is not the database's: nothing goes wrong by it, but logs of both are hard to compare.
struct ClockWatch: Service {
    let database: Database
    let metrics: DaemonMetrics
    let logger: Logger

    /// Seconds of difference that are told.
    private static let limit = 5.0
    private static let interval = Duration.seconds(60)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var isTold = false
            while true {
                if let ahead = try? await DatabaseInspection(database: database).server().clockAhead {
                    metrics.record(clockAhead: ahead)
                    if ahead.magnitude >= ClockWatch.limit, !isTold {
                        logger.warning(
                            "this machine's clock differs from the database's, which decides",
                            metadata: ["ahead_seconds": .stringConvertible(Int(ahead.rounded()))])
                    }
                    isTold = ahead.magnitude >= ClockWatch.limit
                }
                try await Task.sleep(for: ClockWatch.interval)
            }
        }
    }
}
