import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// How far demand has arrived: no partial day is taken for a whole one, and no whole one thrown away.
@Suite struct WatermarkTests {
    /// Orders at ICN at each of `hours` of every day from `first` to `last`; `sunday` where Sundays differ.
    private func trade(
        _ fixture: OrderFixture, from first: String, to last: String, hours: [Int], sunday: [Int]? = nil,
        site: String = "ICN"
    ) async throws {
        try await fixture.connection.execute(
            """
            INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
            SELECT 'erp', pg_catalog.concat(\(site)::text, day::date, ' ', hour), 1, 'A', \(site),
                (day + hour * interval '1 hour') AT TIME ZONE 'Asia/Seoul', 1
            FROM pg_catalog.generate_series(\(first)::timestamp, \(last)::timestamp, '1 day') AS day,
                LATERAL pg_catalog.unnest(CASE WHEN extract(dow FROM day) = 0
                    THEN \((sunday ?? hours).map(Int64.init)) ELSE \(hours.map(Int64.init)) END::integer[]) AS hour
            """)
    }

    private func watermark(_ fixture: OrderFixture) async throws -> DataWatermark {
        try #require(try await fixture.store.watermark())
    }

    private let busy = Array(8...20)

    @Test func withoutOrdersThereIsNone() async throws {
        try await OrderFixture.with { fixture in
            #expect(try await fixture.store.watermark() == nil)
            try await fixture.order(1, "1", at: "2099-01-01 10:00+09")
            #expect(try await fixture.store.watermark() == nil)
        }
    }

