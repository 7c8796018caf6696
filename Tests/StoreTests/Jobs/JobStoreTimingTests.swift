import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Intervals, days off and jitter against a real PostgreSQL.
@Suite struct JobStoreTimingTests {
    @Test func aWholeDefinitionIsScheduledFromSQL() async throws {
        try await JobFixture.with { fixture in
            let definition = #"{"name": "a", "kind": "test", "every": "1m", "overlap": "allow", "priority": 7}"#
            try await fixture.connection.execute("SELECT suyo.schedule(\(json: definition))")
            #expect(try await fixture.store.fireTicks() == 0)
            try await fixture.missMinutes(1)
            // The same timing said once more loses no tick; another one records it as skipped.
            let same = #"{"name": "a", "kind": "test", "every": "1m", "gap": "first_after", "priority": 8}"#
            try await fixture.connection.execute("SELECT suyo.schedule(\(json: same))")
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(try await fixture.count("SELECT pg_catalog.max(priority)::bigint FROM suyo.run") == 8)
            try await fixture.missMinutes(1)
            try await fixture.connection.execute("DELETE FROM suyo.tick")
            let other = #"{"name": "a", "kind": "test", "every": "2m"}"#
            try await fixture.connection.execute("SELECT suyo.schedule(\(json: other))")
            let ledger = try await fixture.ledger()
            #expect(ledger.count == 1 && ledger[0].contains("the schedule was changed"), "\(ledger)")
        }
    }

    @Test func aKeyThatSQLDoesNotKnowIsNamedWithTheOthers() async throws {
        try await JobFixture.with { fixture in
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.connection.execute(
                    #"SELECT suyo.schedule('{"name": "a", "kind": "test", "crn": "@daily"}')"#)
            }
            let keys = JobDefinition.keys.joined(separator: ", ")
            #expect(error?.message.contains("'crn' is no key of a job; those are \(keys)") == true, "\(keys)")
        }
    }

