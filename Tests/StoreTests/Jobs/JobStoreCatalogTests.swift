import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// The catalogue and the functions that operators have in SQL.
@Suite struct JobStoreCatalogTests {
    private func job(_ name: String, cron: String? = "0 3 * * *", spec: String = "{}") -> JobDefinition {
        JobDefinition(name: name, kind: "test", cron: cron, spec: spec)
    }

    private func changes(
        _ fixture: JobFixture, _ jobs: [JobDefinition], source: String = "file"
    ) async throws -> [String] {
        try await fixture.catalog.apply(jobs, source: source).map { "\($0.name) \($0.change)" }
    }

    @Test func applyTellsWhatItDid() async throws {
        try await JobFixture.with { fixture in
            let first = try await changes(fixture, [job("b"), job("a")])
            #expect(first == ["a added", "b added"])
            #expect(try await changes(fixture, [job("a"), job("b")]) == ["a unchanged", "b unchanged"])
            #expect(try await changes(fixture, [job("a", spec: "{\"x\":1}")]) == ["a changed", "b removed"])
            #expect(try await changes(fixture, [job("a"), job("c")], source: "other") == ["a kept", "c added"])
            #expect(try await changes(fixture, [job("b")]) == ["b changed", "a removed"])
            // What another source has removed may be taken.
            #expect(try await changes(fixture, [job("a"), job("c")], source: "other") == ["a changed", "c unchanged"])
            #expect(try await fixture.catalog.definition(named: "b") == job("b"))
            #expect(try await fixture.catalog.definition(named: "nobody") == nil)
            #expect(try await fixture.catalog.enqueue("nobody") == nil)
        }
    }

    @Test func aRehearsalShowsEachKeyAndChangesNothing() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a", spec: #"{"horizon":28,"model":"auto"}"#), job("b")])
            var other = job("a", cron: "30 2 * * *", spec: #"{"horizon":7,"model":"auto","seed":1}"#)
            other.jitter = "5m"
            let rehearsed = try await fixture.catalog.rehearse([other, job("c")], source: "file")
            #expect(rehearsed.map { "\($0.name) \($0.change)" } == ["a changed", "c added", "b removed"])
            #expect(
                rehearsed[0].differences.map { "\($0.key) \($0.old ?? "-") > \($0.new ?? "-")" } == [
                    "cron 0 3 * * * > 30 2 * * *", "jitter - > 5m", "spec.horizon 28 > 7", "spec.seed - > 1",
                ])
            #expect(
                try await changes(fixture, [job("a", spec: #"{"horizon":28,"model":"auto"}"#), job("b")])
                    == ["a unchanged", "b unchanged"])
            #expect(try await fixture.catalog.apply([other, job("c")], source: "file") == rehearsed)
        }
    }

