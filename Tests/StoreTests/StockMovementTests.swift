import Foundation
import Intake
import Pipeline
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// When nothing was on the shelf, by what came and went.
@Suite struct StockMovementTests {
    /// Adds a movement, its quantity first.
    private func move(
        _ quantity: Double, at: String, item: String = "A", site: String = "ICN", _ fixture: OrderFixture
    ) async throws {
        try await fixture.connection.execute(
            """
            INSERT INTO demand.stock_movement (source, movement_id, item_id, site_id, moved_at, quantity)
            SELECT 'wms', pg_catalog.lpad((pg_catalog.count(*) + 1)::text, 6, '0'), \(item), \(site), \(at)::timestamptz, \(quantity)
            FROM demand.stock_movement
            """)
    }

    private func balances(_ fixture: OrderFixture) async throws -> [String] {
        try await fixture.connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', pg_catalog.to_char(at AT TIME ZONE 'Asia/Seoul', 'DD HH24:MI'),
                coalesce(counted::text, '-'), coalesce(expected::text, '-'), balance) AS line
            FROM demand.stock_balance ORDER BY at, counted IS NULL, movement_id
            """
        ).map { try $0.decode("line", as: String.self) }
    }

    /// Outages as `02 10:00 - 03 12:00`, in March 2025.
    private func outages(_ histories: [DemandHistory]) -> [[String]] {
        let march = Double(CivilDate("2025-03-01")!.daysSinceEpoch) - 1
        func text(_ time: Double) -> String {
            let minutes = Int(((time - march) * 1440).rounded())
            func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
            return "\(two(minutes / 1440)) \(two(minutes / 60 % 24)):\(two(minutes % 60))"
        }
        return histories.map { $0.outages.map { "\(text($0.lowerBound)) - \(text($0.upperBound))" } }
    }

    // MARK: What was on the shelf

    @Test func aCountIsWhereTheBalanceBeginsAnew() async throws {
        try await OrderFixture.with { fixture in
            try await move(-2, at: "2025-03-01 10:00+09", fixture)
            try await fixture.stock(10, at: "2025-03-02 00:00+09")
            try await move(-4, at: "2025-03-02 00:00+09", fixture)
            try await move(-6, at: "2025-03-03 15:00+09", fixture)
            try await fixture.stock(3, at: "2025-03-05 00:00+09")
            try await move(-1, at: "2025-03-05 09:00+09", fixture)
            // Another item has no movements: its counts are none of the balance's business.
            try await fixture.stock(1, at: "2025-03-05 00:00+09", item: "B")
            #expect(
                try await balances(fixture) == [
                    "01 10:00 - - 10", "02 00:00 10 - 10", "02 00:00 - - 6", "03 15:00 - - 0", "05 00:00 3 0 3",
                    "05 09:00 - - 2",
                ])
        }
    }

    @Test func whereNobodyCountedNothingWasEverLessThanNothing() async throws {
        try await OrderFixture.with { fixture in
            try await move(-5, at: "2025-03-01 10:00+09", fixture)
            try await move(2, at: "2025-03-02 10:00+09", fixture)
            try await move(-4, at: "2025-03-03 10:00+09", fixture)
            #expect(try await balances(fixture) == ["01 10:00 - - 2", "02 10:00 - - 4", "03 10:00 - - 0"])
        }
    }

    // MARK: What it means for demand

    @Test func outagesLastFromOneMovementToTheNext() async throws {
        try await OrderFixture.with { fixture in
            for day in ["01", "02", "03", "04", "05", "06"] {
                try await fixture.order(day == "04" ? 0.5 : 2, day, at: "2025-03-\(day) 08:00+09")
            }
            try await fixture.stock(8, at: "2025-03-01 00:00+09")
            try await move(-8, at: "2025-03-02 18:00+09", fixture)
            try await move(5, at: "2025-03-04 18:00+09", fixture)
            let histories = try await fixture.histories(through: "2025-03-06")
            #expect(outages(histories) == [["02 18:00 - 04 18:00"]])
            #expect(histories.map(\.stockDays) == [[]])
            let built = try #require(
                SeriesBuilder(frequency: .daily, dataThrough: CivilDate("2025-03-06")!).build(histories[0]))
            // Of the 2nd a quarter was without, of the 3rd all, and it was ordered all the same; of the 4th three quarters.
            #expect(built.reasonLetters == "...S..")
            let weekly = SeriesBuilder(frequency: .weekly, dataThrough: CivilDate("2025-03-09")!).build(histories[0])
            #expect(weekly?.reasonLetters.contains("S") == false)
        }
    }

    @Test func hoursWithoutStockAreMissing() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 08:00+09")
            try await fixture.order(1, "2", at: "2025-03-01 14:00+09")
            try await move(3, at: "2025-02-01 00:00+09", fixture)
            try await move(-3, at: "2025-03-01 09:30+09", fixture)
            try await move(3, at: "2025-03-01 12:00+09", fixture)
            let histories = try await fixture.histories(.itemSite, .hourly, through: "2025-03-01")
            let built = try #require(
                SeriesBuilder(frequency: .hourly, dataThrough: CivilDate("2025-03-01")!).build(histories[0]))
            // Half of the hour from nine is not most of it.
            #expect(built.reasonLetters.hasPrefix("..SS...."))
        }
    }

    @Test func overAllSitesNothingIsThereWhereNothingIsAnywhere() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 08:00+09")
            try await fixture.order(1, "2", at: "2025-03-01 08:00+00", site: "LHR")
            for (site, zone) in [("ICN", "+09"), ("LHR", "+00")] {
                try await move(5, at: "2025-02-20 08:00\(zone)", site: site, fixture)
            }
            try await move(-5, at: "2025-03-02 08:00+09", fixture)
            try await move(-5, at: "2025-03-03 08:00+00", site: "LHR", fixture)
            try await move(5, at: "2025-03-05 08:00+09", fixture)
            try await move(5, at: "2025-03-06 08:00+00", site: "LHR", fixture)
            #expect(outages(try await fixture.histories(.item)) == [["03 08:00 - 05 08:00"]])
            #expect(
                outages(try await fixture.histories(.itemSite)) == [["02 08:00 - 05 08:00"], ["03 08:00 - 06 08:00"]])
        }
    }

    @Test func anItemIsThereAsLongAsAnyOfItsCodesIs() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.connection.execute(
                "INSERT INTO demand.lineage (predecessor_id, item_id) VALUES ('A1', 'A2')")
            try await fixture.order(1, "1", at: "2025-03-01 08:00+09", item: "A1")
            try await move(5, at: "2025-02-20 08:00+09", item: "A1", fixture)
            try await move(5, at: "2025-02-20 08:00+09", item: "A2", fixture)
            try await move(-5, at: "2025-03-02 08:00+09", item: "A1", fixture)
            try await move(-5, at: "2025-03-04 08:00+09", item: "A2", fixture)
            try await move(5, at: "2025-03-05 08:00+09", item: "A2", fixture)
            #expect(outages(try await fixture.histories()) == [["04 08:00 - 05 08:00"]])
        }
    }

    // MARK: What is there to sell

    @Test func whatMovedSinceTheCountCountsForPlanning() async throws {
        try await OrderFixture.with { fixture in
            try await PublishedSeries(item: "A", site: "ICN", deviation: 1).insert(into: fixture.connection)
            func position() async throws -> [String] {
                try await fixture.connection.query(
                    """
                    SELECT pg_catalog.concat_ws(' ', on_hand,
                        pg_catalog.to_char(stock_as_of AT TIME ZONE 'Asia/Seoul', 'DD HH24:MI')) FROM forecast.replenishment
                    """
                ).map { try $0.decode(0, as: String.self) }
            }
            try await move(40, at: "2026-02-20 08:00+09", fixture)
            try await move(-15, at: "2026-02-27 09:00+09", fixture)
            #expect(try await position() == ["25 27 09:00"])
            try await fixture.stock(30, at: "2026-02-27 00:00+09")
            #expect(try await position() == ["15 27 09:00"])
            try await fixture.stock(12, at: "2026-02-28 00:00+09")
            #expect(try await position() == ["12 28 00:00"])
        }
    }

    @Test func whereNobodyCountsExceptionsAreFoundByWhatMoved() async throws {
        try await OrderFixture.with { fixture in
            try await PublishedSeries(
                item: "A", site: "ICN", mean: [Double](repeating: 10, count: 28), deviation: 5
            ).insert(into: fixture.connection)
            try await fixture.connection.execute(
                "INSERT INTO demand.lead_time (item_id, days, days_sd) VALUES ('A', 7, 0)")
            try await move(40, at: "2026-02-20 08:00+09", fixture)
            try await move(-39, at: "2026-02-27 09:00+09", fixture)
            // A delivery that is announced is not on the shelf.
            try await move(5000, at: "2100-01-01 09:00+09", fixture)
            try await fixture.connection.execute("SELECT forecast.refresh_exceptions()")
            let found = try await fixture.connection.query(
                "SELECT text FROM forecast.exception WHERE kind = 'about_to_run_out'"
            ).map { try $0.decode(0, as: String.self) }
            #expect(found.count == 1)
            #expect(found.first?.contains(" 1 there") == true, "\(found)")
        }
    }

    @Test func aFileOfMovementsIsTakenInAndCorrected() async throws {
        try await TestDatabase.with { test in
            func take(_ text: String) async throws -> IntakeReport {
                let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
                defer { try? FileManager.default.removeItem(atPath: path) }
                #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
                let plan = try IntakePlan(kind: .movements, mapping: nil)
                let reader = Mutex(try IntakeReader(path: path, plan: plan))
                return try await IntakeStore(database: test.database).take(
                    plan, fileName: "movements.csv", dryRun: false, rows: { try reader.withLock { try $0.next() } },
                    contentHash: { reader.withLock { $0.contentHash } })
            }
            let report = try await take(
                """
                movement_id,item_id,site_id,moved_at,quantity
                1,A,ICN,2026-01-01T09:00:00+09:00,5
                2,A,ICN,2026-01-02T09:00:00+09:00,-7
                3,A,ICN,soon,1
                4,A,ICN,2026-01-03T09:00:00+09:00,1e300

                """)
            #expect(report.accepted == 2)
            #expect(report.rejected == 2)
            let corrected = try await take(
                "movement_id,item_id,site_id,moved_at,quantity\n2,A,ICN,2026-01-02T09:00:00+09:00,-5\n")
            #expect(corrected.changed == 1)
            let sum = try await test.connect().query("SELECT pg_catalog.sum(quantity) FROM demand.stock_movement")
            #expect(try sum[0].decode(0, as: Double.self) == 0)
        }
    }
}
