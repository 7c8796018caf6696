import PostgresClient
import Store
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a pool does when its server goes, or turns into one that takes no writes.
@Suite struct ConnectionLossTests {
    @Test func aServerThatTakesNoWritesIsLeft() async throws {
        try await TestDatabase.with { test in
            let pool = ConnectionPool(target: test.target, size: 1)
            // As after a switch-over: the connection stands, and what it leads to is a standby.
            _ = try await pool.withConnection { connection in
                try await connection.execute("SET default_transaction_read_only = on")
            }
            await #expect(throws: PostgresError.self) {
                _ = try await pool.withTransaction { try await $0.execute("CREATE TABLE public.written (n integer)") }
            }
            // The next one is new.
            _ = try await pool.withTransaction { try await $0.execute("CREATE TABLE public.written (n integer)") }
            #expect(await pool.losses == 1)
            await pool.close()
        }
    }

    @Test func oneLostConnectionTakesTheIdleOnesAlong() async throws {
        try await TestDatabase.with { test in
            let pool = ConnectionPool(target: test.target, size: 3)
            // Three at once, so that three are idle afterwards.
            try await pool.withConnection { _ in
                try await pool.withConnection { _ in try await pool.withConnection { _ in } }
            }
            let administrator = try await test.connect()
            try await administrator.execute(
                """
                SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
                WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
                """)
            await #expect(throws: PostgresError.self) {
                _ = try await pool.withTransaction { try await $0.execute("SELECT 1") }
            }
            _ = try await pool.withTransaction { try await $0.execute("SELECT 1") }
            #expect(await pool.losses == 1)
            await pool.close()
        }
    }

    @Test func aStatementOfTheDaemonHasItsTime() async throws {
        try await TestDatabase.with { test in
            let database = Database(target: test.target, statementTimeout: .milliseconds(50))
            await #expect {
                try await database.transaction { try await $0.execute("SELECT pg_catalog.pg_sleep(3600)") }
            } throws: { error in
                (error as? PostgresError)?.code == .queryCanceled
            }
            await database.close()
        }
    }

    @Test func aServerThatHangsIsLeft() async throws {
        try await TestDatabase.with { test in
            let pool = ConnectionPool(target: test.target, size: 1, answersWithin: .milliseconds(200))
            let backend = try await pool.withConnection { connection in
                try await connection.query("SELECT pg_catalog.pg_backend_pid()")[0].decode(0, as: Int.self)
            }
            // Its process stands still; the kernel goes on acknowledging what is sent to it.
            try #require(signal(backend, SIGSTOP))
            await #expect {
                _ = try await pool.withTransaction { try await $0.execute("SELECT 1") }
            } throws: { error in
                (error as? PostgresError)?.description.contains("did not answer within 0.2 seconds") == true
            }
            // The next one is another.
            _ = try await pool.withTransaction { try await $0.execute("SELECT 1") }
            #expect(await pool.losses == 1)
            #expect(signal(backend, SIGCONT))
            await pool.close()
        }
    }

    /// Whether a process of the server could be sent a signal.
    private func signal(_ process: Int, _ number: Int32) -> Bool { kill(pid_t(process), number) == 0 }
}
