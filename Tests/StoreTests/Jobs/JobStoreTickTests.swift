import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Ticks against a real PostgreSQL: each exactly once, none lost, each skipped one with its reason.
@Suite struct JobStoreTickTests {
    @Test func eightDaemonsFireEachTickOnce() async throws {
        try await JobFixture.with { fixture in
            for name in ["a", "b", "c", "d", "e"] {
                try await fixture.add(name) { job in
                    job.overlap = .allow
                    job.misfire = .catchUp(20)
                }
            }
            try await fixture.missMinutes(20)
            let databases = (0..<8).map { _ in fixture.anotherDatabase() }
            let enqueued = try await withThrowingTaskGroup(of: Int.self) { group in
                for database in databases {
                    group.addTask {
                        var total = 0
                        for _ in 0..<5 { total += try await PostgresJobStore(database: database).fireTicks() }
                        return total
                    }
                }
                return try await group.reduce(0, +)
            }
            for database in databases { await database.close() }
            // A minute may have begun meanwhile; that one is a tick like the others.
            let ticks = try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick")
            #expect(ticks >= 100 && ticks <= 105)
            #expect(enqueued == ticks)
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run") == ticks)
            #expect(
                try await fixture.count(
                    """
                    SELECT pg_catalog.count(*) FROM suyo.tick AS t JOIN suyo.run AS r USING (run_id)
                    WHERE t.outcome = 'enqueued' AND r.scheduled_for = t.fire_at AND r.reason = 'tick'
                    """) == ticks)
            #expect(
                try await fixture.count("SELECT pg_catalog.count(DISTINCT (job_id, scheduled_for)) FROM suyo.run")
                    == ticks)
        }
    }

    @Test func aTickThatStandsInTheLedgerNeverFiresAgain() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.overlap = .allow }
            try await fixture.missMinutes(3)
            let first = try await fixture.store.fireTicks()
            #expect(first == 1 || first == 2, "the missed ones as one, and a minute that began meanwhile: \(first)")
            // As if a backup had been put back, or another daemon's clock had gone wrong.
            try await fixture.missMinutes(3)
            let before = try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick")
            let again = try await fixture.store.fireTicks()
            let after = try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick")
            #expect(again == after - before, "only a minute that began meanwhile may fire")
            #expect(
                try await fixture.count("SELECT pg_catalog.count(DISTINCT scheduled_for) FROM suyo.run")
                    == fixture.count("SELECT pg_catalog.count(*) FROM suyo.run"))
        }
    }

    @Test func aTransactionThatBreaksBetweenRunAndTickLeavesNeither() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            try await fixture.missMinutes(2)
            try await fixture.connection.simple(
                """
                CREATE FUNCTION public.break_off() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
                CREATE TRIGGER break_off AFTER INSERT ON suyo.tick FOR EACH ROW WHEN (NEW.outcome = 'enqueued')
                    EXECUTE FUNCTION public.break_off()
                """)
            await #expect(throws: PostgresError.self) { try await fixture.store.fireTicks() }
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run") == 0)
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick") == 0)
            try await fixture.connection.execute("DROP TRIGGER break_off ON suyo.tick")
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run") == 1)
        }
    }

    @Test func nothingIsDueEarlyAndNothingIsPassedOverWithinASecond() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add(cron: "* * * * * *") { job in
                job.overlap = .allow
                job.misfire = .catchUp(100)
            }
            // Decided up to seven tenths of a second: rounded, the tick at the next full second would be lost.
            try await fixture.connection.execute(
                """
                UPDATE suyo.job SET next_fire_at = pg_catalog.now(),
                    considered_until = pg_catalog.date_trunc('second', pg_catalog.now()) - interval '9.3 seconds'
                """)
            _ = try await fixture.store.fireTicks()
            #expect(
                try await fixture.count(
                    """
                    SELECT (pg_catalog.min(t.fire_at) = pg_catalog.date_trunc('second', j.created_at)
                        OR pg_catalog.count(*) >= 10)::int
                    FROM suyo.tick AS t JOIN suyo.job AS j USING (job_id) GROUP BY j.created_at
                    """) == 1)
            #expect(
                try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick WHERE fire_at > decided_at") == 0)
        }
    }

    @Test func onlyTheDatabasesClockCounts() async throws {
        try await JobFixture.with { fixture in
            // Far from now on any clock a daemon may have: what is due follows from the table and the server alone.
            try await fixture.add(cron: "0 0 1 1 *")
            #expect(
                try await fixture.count(
                    """
                    SELECT pg_catalog.count(*) FROM suyo.job WHERE next_fire_at > pg_catalog.now()
                        AND next_fire_at <= pg_catalog.now() + interval '366 days'
                    """) == 1)
            #expect(try await fixture.store.fireTicks() == 0)
            try await fixture.connection.execute(
                "UPDATE suyo.job SET next_fire_at = pg_catalog.now() + interval '2 hours', considered_until = pg_catalog.now() + interval '2 hours'"
            )
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await fixture.ledger() == [])
        }
    }

    @Test func everyTickOfALongAbsenceIsInTheLedger() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            try await fixture.missMinutes(3000)
            #expect(try await fixture.store.fireTicks() == 1)
            let ticks = try await fixture.count("SELECT pg_catalog.sum(tick_count)::bigint FROM suyo.tick")
            #expect(ticks == 3000 || ticks == 3001)
            // One more where a minute began between two looks.
            let rows = try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.tick")
            #expect(rows == 1001 || rows == 1002)
            #expect(
                try await fixture.count("SELECT pg_catalog.max(tick_count)::bigint FROM suyo.tick") == ticks - rows + 1)
        }
    }

    @Test func overlapSkipsAndCancels() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("skip")
            try await fixture.add("cancel") { $0.overlap = .cancelRunning }
            let skip = try await fixture.begin("skip")
            let cancel = try await fixture.begin("cancel")
            let waiting = try #require(try await fixture.catalog.enqueue("cancel"))
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(
                try await fixture.text("SELECT reason FROM suyo.tick WHERE outcome = 'skipped' LIMIT 1")
                    == "overlap: the run before is not over")
            #expect(try await fixture.store.heartbeat(skip, percent: nil, message: nil) == .held)
            #expect(try await fixture.store.heartbeat(cancel, percent: nil, message: nil) == .cancelRequested)
            #expect(try await fixture.text("SELECT state FROM suyo.run WHERE run_id = \(waiting)") == "cancelled")
            // The new run waits until the old one has stopped.
            #expect(try await fixture.claim() == nil)
            #expect(try await fixture.store.finish(cancel, .cancelled, notes: []))
            #expect(try await fixture.claim()?.jobName == "cancel")
        }
    }

    @Test func ticksInAPauseAreSkippedAndSayWhoPaused() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            #expect(try await fixture.catalog.setPaused("job", true))
            #expect(try await fixture.catalog.setPaused("job", true))
            #expect(try await fixture.catalog.setPaused("no such job", true) == false)
            #expect(try await fixture.text("SELECT paused::text FROM suyo.job_status") == "true")
            try await fixture.missMinutes(5)
            try await fixture.connection.execute(
                "UPDATE suyo.job_pause SET paused_at = pg_catalog.now() - interval '1 hour'")
            #expect(try await fixture.store.fireTicks() == 0)
            // Resumed while no daemon looked: the ticks of the pause are still known.
            try await fixture.missMinutes(2)
            try await fixture.connection.execute("DELETE FROM suyo.tick")
            #expect(try await fixture.catalog.setPaused("job", false))
            #expect(try await fixture.store.fireTicks() == 0)
            let who = try #require(try await fixture.text("SELECT session_user::text"))
            let ledger = try await fixture.ledger()
            #expect(ledger == ["2 skipped paused by \(who)"] || ledger == ["3 skipped paused by \(who)"])
            #expect(try await fixture.text("SELECT paused::text FROM suyo.job_status") == "false")
            // Resumed an hour ago, it fires again.
            try await fixture.connection.execute("DELETE FROM suyo.tick")
            try await fixture.connection.execute(
                "UPDATE suyo.job_pause SET paused_at = pg_catalog.now() - interval '3 hours', resumed_at = pg_catalog.now() - interval '1 hour'"
            )
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
        }
    }

    @Test func aPausedJobCanBeRunByAPerson() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add(cron: nil)
            _ = try await fixture.catalog.setPaused("job", true)
            #expect(try await fixture.begin().jobName == "job")
        }
    }

    @Test func oneBadDefinitionDoesNotHoldUpTheOthers() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("good")
            try await fixture.connection.execute("SELECT suyo.schedule('bad', 'test', '99 * * * *', 'UTC', '{}')")
            try await fixture.missMinutes(1)
            try await fixture.connection.execute(
                """
                INSERT INTO suyo.job (name, source, kind, definition, next_fire_at)
                VALUES ('ugly', 'test', 'test', '{}', pg_catalog.now() - interval '1 day')
                """)
            #expect(try await fixture.store.fireTicks() == 1)
            let problem = try #require(
                try await fixture.text("SELECT problem FROM suyo.job_status WHERE name = 'bad'"))
            #expect(problem == "cron: '99' is no minute: it takes 0 to 59.")
            #expect(try await fixture.text("SELECT problem FROM suyo.job_status WHERE name = 'ugly'") != nil)
            #expect(try await fixture.text("SELECT problem FROM suyo.job_status WHERE name = 'good'") == nil)
            #expect(try await fixture.store.fireTicks() == 0)
        }
    }

    @Test func aDaemonDoesWhatIsDue() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            try await fixture.missMinutes(2)
            let (events, continuation) = AsyncStream.makeStream(of: Daemon.Event.self)
            let store = fixture.store
            let daemon = Daemon(
                store: store, worker: Worker(store: store, handlers: [Echo()]),
                identity: WorkerIdentity(
                    workerID: JobFixture.worker, host: "here", processID: 1, codeVersion: "test", processor: "any",
                    kinds: ["test"]),
                report: { continuation.yield($0) })
            let task = Task { try await daemon.run() }
            var seen: [Daemon.Event] = []
            for await event in events {
                seen.append(event)
                if case .ended = event { break }
            }
            task.cancel()
            try await task.value
            #expect(seen.contains(.enqueued(1)))
            #expect(try await fixture.text("SELECT result ->> 'kind' FROM suyo.run") == "test")
            #expect(try await fixture.text("SELECT state FROM suyo.run_history") == "completed")
        }
    }
}

/// A handler that answers with what it was asked.
private struct Echo: RunHandler {
    let kind = "test"

    func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) { ("{\"kind\":\"\(run.kind)\"}", []) }

    func failureClass(of error: any Error) -> FailureClass { .internal }
}
