import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Ticks that wait for data, against a real PostgreSQL.
@Suite struct JobStoreReadinessTests {
    /// So many order lines on a day, counted from today in UTC.
    private func load(_ lines: Int, day: Int, _ fixture: JobFixture) async throws {
        try await fixture.connection.execute(
            """
            INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
            SELECT 'test', pg_catalog.concat(\(day), '-', line), 1, 'A', 'S',
                ((pg_catalog.now() AT TIME ZONE 'UTC')::date + \(day)::int + time '12:00') AT TIME ZONE 'UTC', 1
            FROM pg_catalog.generate_series(1, \(lines)) AS line
            """)
    }

    private func waitsFor(_ fixture: JobFixture) async throws -> String? {
        try await fixture.text("SELECT waits_for FROM suyo.job_status")
    }

    /// Makes the tick due again at once, as the next look would.
    private func lookAgain(_ fixture: JobFixture) async throws -> Int {
        try await fixture.connection.execute("UPDATE suyo.job SET next_fire_at = pg_catalog.now()")
        return try await fixture.store.fireTicks()
    }

    @Test func aTickWaitsForItsDayAndFiresOnceItIsThere() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.readyWhen = .init(dataThrough: "-1d", deadline: "1d") }
            try await load(5, day: -3, fixture)
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await waitsFor(fixture)?.hasPrefix("data of 20") == true)
            // Not decided, and looked at again within half a minute.
            #expect(try await fixture.ledger() == [])
            #expect(
                try await fixture.count(
                    """
                    SELECT pg_catalog.count(*) FROM suyo.job WHERE considered_until < pg_catalog.now()
                        AND next_fire_at BETWEEN pg_catalog.now() AND pg_catalog.now() + interval '31 seconds'
                    """) == 1)
            #expect(try await lookAgain(fixture) == 0)
            try await load(1, day: -1, fixture)
            #expect(try await lookAgain(fixture) == 1)
            #expect(try await waitsFor(fixture) == nil)
            #expect(
                try await fixture.count(
                    "SELECT pg_catalog.count(*) FROM suyo.tick WHERE outcome = 'enqueued' AND reason IS NULL")
                    == 1)
        }
    }

    @Test func fewerRowsThanUsualAreWaitedFor() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.readyWhen = .init(minimumRowsShare: 0.5, deadline: "1d") }
            for week in 1...8 { try await load(week <= 4 ? 100 : 120, day: -1 - 7 * week, fixture) }
            try await load(54, day: -1, fixture)
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 0)
            // The median of four of 100 and four of 120 is 110, and half of it 55.
            #expect(try await waitsFor(fixture)?.hasSuffix(": 54 rows of some 110") == true)
            try await fixture.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT source, 'one more', line_no, item_id, site_id, ordered_at, quantity
                FROM demand.order_line ORDER BY ordered_at DESC LIMIT 1
                """)
            #expect(try await lookAgain(fixture) == 1)
        }
    }

    @Test func aWeekdayWithoutOrdersIsComparedWithTheDayBefore() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.readyWhen = .init(minimumRowsShare: 0.5, deadline: "1d") }
            try await load(10, day: -2, fixture)
            try await load(4, day: -1, fixture)
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await waitsFor(fixture)?.hasSuffix(": 4 rows of some 10") == true)
            try await load(1, day: 0, fixture)
            #expect(try await lookAgain(fixture) == 0)
        }
    }

    @Test func atItsDeadlineATickFiresAndSaysWhy() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add { $0.readyWhen = .init(deadline: "2m") }
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 0)
            try await fixture.missMinutes(4)
            #expect(try await fixture.store.fireTicks() == 1)
            let reason = try #require(
                try await fixture.text("SELECT reason FROM suyo.tick WHERE outcome = 'enqueued'"))
            #expect(reason.hasPrefix("fired at its deadline without data of 20"))
            #expect(try await fixture.text("SELECT message FROM suyo.run_log WHERE level = 'warning'") == reason)
            #expect(try await waitsFor(fixture) == nil)
        }
    }
}
