public import ServiceLifecycle

/// Tells the service manager now and then that the service is well, and what it does: not while it is not well, so that
/// the manager ends it and starts it anew.
public struct Watchdog: Service {
    private let manager: ServiceManager
    private let isWell: @Sendable () -> Bool
    private let status: @Sendable () -> String

    /// A watchdog that asks `isWell` each time, and shows `status` to people.
    public init(
        manager: ServiceManager, isWell: @escaping @Sendable () -> Bool, status: @escaping @Sendable () -> String
    ) {
        self.manager = manager
        self.isWell = isWell
        self.status = status
    }

    /// Says that the service is ready, and feeds the manager until a graceful shutdown, or until cancelled.
    public func run() async throws {
        manager.ready(status: status())
        // Three times in the time allowed; without a manager that watches, only the status is shown.
        let interval = min(manager.watchdogInterval.map { $0 / 3 } ?? .seconds(10), .seconds(10))
        try? await cancelWhenGracefulShutdown {
            while true {
                if isWell() { manager.well() }
                manager.status(status())
                try await Task.sleep(for: interval)
            }
        }
    }
}