    @Test func aWholeLastDayCounts() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-28", hours: busy)
            let whole = try await watermark(fixture)
            #expect(whole.dataThrough.description == "2025-06-28")
            #expect(whole.immatureReason == nil)
        }
    }

    @Test func aDayOnWhichTheFileStopsAtNoonDoesNot() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-27", hours: busy)
            try await trade(fixture, from: "2025-06-28", to: "2025-06-28", hours: Array(8...12))
            let cut = try await watermark(fixture)
            #expect(cut.dataThrough.description == "2025-06-27")
            #expect(cut.immatureReason?.contains("2025-06-28") == true && cut.immatureReason?.contains("12:00") == true)
        }
    }

    @Test func ordersFromTheFutureChangeNothing() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-28", hours: busy)
            try await fixture.order(1, "typo", at: "2205-06-01 10:00+09")
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func aShortSundayIsAWholeSunday() async throws {
        try await OrderFixture.with { fixture in
            // 2025-06-29 is a Sunday.
            try await trade(fixture, from: "2025-05-01", to: "2025-06-29", hours: busy, sunday: [9, 10])
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-29")
        }
    }

    @Test func aSundayOnWhichTheFileStopsIsComparedWithSundays() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-28", hours: [9], sunday: busy)
            try await trade(fixture, from: "2025-06-29", to: "2025-06-29", hours: [9])
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func aShopWithThreeOrdersADayKeepsADayThatEndsEarly() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-27", hours: [9, 13, 19])
            try await trade(fixture, from: "2025-06-28", to: "2025-06-28", hours: [9])
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func oneQuietDayOfTheSameKindIsEnoughForDoubt() async throws {
        try await OrderFixture.with { fixture in
            // Saturdays as ever but for one that ended at noon, too.
            try await trade(fixture, from: "2025-05-01", to: "2025-06-13", hours: busy)
            try await trade(fixture, from: "2025-06-14", to: "2025-06-14", hours: Array(8...12))
            try await trade(fixture, from: "2025-06-15", to: "2025-06-27", hours: busy)
            try await trade(fixture, from: "2025-06-28", to: "2025-06-28", hours: Array(8...12))
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func withTwoWeeksOfHistoryNothingIsThrownAway() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-06-14", to: "2025-06-27", hours: busy)
            try await trade(fixture, from: "2025-06-28", to: "2025-06-28", hours: [8])
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func datesWithoutTimesAreWholeDays() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'erp', pg_catalog.concat(day, ' ', n), 1, 'A', 'ICN',
                    (date '2025-05-01' + day)::timestamp AT TIME ZONE 'Asia/Seoul', 1
                FROM pg_catalog.generate_series(0, 58) AS day, pg_catalog.generate_series(1, 20) AS n
                """)
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func linesWithoutTimesAmongOthersTellNothingOfTheHour() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-26", hours: busy)
            try await trade(fixture, from: "2025-06-27", to: "2025-06-27", hours: [8])
            // The last day came from another system, which knows days only; the short day before is not its own.
            try await fixture.order(1, "day only", at: "2025-06-28 00:00+09")
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
        }
    }

    @Test func todayIsNotOverYet() async throws {
        try await OrderFixture.with { fixture in
            func yesterday() async throws -> String {
                try await fixture.connection.query(
                    "SELECT ((pg_catalog.now() AT TIME ZONE 'Asia/Seoul')::date - 1)::text")[0]
                    .decode(0, as: String.self)
            }
            try await fixture.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                VALUES ('erp', '1', 1, 'A', 'ICN', pg_catalog.now(), 1)
                """)
            // Midnight may pass between two statements; then either answer was right.
            let before = try await yesterday()
            let found = try await watermark(fixture)
            let after = try await yesterday()
            #expect([before, after].contains(found.dataThrough.description))
            #expect(found.immatureReason?.contains("not over yet") == true || before != after)
        }
    }

    @Test func aDayIsOverWhenItIsOverAtTheWesternmostSite() async throws {
        try await OrderFixture.with { fixture in
            // Their dates never agree: fourteen hours ahead of UTC, eleven behind.
            try await fixture.connection.execute(
                """
                INSERT INTO demand.site (site_id, time_zone)
                VALUES ('EAST', 'Pacific/Kiritimati'), ('WEST', 'Pacific/Pago_Pago')
                """)
            for site in ["EAST", "WEST"] {
                try await fixture.connection.execute(
                    """
                    INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                    VALUES ('erp', \(site), 1, 'A', \(site), pg_catalog.now(), 1)
                    """)
            }
            func yesterdayInTheWest() async throws -> String {
                try await fixture.connection.query(
                    "SELECT ((pg_catalog.now() AT TIME ZONE 'Pacific/Pago_Pago')::date - 1)::text")[0]
                    .decode(0, as: String.self)
            }
            let before = try await yesterdayInTheWest()
            let found = try await watermark(fixture).dataThrough.description
            let after = try await yesterdayInTheWest()
            #expect([before, after].contains(found))
        }
    }

    @Test func cancellationsDoNotMoveIt() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 10:00+09")
            try await fixture.order(-1, "2", at: "2025-03-05 10:00+09", status: "cancelled")
            #expect(try await watermark(fixture).dataThrough.description == "2025-03-01")
        }
    }

    // MARK: Sites

    /// Last days by site, as `ICN 2025-06-26`.
    private func late(_ fixture: OrderFixture) async throws -> [String] {
        try await watermark(fixture).lateSites.map { "\($0.key) \($0.value)" }.sorted()
    }

    @Test func aSiteWhoseFeedStoppedIsLate() async throws {
        try await OrderFixture.with { fixture in
            // 2025-06-29 is a Sunday.
            try await trade(fixture, from: "2025-05-01", to: "2025-06-28", hours: busy, site: "LHR")
            try await trade(fixture, from: "2025-05-01", to: "2025-06-26", hours: Array(9...14), site: "ICN")
            // A few orders a day: a day without one is nothing strange.
            try await trade(fixture, from: "2025-05-01", to: "2025-06-25", hours: [9, 12], site: "GMP")
            try await fixture.connection.execute(
                "INSERT INTO demand.site (site_id, time_zone) VALUES ('GMP', 'Asia/Seoul')")
            #expect(try await watermark(fixture).dataThrough.description == "2025-06-28")
            #expect(try await late(fixture) == ["ICN 2025-06-26"])
            let notes = try await watermark(fixture).notes
            #expect(
                notes == [
                    "Orders are overdue from ICN (through 2025-06-26): the days after that are not counted there."
                ])
            // What had come late is there: a day without orders in between is one.
            try await trade(fixture, from: "2025-06-28", to: "2025-06-28", hours: [9], site: "ICN")
            #expect(try await late(fixture) == [])
        }
    }

    @Test func aDayOnWhichASiteIsClosedIsNotOverdue() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-05-01", to: "2025-06-29", hours: busy, site: "LHR")
            // It never opens on Sundays.
            try await trade(fixture, from: "2025-05-01", to: "2025-06-28", hours: busy, sunday: [], site: "ICN")
            #expect(try await late(fixture) == [])
            try await fixture.connection.execute(
                "DELETE FROM demand.order_line WHERE site_id = 'ICN' AND ordered_at >= '2025-06-28 00:00+09'")
            #expect(try await late(fixture) == ["ICN 2025-06-27"])
            try await fixture.connection.execute(
                """
                INSERT INTO demand.event (event_id, kind, site_id, starts_on, ends_on)
                VALUES ('works', 'closure', 'ICN', '2025-06-28', '2025-06-28')
                """)
            #expect(try await late(fixture) == [])
        }
    }

    @Test func aSiteThatClosedForGoodIsNotLateForEver() async throws {
        try await OrderFixture.with { fixture in
            try await trade(fixture, from: "2025-04-01", to: "2025-06-28", hours: busy, site: "LHR")
            try await trade(fixture, from: "2025-04-01", to: "2025-05-10", hours: busy, site: "ICN")
            #expect(try await late(fixture) == [])
        }
    }
}
