import Pipeline
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// From order lines to dated demand: each trap of turning orders into demand, on a real database.
@Suite struct DemandStoreTests {
    /// Runs with two sites, Seoul and London, and hands over what the store makes of the lines given.
    private func demand(
        _ lines: [String], stock: [String] = [], specification: PortfolioSpecification? = nil,
        through: String = "2026-12-31"
    ) async throws -> [String: [String: Double]] {
        let result = Mutex<[String: [String: Double]]>([:])
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul'), ('LHR', 'Europe/London')")
            for line in lines {
                try await connection.execute(
                    """
                    INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, customer_id, ordered_at,
                        requested_on, status, cancel_reason, quantity) VALUES \(unescaped: line)
                    """)
            }
            for line in stock {
                try await connection.execute(
                    "INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand) VALUES \(unescaped: line)")
            }
            let day = try #require(CivilDate(through))
            let histories = try await DemandStore(database: test.database).withHistories(
                of: specification ?? PortfolioSpecification(frequency: .daily, horizon: 7), through: day
            ) { shards in
                // One at a time, so that the cursor is seen to go on.
                var all: [DemandHistory] = []
                while true {
                    let (histories, total) = try await shards.next(1)
                    guard let history = histories.first else { return all }
                    #expect(total > all.count)
                    all.append(history)
                }
            }
            #expect(histories.map(\.key) == histories.map(\.key).sorted())
            for history in histories {
                let key = [history.key.item, history.key.site, history.key.customer].compactMap { $0 }
                    .joined(separator: "/")
                result.withLock { result in
                    for (instant, quantity) in zip(history.instants, history.quantities) {
                        result[key, default: [:]][CivilDate(daysSinceEpoch: instant).description] = quantity
                    }
                    for (day, onHand) in zip(history.stockDays, history.stock) {
                        result[key, default: [:]]["stock \(CivilDate(daysSinceEpoch: day))"] = onHand
                    }
                }
            }
        }
        return result.withLock { $0 }
    }

    /// A line of order `number` at Seoul.
    private func line(
        _ number: Int, _ at: String, _ quantity: Double, item: String = "A", site: String = "ICN",
        customer: String = "K", requested: String? = nil, status: String = "ordered", reason: String? = nil
    ) -> String {
        func quoted(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
        return "('t', '\(number)', 1, '\(item)', '\(site)', '\(customer)', '\(at)', \(quoted(requested)), '\(status)', "
            + "\(quoted(reason)), \(quantity))"
    }

    @Test func demandFallsOnTheDayRequestedElseOrderedInTheSitesZone() async throws {
        let found = try await demand([
            line(1, "2026-03-01 23:30+00", 5), line(2, "2026-03-01 23:30+00", 3, site: "LHR"),
            line(3, "2026-03-01 09:00+00", 2, requested: "2026-03-09"),
        ])
        #expect(found == ["A/ICN": ["2026-03-02": 5, "2026-03-09": 2], "A/LHR": ["2026-03-01": 3]])
    }

    @Test func cancelledByTheCustomerIsNoDemandForWantOfStockIsLostDemand() async throws {
        let found = try await demand([
            line(1, "2026-03-02 10:00+09", 5, status: "cancelled", reason: "customer"),
            line(2, "2026-03-02 10:00+09", 7, status: "cancelled", reason: "stock-out"),
            line(3, "2026-03-03 10:00+09", 2, status: "cancelled", reason: "supplier"),
            line(4, "2026-03-03 10:00+09", 9, status: "cancelled", reason: "duplicate"),
        ])
        #expect(found == ["A/ICN": ["2026-03-02": 7, "2026-03-03": 2]])
    }

    @Test func returnsAndInternalLinesAreNever() async throws {
        let found = try await demand([
            line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-02 10:00+09", -2, status: "return"),
            line(3, "2026-03-02 10:00+09", 40, status: "internal"),
        ])
        #expect(found == ["A/ICN": ["2026-03-02": 5]])
    }

    @Test func aBookedBackCancellationTakesBackOneOrderAndNoOther() async throws {
        let found = try await demand([
            line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-03 10:00+09", 5), line(3, "2026-03-04 10:00+09", 6),
            line(4, "2026-03-03 10:00+09", 5, customer: "L"),
            line(5, "2026-03-05 10:00+09", -5, status: "cancelled", reason: "customer"),
            // Nothing of that quantity was ever ordered, and forty days are too long ago.
            line(6, "2026-03-05 10:00+09", -99, status: "cancelled", reason: "customer"),
            line(7, "2026-04-13 10:00+09", -6, status: "cancelled", reason: "customer"),
        ])
        #expect(found == ["A/ICN": ["2026-03-02": 5, "2026-03-03": 5, "2026-03-04": 6]])
    }

    @Test func twoCancellationsTakeBackTwoOrders() async throws {
        let found = try await demand([
            line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-03 10:00+09", 5),
            line(3, "2026-03-04 10:00+09", -5, status: "cancelled", reason: "customer"),
            line(4, "2026-03-05 10:00+09", -5, status: "cancelled", reason: "customer"),
            line(5, "2026-03-06 10:00+09", 5),
        ])
        #expect(found == ["A/ICN": ["2026-03-06": 5]])
    }

    @Test func whatLiesInTheFutureIsNoHistory() async throws {
        let found = try await demand(
            [
                line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-02 10:00+09", 7, requested: "2026-03-20"),
                line(3, "2099-03-02 10:00+09", 9),
            ], through: "2026-03-10")
        #expect(found == ["A/ICN": ["2026-03-02": 5]])
    }

    @Test func theGrainDecidesTheKey() async throws {
        let lines = [
            line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-02 10:00+00", 3, site: "LHR"),
            line(3, "2026-03-02 10:00+09", 2, customer: "L"),
        ]
        var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
        specification.grain = .item
        #expect(try await demand(lines, specification: specification) == ["A": ["2026-03-02": 10]])
        specification.grain = .itemSiteCustomer
        #expect(
            try await demand(lines, specification: specification) == [
                "A/ICN/K": ["2026-03-02": 5], "A/ICN/L": ["2026-03-02": 2], "A/LHR/K": ["2026-03-02": 3],
            ])
    }

    @Test func theScopeNarrows() async throws {
        let lines = [
            line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-02 10:00+09", 9, item: "B"),
            line(3, "2026-03-02 10:00+00", 2, item: "C", site: "LHR"),
        ]
        var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
        specification.scope.items = ["A", "C"]
        #expect(Set(try await demand(lines, specification: specification).keys) == ["A/ICN", "C/LHR"])
        specification.scope.items = []
        specification.scope.sites = ["ICN"]
        #expect(Set(try await demand(lines, specification: specification).keys) == ["A/ICN", "B/ICN"])
        specification.scope.top = 1
        #expect(Set(try await demand(lines, specification: specification).keys) == ["B/ICN"])
    }

    @Test func stockIsTheHighestCountOfTheDayAndOfEverySite() async throws {
        let lines = [line(1, "2026-03-02 10:00+09", 5), line(2, "2026-03-02 10:00+00", 3, site: "LHR")]
        let stock = [
            "('A', 'ICN', '2026-03-02 09:00+09', 0)", "('A', 'ICN', '2026-03-02 15:00+09', 4)",
            "('A', 'ICN', '2026-03-03 09:00+09', 0)", "('A', 'LHR', '2026-03-03 09:00+00', 8)",
        ]
        let bySite = try await demand(lines, stock: stock)
        #expect(bySite["A/ICN"]?["stock 2026-03-02"] == 4)
        #expect(bySite["A/ICN"]?["stock 2026-03-03"] == 0)
        var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
        specification.grain = .item
        let byItem = try await demand(lines, stock: stock, specification: specification)
        #expect((byItem["A"]?["stock 2026-03-03"] ?? 0) > 0)
    }

    @Test func aLastDayThatStopsEarlyIsNotCounted() async throws {
        // Nine weeks of ten orders a day from 9:00 to 18:00; the last day ends at 10:00, or does not.
        func watermark(_ hours: Int) async throws -> DataWatermark? {
            let result = Mutex<DataWatermark?>(nil)
            try await TestDatabase.with { test in
                let connection = try await test.connect()
                try await connection.execute(
                    "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
                try await connection.execute(
                    """
                    INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                    SELECT 't', pg_catalog.concat(day, '-', hour), 1, 'A', 'ICN',
                        (date '2026-01-05' + day + pg_catalog.make_time(hour, 0, 0)) AT TIME ZONE 'Asia/Seoul', 1
                    FROM pg_catalog.generate_series(0, 63) AS day, pg_catalog.generate_series(9, 18) AS hour
                    WHERE day < 63 OR hour < 9 + \(hours)
                    """)
                let found = try await DemandStore(database: test.database).watermark()
                result.withLock { $0 = found }
            }
            return result.withLock { $0 }
        }
        let early = try #require(try await watermark(2))
        #expect(early.dataThrough == CivilDate("2026-03-08"))
        #expect(early.immatureReason?.contains("10:00") == true)
        let whole = try #require(try await watermark(10))
        #expect(whole == DataWatermark(dataThrough: try #require(CivilDate("2026-03-09"))))
        // One order missing is no sign of anything.
        #expect(try await watermark(9) == whole)
    }

    @Test func aDayThatIsNotOverIsNotCounted() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            let store = DemandStore(database: test.database)
            #expect(try await store.watermark() == nil)
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                VALUES ('t', '1', 1, 'A', 'ICN', pg_catalog.now(), 1), ('t', '2', 1, 'A', 'ICN', '2099-01-01', 1)
                """)
            let today = try await connection.query(
                "SELECT (pg_catalog.now() AT TIME ZONE 'Asia/Seoul')::date - date '1970-01-01'")
            let watermark = try #require(try await store.watermark())
            #expect(watermark.dataThrough.daysSinceEpoch == (try today[0].decode(0, as: Int.self)) - 1)
            #expect(watermark.immatureReason != nil)
        }
    }
}
