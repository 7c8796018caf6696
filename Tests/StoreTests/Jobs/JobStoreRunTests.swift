import Pipeline
import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing
import TimeSeries

/// Runs against a real PostgreSQL: claimed once, fenced, taken back, tried again.
@Suite struct JobStoreRunTests {
    @Test func concurrentClaimsNeverGiveOneRunTwice() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.overlap = .allow }
            for _ in 0..<60 { _ = try await fixture.catalog.enqueue("job") }
            let databases = (0..<6).map { _ in fixture.anotherDatabase() }
            let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for database in databases {
                    group.addTask {
                        let store = PostgresJobStore(database: database)
                        var mine: [Int64] = []
                        while let run = try await store.claim(
                            kinds: ["test"], runID: nil, worker: JobFixture.worker)
                        {
                            mine.append(run.runID)
                        }
                        return mine
                    }
                }
                return try await group.reduce([], +)
            }
            for database in databases { await database.close() }
            #expect(claimed.count == 60)
            #expect(Set(claimed).count == 60)
        }
    }

    @Test func runsOfAJobThatMayNotOverlapRunOneAfterAnother() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("one")
            try await fixture.add("two")
            for name in ["one", "one", "one", "two", "two"] { _ = try await fixture.catalog.enqueue(name) }
            let databases = (0..<6).map { _ in fixture.anotherDatabase() }
            let claimed = try await withThrowingTaskGroup(of: ClaimedRun?.self) { group in
                for database in databases {
                    group.addTask {
                        try await PostgresJobStore(database: database).claim(
                            kinds: ["test"], runID: nil, worker: JobFixture.worker)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
            }
            for database in databases { await database.close() }
            // A claim that lost its race looks again, so that what can run does.
            #expect(Set(claimed.map(\.jobName)) == ["one", "two"])
            #expect(claimed.count == 2)
            let one = try #require(claimed.first { $0.jobName == "one" })
            #expect(try await fixture.claim() == nil)
            #expect(try await fixture.store.finish(one, .completed(result: "{}"), notes: []))
            #expect(try await fixture.claim()?.jobName == "one")
        }
    }

    @Test func anUnknownKindIsLeftAlone() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.kind = "of tomorrow" }
            let runID = try #require(try await fixture.catalog.enqueue("job"))
            #expect(try await fixture.claim(["test"]) == nil)
            #expect(try await fixture.claim(["test"], runID: runID) == nil)
            #expect(try await fixture.claim(["of tomorrow"])?.runID == runID)
        }
    }

    @Test func noRunWaitsForEverBehindMoreUrgentOnes() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.overlap = .allow }
            let old = try #require(try await fixture.catalog.enqueue("job"))
            let urgent = try #require(try await fixture.catalog.enqueue("job"))
            try await fixture.connection.execute("UPDATE suyo.run SET priority = 0 WHERE run_id = \(urgent)")
            try await fixture.connection.execute(
                "UPDATE suyo.run SET available_at = available_at - interval '15 minutes' WHERE run_id = \(old)")
            let first = try #require(try await fixture.claim())
            #expect(first.runID == urgent)
            #expect(try await fixture.store.finish(first, .interrupted, notes: []))
            // A hundred points are a thousand seconds.
            try await fixture.connection.execute(
                "UPDATE suyo.run SET available_at = available_at - interval '2 minutes' WHERE run_id = \(old)")
            #expect(try await fixture.claim()?.runID == old)
        }
    }

    @Test func aStaleFenceCanDoNothing() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let stale = try await fixture.begin()
            try await fixture.silence(stale, seconds: 16)
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await fixture.store.heartbeat(stale, percent: 1, message: nil) == .lost)
            #expect(try await fixture.store.finish(stale, .completed(result: "{}"), notes: ["stale"]) == false)
            let next = try #require(try await fixture.claim())
            #expect(next.runID == stale.runID)
            #expect(next.fence > stale.fence)
            #expect(next.attempt == 2)
            #expect(try await fixture.store.heartbeat(stale, percent: 99, message: "stale") == .lost)
            #expect(
                try await fixture.store.finish(stale, .failed(.data, error: "stale"), notes: []) == false
            )
            #expect(try await fixture.store.finish(stale, .interrupted, notes: []) == false)
            #expect(try await fixture.state(of: next) == "running")
            #expect(try await fixture.store.heartbeat(next, percent: 10, message: nil) == .held)
            #expect(try await fixture.store.finish(next, .completed(result: "{\"by\":2}"), notes: []))
            // Nor when it is over.
            #expect(try await fixture.store.finish(stale, .completed(result: "{}"), notes: []) == false)
            #expect(try await fixture.text("SELECT result ->> 'by' FROM suyo.run") == "2")
            #expect(
                try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run_log WHERE message = 'stale'") == 0)
        }
    }

    @Test func onlyASilentWorkersRunIsTakenBack() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.maxAttempts = 2 }
            let run = try await fixture.begin()
            try await fixture.silence(run, seconds: 13)
            #expect(try await fixture.store.rescue() == 0)
            #expect(try await fixture.store.heartbeat(run, percent: nil, message: nil) == .held)
            try await fixture.silence(run, seconds: 16)
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await fixture.store.rescue() == 0)
            #expect(try await fixture.state(of: run) == "retryable")
            // It may run at once: thirty seconds of silence and a second or two are well within a minute.
            let second = try #require(try await fixture.claim())
            try await fixture.silence(second, seconds: 16)
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await fixture.state(of: second) == "failed")
            #expect(
                try await fixture.text("SELECT error FROM suyo.run")
                    == "The worker died: it sent no heartbeat for 15 s.")
            #expect(
                try await fixture.count(
                    "SELECT pg_catalog.count(*) FROM suyo.run_log WHERE level = 'error' AND attempt IN (1, 2)") == 2)
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.lease") == 0)
            #expect(try await fixture.claim() == nil)
        }
    }

    @Test func anAttemptThatPublishesIsNeitherTakenBackNorHeldUp() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let run = try await fixture.begin()
            try await fixture.silence(run, seconds: 16)
            let publisher = try await fixture.test.connect()
            try await publisher.execute("BEGIN")
            _ = try await publisher.query("SELECT FROM suyo.lease WHERE run_id = \(run.runID) FOR UPDATE")
            #expect(try await fixture.store.rescue() == 0)
            #expect(try await fixture.store.heartbeat(run, percent: 50, message: nil) == .held)
            try await publisher.execute("ROLLBACK")
            #expect(try await fixture.store.rescue() == 1)
        }
    }

    /// What happens to an attempt whose effects are committed, and that it is done then.
    @Test(arguments: ["killed", "handed back", "failed", "cancelled"])
    func committedEffectsAreNeverRepeated(_ fate: String) async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let run = try await fixture.begin()
            try await fixture.connection.execute(
                "UPDATE suyo.run SET effect_at = pg_catalog.now() WHERE run_id = \(run.runID)")
            switch fate {
            case "killed":
                try await fixture.silence(run, seconds: 16)
                #expect(try await fixture.store.rescue() == 1)
            case "handed back": #expect(try await fixture.store.finish(run, .interrupted, notes: []))
            case "failed":
                #expect(try await fixture.store.finish(run, .failed(.database, error: "late"), notes: []))
            default:
                #expect(try await fixture.catalog.cancel(run: run.runID))
                #expect(try await fixture.store.finish(run, .cancelled, notes: []))
            }
            #expect(try await fixture.state(of: run) == "completed")
            #expect(try await fixture.count("SELECT attempt::bigint FROM suyo.run") == 1)
            #expect(try await fixture.claim() == nil)
        }
    }

    @Test func publishingMarksTheRunAsDoneAndItsLeaseAsAlive() async throws {
        try await JobFixture.with { fixture in
            try await SampleOrders.insert(into: fixture.connection)
            try await fixture.add()
            let run = try await fixture.begin()
            try await fixture.silence(run, seconds: 16)
            let retraining = Retraining(
                reader: DemandStore(database: fixture.test.database),
                registry: ForecastStore(database: fixture.test.database), codeVersion: "test")
            _ = try await retraining.run(
                portfolio: "job", specification: PortfolioSpecification(frequency: .daily, horizon: 7),
                permit: WritePermit(runID: run.runID, fence: run.fence)
            ) { _ in }
            // Published, and then killed before it could say so.
            #expect(try await fixture.store.rescue() == 0)
            try await fixture.silence(run, seconds: 16)
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await fixture.state(of: run) == "completed")
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.model_version") == 1)
        }
    }

    @Test func aFailureIsTriedAgainLaterAndThenIsFinal() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.maxAttempts = 2 }
            let first = try await fixture.begin()
            #expect(
                try await fixture.store.finish(first, .failed(.database, error: "lost\0"), notes: ["a", "b"]))
            #expect(try await fixture.state(of: first) == "retryable")
            #expect(try await fixture.claim() == nil)
            let delay = RetryPolicy().delay(attempt: 1, runID: first.runID)
            #expect(
                try await fixture.count(
                    """
                    SELECT (pg_catalog.abs(extract(epoch FROM available_at - ended_at)::float8 - \(delay)) < 0.001
                        AND finished_at IS NULL)::int FROM suyo.run
                    """) == 1)
            #expect(
                try await fixture.text(
                    "SELECT pg_catalog.string_agg(level || ' ' || message, ', ' ORDER BY log_id) FROM suyo.run_log WHERE attempt = 1"
                ) == "info a, info b, error lost\u{FFFD}")
            try await fixture.connection.execute("UPDATE suyo.run SET available_at = pg_catalog.now()")
            let second = try #require(try await fixture.claim())
            #expect(second.attempt == 2)
            #expect(try await fixture.text("SELECT pg_catalog.concat(error, failure) FROM suyo.run") == "")
            #expect(try await fixture.store.finish(second, .failed(.database, error: "again"), notes: []))
            #expect(try await fixture.state(of: second) == "failed")
            #expect(try await fixture.count("SELECT (finished_at = ended_at)::int FROM suyo.run") == 1)
        }
    }

    @Test func aDataErrorIsNotTriedAgain() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let run = try await fixture.begin()
            #expect(try await fixture.store.finish(run, .failed(.data, error: "no demand"), notes: ["read"]))
            #expect(try await fixture.state(of: run) == "failed")
            #expect(try await fixture.text("SELECT failure FROM suyo.run_history") == "data")
            #expect(
                try await fixture.text(
                    "SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', failure, message), ', ' ORDER BY log_id) FROM suyo.run_log WHERE attempt > 0"
                ) == "read, data no demand")
        }
    }

    /// A kind of failure, and what becomes of a run whose job wants another attempt after a lack of memory alone.
    @Test(arguments: [(FailureClass.memory, "retryable"), (.database, "failed"), (.crash, "failed")])
    func aJobSaysAfterWhichFailuresItIsTriedAgain(_ failure: FailureClass, _ state: String) async throws {
        try await JobFixture.with { fixture in
            try await fixture.add {
                ($0.retry.on, $0.retry.firstDelay, $0.retry.longestDelay, $0.retry.jitter) = ([.memory], "1h", "2h", 0)
            }
            // What a tick makes knows it as well as what a person asked for.
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
            let run = try #require(try await fixture.claim())
            if failure == .crash {
                try await fixture.silence(run, seconds: 16)
                #expect(try await fixture.store.rescue() == 1)
            } else {
                #expect(try await fixture.store.finish(run, .failed(failure, error: "so"), notes: []))
            }
            #expect(try await fixture.state(of: run) == state)
            #expect(try await fixture.text("SELECT failure FROM suyo.run") == failure.rawValue)
            #expect(
                try await fixture.text("SELECT failure FROM suyo.run_log WHERE level = 'error'") == failure.rawValue)
            if state == "retryable" {
                #expect(
                    try await fixture.text("SELECT (available_at - ended_at)::text FROM suyo.run") == "01:00:00")
            }
            let asked = try await fixture.catalog.enqueue("job")
            #expect(try await fixture.claim(runID: asked)?.retry == run.retry)
        }
    }

    @Test func aPolicyThatSQLWroteWrongHoldsUpNoClaim() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let asked = try #require(try await fixture.catalog.enqueue("job"))
            try await fixture.connection.execute("UPDATE suyo.run SET retry = '{\"on\": \"always\"}'")
            #expect(try await fixture.claim(runID: asked)?.retry == RetryPolicy())
        }
    }

    @Test func anInterruptedAttemptIsRefundedAndMayRunAtOnce() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.maxAttempts = 1 }
            var run = try await fixture.begin()
            for _ in 0..<3 {
                #expect(run.attempt == 1)
                #expect(try await fixture.store.finish(run, .interrupted, notes: []))
                #expect(try await fixture.count("SELECT attempt::bigint FROM suyo.run") == 0)
                run = try #require(try await fixture.claim())
            }
            #expect(run.fence == 4)
        }
    }

    @Test func anEndWhoseAnswerWasLostMayBeRecordedAgain() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let run = try await fixture.begin()
            for _ in 0..<2 { #expect(try await fixture.store.finish(run, .completed(result: "{}"), notes: ["once"])) }
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run_log WHERE message = 'once'") == 1)
        }
    }

    @Test func cancelStopsWhatWaitsAtOnceAndWhatRunsAtItsHeartbeat() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.overlap = .allow }
            let waiting = try #require(try await fixture.catalog.enqueue("job"))
            #expect(try await fixture.catalog.cancel(run: waiting))
            #expect(try await fixture.catalog.cancel(run: waiting) == false)
            #expect(try await fixture.catalog.cancel(run: 999) == false)
            #expect(try await fixture.claim() == nil)
            let running = try await fixture.begin()
            #expect(try await fixture.catalog.cancel(run: running.runID))
            #expect(try await fixture.state(of: running) == "running")
            #expect(try await fixture.store.heartbeat(running, percent: nil, message: nil) == .cancelRequested)
            #expect(try await fixture.store.finish(running, .cancelled, notes: []))
            #expect(try await fixture.state(of: running) == "cancelled")
            // One that dies before it hears of it is not tried again either; one that was done is done.
            let dying = try await fixture.begin()
            #expect(try await fixture.catalog.cancel(run: dying.runID))
            try await fixture.silence(dying, seconds: 16)
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await fixture.state(of: dying) == "cancelled")
            let done = try await fixture.begin()
            #expect(try await fixture.catalog.cancel(run: done.runID))
            #expect(try await fixture.store.finish(done, .completed(result: "{}"), notes: []))
            #expect(try await fixture.state(of: done) == "completed")
        }
    }

    @Test func retryGivesARunThatIsOverAnotherAttempt() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.maxAttempts = 1 }
            let run = try await fixture.begin()
            #expect(try await fixture.catalog.retry(run: run.runID) == false)
            #expect(try await fixture.store.finish(run, .failed(.database, error: "no"), notes: []))
            #expect(try await fixture.catalog.retry(run: run.runID))
            let again = try #require(try await fixture.claim())
            #expect(again.attempt == 2)
            #expect(again.maxAttempts == 2)
            #expect(try await fixture.store.finish(again, .completed(result: "{}"), notes: []))
            #expect(try await fixture.catalog.retry(run: run.runID) == false)
        }
    }

    @Test func theHistoryTellsLatenessOfTheFirstAttemptAndTimeOfTheLast() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let run = try await fixture.begin()
            #expect(try await fixture.store.heartbeat(run, percent: 40, message: "training") == .held)
            #expect(
                try await fixture.text("SELECT pg_catalog.concat_ws(' ', percent, message) FROM suyo.run_history")
                    == "40 training")
            #expect(try await fixture.store.finish(run, .failed(.database, error: "no"), notes: []))
            // The first attempt: due an hour before, ten minutes late, a minute long.
            try await fixture.connection.execute(
                """
                UPDATE suyo.run SET scheduled_for = pg_catalog.now() - interval '1 hour',
                    first_started_at = pg_catalog.now() - interval '50 minutes',
                    started_at = pg_catalog.now() - interval '50 minutes',
                    ended_at = pg_catalog.now() - interval '49 minutes', available_at = pg_catalog.now()
                """)
            let waiting = "SELECT pg_catalog.concat_ws(' ', lateness_seconds, seconds) FROM suyo.run_history"
            #expect(try await fixture.text("\(unescaped: waiting)") == "600 60")
            let second = try #require(try await fixture.claim())
            #expect(try await fixture.store.finish(second, .completed(result: "{}"), notes: []))
            #expect(
                try await fixture.count(
                    "SELECT (lateness_seconds = 600 AND seconds < 30 AND percent IS NULL)::int FROM suyo.run_history")
                    == 1)
        }
    }

    @Test func aWorkerIsKnownAndSeen() async throws {
        try await JobFixture.with { fixture in
            let worker = WorkerIdentity(
                workerID: JobFixture.worker, host: "here", processID: 7, codeVersion: "1", processor: "any",
                kinds: ["test", "x"])
            try await fixture.store.register(worker)
            try await fixture.connection.execute("UPDATE suyo.worker SET seen_at = seen_at - interval '1 hour'")
            try await fixture.store.register(worker)
            #expect(
                try await fixture.text(
                    """
                    SELECT pg_catalog.concat_ws(' ', host, process_id, code_version, kinds,
                        seen_at > pg_catalog.now() - interval '1 minute') FROM suyo.worker
                    """) == "here 7 1 {test,x} t")
        }
    }
}
