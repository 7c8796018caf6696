import Foundation
import PostgresClient
import TestSupport
import Testing

/// Attempts in processes of their own: whatever becomes of one, the daemon lives, says so, and tries again.
@Suite struct AttemptProcessTests {
    @Test func aKilledAttemptIsReportedWithItsSignalAndTriedAgain() async throws {
        try await Company.with { company in
            let outcome = try await company.suyo.running(["serve"]) { daemon in
                try await company.hold("demand.order_line") {
                    try await company.enqueue()
                    try await company.waitForWaiter(on: "demand.order_line")
                    try #require(daemon.children.first).send(.kill)
                    try await waitUntil("the run waits for another attempt") {
                        try await company.text("SELECT state FROM suyo.run") == "retryable"
                    }
                }
                #expect(
                    try await company.text("SELECT error FROM suyo.run") == "the attempt was killed by signal 9 (KILL)")
                // As it is some seconds later.
                try await company.connection.execute("UPDATE suyo.run SET available_at = pg_catalog.now()")
                try await company.waitForState("completed")
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try await company.text("SELECT attempt::text FROM suyo.run") == "2")
            #expect(try await company.text("SELECT pg_catalog.count(*)::text FROM suyo.model_version") == "1")
        }
    }

    @Test func aRunThatKillsEveryAttemptFails() async throws {
        try await Company.with { company in
            let outcome = try await company.suyo.running(["serve"]) { daemon in
                try await company.hold("demand.order_line") {
                    try await company.enqueue()
                    for attempt in 1...3 {
                        // The server notices a dead client only once it has the lock.
                        try await company.waitForWaiter(on: "demand.order_line", count: attempt)
                        try #require(daemon.children.first).send(.kill)
                        try await waitUntil("attempt \(attempt) has ended") {
                            try await company.text(
                                "SELECT attempt::text FROM suyo.run WHERE state <> 'running'") == "\(attempt)"
                        }
                        try await company.connection.execute("UPDATE suyo.run SET available_at = pg_catalog.now()")
                    }
                }
                try await company.waitForState("failed")
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    @Test func anAttemptDiesWithItsDaemon() async throws {
        try await Company.with { company in
            var attempt: SuyoProcess.Running?
            try await company.hold("demand.order_line") {
                let outcome = try await company.suyo.running(["serve"]) { daemon in
                    try await company.enqueue()
                    try await company.waitForWaiter(on: "demand.order_line")
                    attempt = daemon.children.first
                    daemon.send(.kill)
                }
                #expect(outcome.code == 137)
                let orphan = try #require(attempt)
                try await waitUntil("the attempt is gone") { !orphan.isAlive }
            }
        }
    }

    @Test func aCancelledAttemptIsGoneBeforeTheRunIsTakenUpAnew() async throws {
        try await Company.with { company in
            let outcome = try await company.suyo.running(["serve"]) { daemon in
                try await company.hold("demand.order_line") {
                    try await company.enqueue()
                    try await company.waitForWaiter(on: "demand.order_line")
                    let attempt: SuyoProcess.Running = try #require(daemon.children.first)
                    #expect(try await company.suyo.run(["jobs", "cancel", "1"]).code == 0)
                    try await company.waitForState("cancelled")
                    try await waitUntil("the attempt is gone") { !attempt.isAlive }
                }
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    @Test func memoryThatDoesNotSufficeIsNamedAndNotTriedAgain() async throws {
        try await Company.with { company in
            try await company.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'many', pg_catalog.concat(item, '-', day), 1, item::text, 'ICN',
                    timestamptz '2026-01-01' + day * interval '1 day', item % 7 + day % 5
                FROM pg_catalog.generate_series(1, 2000) AS item, pg_catalog.generate_series(0, 100) AS day
                """)
            let outcome = try await company.suyo.running(["serve", "--memory-limit-mb", "16"]) { daemon in
                try await company.enqueue()
                try await company.waitForState("failed")
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                try await company.text("SELECT error FROM suyo.run")
                    == "the attempt needed more than 16 MB of memory: raise memory_limit_mb, or split the job")
        }
    }

    @Test func whatItsLibrariesPrintIsInTheRunsLog() async throws {
        try await Company.with { company in
            // OpenBLAS says on standard error for which processor it calculates.
            var suyo = company.suyo
            suyo.environment["OPENBLAS_VERBOSE"] = "2"
            let outcome = try await suyo.running(["serve"]) { daemon in
                try await company.enqueue()
                try await company.waitForState("completed")
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
            let log = try await suyo.run(["jobs", "log", "1", "--format", "csv"]).output
            #expect(log.contains(",1,info,,Core: "), "\(log)")
        }
    }
}