    @Test func aRunTakesParametersAndMayBeTheOneThatWaits() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add(cron: nil) { ($0.spec, $0.priority) = (#"{"horizon": 28, "model": "auto"}"#, 50) }
            let first = try #require(try await fixture.catalog.enqueue("job", parameters: #"{"horizon": 7}"#))
            #expect(
                try await fixture.count(
                    """
                    SELECT pg_catalog.count(*) FROM suyo.run
                    WHERE spec = '{"horizon": 7, "model": "auto"}' AND priority = 50 AND run_id = \(first)
                    """) == 1)
            #expect(
                try await fixture.text("SELECT message FROM suyo.run_log")?.hasSuffix(#"with {"horizon": 7}"#) == true)
            #expect(try await fixture.catalog.enqueue("job", ifNoneWaiting: true) == first)
            #expect(try await fixture.catalog.enqueue("job") != first)
            _ = await #expect(throws: PostgresError.self) {
                _ = try await fixture.catalog.enqueue("job", parameters: "[1]")
            }
        }
    }

    @Test func anIntervalFiresAndSaysSo() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add(cron: nil) { job in
                (job.every, job.overlap, job.misfire) = ("1m", .allow, .catchUp(10))
            }
            try await fixture.missMinutes(3)
            #expect(try await fixture.store.fireTicks() >= 3)
            #expect(try await fixture.text("SELECT schedule FROM suyo.job_status") == "every 1m")
            #expect(
                try await fixture.count(
                    "SELECT pg_catalog.count(*) FROM suyo.tick WHERE extract(second FROM fire_at) <> 0") == 0)
        }
    }

    @Test func aSingleInstantFiresOnceAndThenNeverAgain() async throws {
        try await JobFixture.with { fixture in
            let soon = try #require(
                try await fixture.text(
                    "SELECT pg_catalog.to_char((pg_catalog.now() - interval '1 minute') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI')"
                ))
            try await fixture.add(cron: nil) { $0.at = soon }
            // It was over before it was declared.
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") == "infinity")
            try await fixture.missMinutes(5)
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") == "infinity")
        }
    }

    @Test func jitterMovesTheStartAndNotTheTick() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.jitter = "1d" }
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
            let run = try await fixture.connection.query(
                """
                SELECT extract(epoch FROM r.scheduled_for)::bigint AS tick, t.fire_at = r.scheduled_for AS same,
                    extract(epoch FROM r.available_at - r.scheduled_for)::float8 AS later, r.state
                FROM suyo.run AS r JOIN suyo.tick AS t USING (run_id)
                """)[0]
            let later = Jitter.delay(job: "job", fireAt: try run.decode("tick", as: Int.self), within: 86_400)
            #expect(try run.decode("same", as: Bool.self))
            // One that is over already starts at once.
            let found = try run.decode("later", as: Double.self)
            if try run.decode("state", as: String.self) == "scheduled" {
                #expect(found == Double(later))
                #expect(try await fixture.claim() == nil)
            } else {
                #expect(found >= Double(later))
            }
        }
    }

    @Test func aHolidayThatIsLoadedLaterCounts() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { job in
                (job.calendar, job.onHoliday, job.workingDays) = ("KR", .skip, "*")
            }
            #expect(
                try await fixture.text("SELECT problem FROM suyo.job_status")?.contains("no coming holiday") == true)
            try await fixture.connection.execute(
                "INSERT INTO demand.holiday SELECT 'KR', current_date + day, 'a feast' FROM pg_catalog.generate_series(-1, 1) AS day"
            )
            #expect(try await fixture.text("SELECT problem FROM suyo.job_status") == nil)
            #expect(try await fixture.text("SELECT next_fire_at::text FROM suyo.job") == nil)
            try await fixture.missMinutes(2)
            #expect(try await fixture.store.fireTicks() == 0)
            let ledger = try await fixture.ledger()
            #expect(ledger.count == 1 && ledger[0].hasSuffix("skipped no working day: a feast"), "\(ledger)")
            // Taken back, the next ticks fire.
            try await fixture.connection.execute("DELETE FROM demand.holiday")
            try await fixture.connection.execute("DELETE FROM suyo.tick")
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
        }
    }

    @Test func aTickMovesToTheNextWorkingDay() async throws {
        try await JobFixture.with { fixture in
            // Today and tomorrow are off, in every zone: the next tick is on the third day.
            try await fixture.connection.execute(
                "INSERT INTO demand.holiday SELECT 'KR', (pg_catalog.now() AT TIME ZONE 'UTC')::date + day, 'a feast' FROM pg_catalog.generate_series(0, 2) AS day"
            )
            try await fixture.add(cron: "0 6 * * *") { job in
                (job.calendar, job.onHoliday, job.workingDays) = ("KR", .nextWorkingDay, "*")
            }
            #expect(
                try await fixture.count(
                    """
                    SELECT pg_catalog.count(*) FROM suyo.job WHERE next_fire_at AT TIME ZONE 'UTC'
                        = (SELECT pg_catalog.max(date) FROM demand.holiday) + 1 + time '06:00'
                    """) == 1)
            let schedule = try #require(try await fixture.catalog.schedule(named: "job"))
            #expect(schedule?.rule == .nextWorkingDay)
            // Applied once more, nothing changes; with another rule, the ticks are others.
            let definition = try #require(try await fixture.catalog.definition(named: "job"))
            #expect(try await fixture.catalog.apply([definition], source: "test job").map(\.change) == ["unchanged"])
            var other = definition
            (other.calendar, other.onHoliday) = (nil, .run)
            #expect(try await fixture.catalog.apply([other], source: "test job").map(\.change) == ["changed"])
            #expect(
                try await fixture.count(
                    "SELECT pg_catalog.count(*) FROM suyo.job WHERE next_fire_at < pg_catalog.now() + interval '1 day'")
                    == 1)
        }
    }
}