    @Test func aNameStandsForOneJob() async throws {
        try await JobFixture.with { fixture in
            _ = await #expect(throws: JobDefinition.Invalid.self) {
                _ = try await fixture.catalog.apply([job("a"), job("a")], source: "file")
            }
        }
    }

    @Test func aJobOnlyPeopleRunIsNeverDue() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a", cron: nil), job("never", cron: "0 0 30 2 *")])
            #expect(
                try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.job_status WHERE next_fire_at IS NULL")
                    == 2)
            #expect(try await fixture.store.fireTicks() == 0)
        }
    }

    @Test func pausesSurviveAnotherApply() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a")])
            #expect(try await fixture.catalog.setPaused("a", true))
            #expect(try await changes(fixture, [job("a", cron: "0 4 * * *")]) == ["a changed"])
            #expect(try await fixture.text("SELECT paused::text FROM suyo.job_status") == "true")
        }
    }

    @Test func aTickThatIsDueWhenTheScheduleChangesIsRecorded() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a", cron: "* * * * *")])
            try await fixture.missMinutes(3)
            #expect(try await changes(fixture, [job("a", cron: "0 0 1 1 *")]) == ["a changed"])
            let reason = "skipped the schedule was changed before a daemon looked"
            let ledger = try await fixture.ledger()
            #expect(ledger == ["3 \(reason)"] || ledger == ["4 \(reason)"])
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await fixture.ledger() == ledger)
        }
    }

    @Test func aTickThatIsDueWhenTheJobGoesIsRecorded() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a", cron: "* * * * *")])
            try await fixture.missMinutes(1)
            #expect(try await changes(fixture, []) == ["a removed"])
            let ledger = try await fixture.ledger()
            #expect(ledger.count == 1 && ledger[0].hasSuffix("skipped the job was removed before a daemon looked"))
            #expect(try await fixture.store.fireTicks() == 0)
        }
    }

    @Test func aChangeThatKeepsTheScheduleLosesNoTick() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a", cron: "* * * * *")])
            try await fixture.missMinutes(1)
            #expect(try await changes(fixture, [job("a", cron: "* * * * *", spec: "{\"x\":1}")]) == ["a changed"])
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(try await fixture.text("SELECT spec ->> 'x' FROM suyo.run") == "1")
        }
    }

    @Test func aScheduleMadeInSQLIsWorkedOutByADaemon() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            try await connection.execute("BEGIN")
            try await connection.execute(
                #"SELECT suyo.schedule('nightly', 'test', '30 2 * * *', 'Asia/Seoul', '{"horizon": 7}')"#)
            try await connection.execute("ROLLBACK")
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.job") == 0)
            try await connection.execute(
                #"SELECT suyo.schedule('nightly', 'test', '30 2 * * *', 'Asia/Seoul', '{"horizon": 7}')"#)
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") == nil)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(
                try await fixture.text(
                    "SELECT (next_fire_at AT TIME ZONE 'Asia/Seoul')::time::text FROM suyo.job_status") == "02:30:00")
            #expect(
                try await fixture.catalog.definition(named: "nightly")
                    == JobDefinition(
                        name: "nightly", kind: "test", cron: "30 2 * * *", timeZone: "Asia/Seoul",
                        spec: "{\"horizon\": 7}"))
            // A file that names it is told that it is another's.
            #expect(try await changes(fixture, [job("nightly")]) == ["nightly kept"])

            // Another spec keeps the ticks, another schedule is worked out anew.
            try await connection.execute("SELECT suyo.schedule('nightly', 'test', '30 2 * * *', 'Asia/Seoul', '{}')")
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") != nil)
            try await fixture.missMinutes(1)
            try await connection.execute("SELECT suyo.schedule('nightly', 'test', '0 5 * * *', 'Asia/Seoul', '{}')")
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") == nil)
            #expect(
                try await fixture.ledger() == [
                    "1 skipped the schedule was changed before a daemon looked; later ticks up to then were not worked out"
                ])
            #expect(try await fixture.text("SELECT suyo.unschedule('nightly')::text") == "true")
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.job_status") == 0)
        }
    }

    /// A call and a part of what it is told.
    @Test(arguments: [
        ("SELECT suyo.schedule('a', 'test', '* * *')", "has 3 fields"),
        ("SELECT suyo.schedule('a', 'test', '* * * * *', 'Asia/Soul')", "there is no time zone 'Asia/Soul'"),
        ("SELECT suyo.schedule('a', 'test', '* * * * *', 'UTC', '[]')", "JSON object"),
        ("SELECT suyo.schedule('filed', 'test', '* * * * *')", "declared elsewhere (source file)"),
        ("SELECT suyo.unschedule('filed')", "declared elsewhere (source file)"),
        ("SELECT suyo.unschedule('nobody')", "there is no job 'nobody'"), ("SELECT suyo.run_now('nobody')", "no job"),
        ("SELECT suyo.pause('nobody')", "no job"), ("SELECT suyo.resume('nobody')", "no job"),
    ])
    func mistakesInSQLAreTold(_ call: String, _ reason: String) async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("filed")])
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.connection.execute("\(unescaped: call)")
            }
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    @Test func anOperatorMayDoAllThisAndNothingElse() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            let who = try #require(try await fixture.text("SELECT session_user::text"))
            try await connection.execute("SET ROLE suyo_operator")
            try await connection.execute("SELECT suyo.schedule('a', 'test', '0 3 * * *')")
            let run = try await fixture.count("SELECT suyo.run_now('a')")
            #expect(try await fixture.text("SELECT suyo.pause('a')::text") == "true")
            #expect(try await fixture.text("SELECT suyo.pause('a')::text") == "false")
            #expect(try await fixture.text("SELECT paused_by FROM suyo.job_status") == who)
            #expect(try await fixture.text("SELECT suyo.resume('a')::text") == "true")
            #expect(try await fixture.text("SELECT suyo.resume('a')::text") == "false")
            #expect(try await fixture.text("SELECT suyo.cancel(\(run))::text") == "true")
            #expect(try await fixture.text("SELECT suyo.retry(\(run))::text") == "true")
            #expect(try await fixture.text("SELECT suyo.unschedule('a')::text") == "true")
            for forbidden in [
                "UPDATE suyo.job SET source = 'x'", "DELETE FROM suyo.tick", "INSERT INTO suyo.job_pause VALUES (1)",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.execute("\(unescaped: forbidden)")
                }
                #expect(error?.code == .insufficientPrivilege)
            }
            try await connection.execute("SET ROLE suyo_reader")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("SELECT suyo.run_now('a')")
            }
            #expect(error?.code == .insufficientPrivilege)
        }
    }

    @Test func pausedResumedAndPausedAgainInOneTransactionIsOnePause() async throws {
        try await JobFixture.with { fixture in
            _ = try await changes(fixture, [job("a")])
            for call in [
                "BEGIN", "SELECT suyo.pause('a')", "SELECT suyo.resume('a')", "SELECT suyo.pause('a')", "COMMIT",
            ] {
                try await fixture.connection.execute("\(unescaped: call)")
            }
            #expect(try await fixture.text("SELECT paused::text FROM suyo.job_status") == "true")
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.job_pause") == 1)
        }
    }

    @Test func everythingHasAComment() async throws {
        try await JobFixture.with { fixture in
            let missing = try await fixture.connection.query(
                """
                SELECT pg_catalog.format('%s.%s', c.oid::regclass, a.attname) AS name
                FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
                WHERE c.relnamespace = 'suyo'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
                    AND pg_catalog.col_description(c.oid, a.attnum) IS NULL
                UNION ALL
                SELECT c.oid::regclass::text FROM pg_catalog.pg_class AS c
                WHERE c.relnamespace = 'suyo'::regnamespace AND c.relkind IN ('r', 'v')
                    AND pg_catalog.obj_description(c.oid, 'pg_class') IS NULL
                UNION ALL
                SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p
                WHERE p.pronamespace = 'suyo'::regnamespace AND pg_catalog.obj_description(p.oid, 'pg_proc') IS NULL
                """
            ).map { try $0.decode("name", as: String.self) }
            #expect(missing == [])
        }
    }
}
