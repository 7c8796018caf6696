/// A few connections shared by many tasks, first come, first served.
///
/// A connection that broke, or was left inside a transaction, is dropped; the next task gets a new one.
public actor ConnectionPool {
    private let target: ConnectionTarget
    private let size: Int
    private let answerLimit: Duration?
    private var idle: [Connection] = []
    private var open = 0
    private var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    private var nextID = 0
    private var isClosed = false
    /// How often a connection broke, or turned out to be to a server that takes no writes.
    public private(set) var losses = 0

    /// A pool of at most `size` connections; none is made before the first use.
    ///
    /// A connection whose server does not answer a statement within `limit`, or where that is `nil` does not answer anybody,
    /// is given up.
    public init(target: ConnectionTarget, size: Int, answersWithin limit: Duration? = nil) {
        precondition(size > 0, "a pool needs at least one connection")
        self.target = target
        self.size = size
        answerLimit = limit
    }

    /// Runs `body` with a connection of its own.
    public nonisolated func withConnection<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        let connection = try await acquire()
        do {
            let result = try await body(connection)
            await release(connection)
            return result
        } catch let error as PostgresError where error.isConnectionLost {
            await discard(connection)
            throw error
        } catch {
            await release(connection)
            throw error
        }
    }

    /// Runs `body` in a transaction on a connection of its own.
    public nonisolated func withTransaction<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await withConnection { connection in
            try await connection.transaction { try await body($0) }
        }
    }

    /// Closes every idle connection and every other one when it comes back.
    public func close() {
        isClosed = true
        idle.removeAll()
        for waiter in waiting {
            waiter.continuation.resume(throwing: PostgresError(.connectionLost, "The connection pool was closed."))
        }
        waiting.removeAll()
    }

    private func acquire() async throws -> Connection {
        while true {
            try Task.checkCancellation()
            if isClosed { throw PostgresError(.connectionLost, "The connection pool was closed.") }
            if let connection = idle.popLast() { return connection }
            if open < size {
                open += 1
                do {
                    return try await Connection.connect(to: target, answersWithin: answerLimit)
                } catch {
                    open -= 1
                    wakeOne()
                    throw error
                }
            }
            try await waitForTurn()
        }
    }

    private func waitForTurn() async throws {
        nextID += 1
        let id = nextID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.append((id, continuation))
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    private func giveUp(_ id: Int) {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: place).continuation.resume(throwing: CancellationError())
    }

    private func release(_ connection: Connection) async {
        if await connection.isIdle, !isClosed {
            idle.append(connection)
        } else {
            open -= 1
        }
        wakeOne()
    }

    /// Lets go of a connection that is of no use, and of those that wait, which are to the same server: it stopped, or
    /// became a standby that takes no writes. New ones look for the server that does.
    private func discard(_ connection: Connection) {
        losses += 1
        open -= 1 + idle.count
        idle.removeAll()
        wakeOne()
    }

    private func wakeOne() {
        guard !waiting.isEmpty else { return }
        waiting.removeFirst().continuation.resume()
    }
}
