extension Connection {
    /// Runs `body` in a transaction: committed where it returns, rolled back where it throws.
    ///
    /// Throws ``PostgresError`` with code `commitOutcomeUnknown` where the connection breaks during COMMIT.
    public nonisolated(nonsending) func transaction<Result>(
        _ body: nonisolated(nonsending) (Connection) async throws -> Result
    ) async throws -> Result {
        try await execute("BEGIN")
        let result: Result
        do {
            result = try await body(self)
        } catch {
            // The error that matters is the first one. A rollback must happen even where the task is cancelled.
            await abandonTransaction()
            throw error
        }
        do {
            try await execute("COMMIT")
        } catch let error as PostgresError where error.isConnectionLost {
            throw PostgresError(
                .commitOutcomeUnknown, "The connection broke during COMMIT, so its outcome is unknown: \(error.message)"
            )
        } catch {
            await abandonTransaction()
            throw error
        }
        return result
    }

    /// Feeds a COPY from chunks until `next` gives `nil`; returns the number of rows taken.
    ///
    /// Where `next` throws, the COPY fails at the server, and with it the transaction.
    public nonisolated(nonsending) func copyIn(
        _ sql: String, _ next: nonisolated(nonsending) () async throws -> [UInt8]?
    ) async throws -> Int {
        try await beginCopyIn(sql)
        do {
            while let chunk = try await next() { try await putCopy(chunk) }
        } catch {
            _ = try? await endCopyIn(failure: "the sender gave up")
            throw error
        }
        return try await endCopyIn(failure: nil)
    }

    /// Hands each chunk of a COPY to `body`, about 64 KiB of whole rows at a time.
    public nonisolated(nonsending) func copyOut(
        _ sql: String, _ body: ([UInt8]) throws -> Void
    ) async throws {
        try await beginCopyOut(sql)
        while let chunk = try await nextCopyOut() { try body(chunk) }
    }
}
