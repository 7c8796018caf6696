internal import Foundation
internal import PostgresClient
public import Scheduling
internal import ServiceLifecycle

/// Notifications of PostgreSQL as hints that runs were enqueued, on a connection of their own.
///
/// A pooler in transaction mode passes none on: that is found out by a notification of one's own, and again every minute.
public struct PostgresRunHints: RunHints {
    private let database: Database

    /// Hints from one database.
    public init(database: Database) { self.database = database }

    /// No notification of our own came back: there is a pooler in between.
    public struct Unheard: Error, CustomStringConvertible {
        /// One sentence.
        public var description: String {
            "No notification arrives from the database: runs are looked for every second."
        }
    }

    private static let channel = "suyo_run"
    /// Time within which one's own notification has to arrive.
    private static let patience = Duration.seconds(2)
    private static let probeInterval = Duration.seconds(60)
    /// One wait, in milliseconds; between two of them it is seen whether to go on.
    private static let wait: Int32 = 200

    /// Listens until it is to stop.
    public func listen(established: @Sendable () -> Void, hint: @Sendable () -> Void) async throws {
        let connection = try await Connection.connect(
            to: database.target, answersWithin: database.answerLimit)
        try await connection.execute("LISTEN \(unescaped: PostgresRunHints.channel)")
        let name = UUID().uuidString
        var isProven = false
        var probedAt = ContinuousClock.now
        try await probe(name)
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            let notification = try await connection.notification(within: PostgresRunHints.wait)
            let sinceProbe = ContinuousClock.now - probedAt
            if let notification {
                if notification.payload != name {
                    hint()
                } else if !isProven {
                    isProven = true
                    established()
                }
            } else if !isProven && sinceProbe > PostgresRunHints.patience {
                throw Unheard()
            } else if sinceProbe > PostgresRunHints.probeInterval {
                isProven = false
                probedAt = .now
                try await probe(name)
            }
        }
    }

    private func probe(_ name: String) async throws {
        try await database.transaction { connection in
            _ = try await connection.query("SELECT pg_catalog.pg_notify(\(PostgresRunHints.channel), \(name))")
        }
    }
}
