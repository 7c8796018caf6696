import Scheduling
import Store

/// Whether the daemon is well, in the senses of those who ask.
enum ServeHealth {
    /// Longest time between two rounds of the control loop, which waits at most ten seconds by itself, and as long for
    /// the database.
    private static let loopLimit = Duration.seconds(45)
    /// Longest time without an answer from the database.
    private static let answerLimit = Duration.seconds(60)

    /// Whether the control loop turns. A database that is away does not end the service: a new start would not bring it
    /// back.
    static func turns(_ health: ControlHealth) -> Bool { health.silence.loop < loopLimit }

    /// What is wrong with the daemon; `nil` where nothing is.
    static func complaint(_ health: ControlHealth) -> String? {
        let (loop, database) = health.silence
        if loop >= loopLimit { return "the control loop has hung for \(loop.components.seconds) s" }
        if database >= answerLimit { return "the database has not answered for \(database.components.seconds) s" }
        return nil
    }

    /// Why the daemon cannot work; `nil` where it can.
    static func unreadiness(_ database: Database) async -> String? {
        do {
            try await Migrator(database: database).verify()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
