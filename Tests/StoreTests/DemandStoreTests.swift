import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// What counts as demand, of whom and when, on a real database: the traps of every ERP.
@Suite struct DemandStoreTests {
    // MARK: Which day

    @Test func demandFallsOnTheDayOrderedInTheSitesZone() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 23:30+00", item: "A")
            try await fixture.order(2, "2", at: "2025-03-01 23:30+00", item: "A", site: "LHR")
            // In summer London is an hour ahead of UTC.
            try await fixture.order(3, "3", at: "2025-07-01 23:30+00", item: "A", site: "LHR")
            // Nobody has told us of this site.
            try await fixture.order(4, "4", at: "2025-03-01 23:30+00", item: "A", site: "NEW")
            let histories = try await fixture.histories()
            #expect(histories.map(\.key.site) == ["ICN", "LHR", "NEW"])
            #expect(
                histories.map(\.demand) == [
                    ["2025-03-02: 1.0"], ["2025-03-01: 2.0", "2025-07-02: 3.0"], ["2025-03-01: 4.0"],
                ])
        }
    }

    @Test func demandFallsOnTheDayRequestedWhereThereIsOne() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(5, "1", at: "2025-03-01 10:00+09", requested: "2025-03-08")
            try await fixture.order(2, "2", at: "2025-03-08 10:00+09")
            #expect(try await fixture.demand() == ["2025-03-08: 7.0"])
        }
    }

    @Test func whatIsRequestedAfterTheCutOffIsNoHistoryYet() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(5, "1", at: "2025-03-01 10:00+09", requested: "2025-03-08")
            try await fixture.order(2, "2", at: "2025-03-02 10:00+09")
            #expect(try await fixture.demand(through: "2025-03-07") == ["2025-03-02: 2.0"])
            #expect(try await fixture.demand(through: "2025-03-08") == ["2025-03-02: 2.0", "2025-03-08: 5.0"])
        }
    }

    @Test func ordersDatedInTheFutureAreLeftOut() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(2, "1", at: "2025-03-02 10:00+09")
            try await fixture.order(9, "2", at: "2099-03-02 10:00+09")
            // A wrong year beside a right day requested.
            try await fixture.order(9, "3", at: "2099-03-02 10:00+09", requested: "2025-03-03")
            #expect(try await fixture.demand() == ["2025-03-02: 2.0"])
            #expect(try await fixture.demand(through: "2099-12-31") == ["2025-03-02: 2.0"])
        }
    }

    @Test func anHourIsTheHourOrderedOnTheDayRequested() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 10:59+09")
            try await fixture.order(2, "2", at: "2025-03-01 14:00+09", requested: "2025-03-03")
            try await fixture.order(3, "3", at: "2025-03-03 23:59+09")
            try await fixture.order(4, "4", at: "2025-03-04 00:00+09")
            let histories = try await fixture.histories(.itemSite, .hourly, through: "2025-03-03")
            let hours = try #require(histories.first).instants.map { Bucket(frequency: .hourly, ordinal: $0) }
            #expect(hours.map(\.description) == ["2025-03-01 10:00:00", "2025-03-03 14:00:00", "2025-03-03 23:00:00"])
        }
    }

    // MARK: Which lines

    @Test func cancelledByTheCustomerIsNoDemandAndForWantOfStockIs() async throws {
        try await OrderFixture.with { fixture in
            let at = "2025-03-01 10:00+09"
            try await fixture.order(1, "1", at: at)
            try await fixture.order(2, "2", at: at, status: "cancelled", reason: "customer")
            try await fixture.order(4, "3", at: at, status: "cancelled", reason: "supplier")
            try await fixture.order(8, "4", at: at, status: "cancelled", reason: "stock-out")
            try await fixture.order(16, "5", at: at, status: "cancelled", reason: "duplicate")
            try await fixture.order(32, "6", at: at, status: "cancelled")
            #expect(try await fixture.demand() == ["2025-03-01: 13.0"])
        }
    }

    @Test func returnsAndInternalLinesNeverCount() async throws {
        try await OrderFixture.with { fixture in
            let at = "2025-03-01 10:00+09"
            try await fixture.order(5, "1", at: at)
            try await fixture.order(-5, "2", at: at, status: "return")
            try await fixture.order(3, "3", at: at, status: "return")
            try await fixture.order(-7, "4", at: at, status: "internal")
            try await fixture.order(7, "5", at: at, item: "B", status: "internal")
            #expect(try await fixture.demand() == ["2025-03-01: 5.0"])
        }
    }

    @Test func shippedIsNotDemanded() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(10, "1", at: "2025-03-01 10:00+09")
            try await fixture.connection.execute("UPDATE demand.order_line SET quantity_shipped = 4")
            #expect(try await fixture.demand() == ["2025-03-01: 10.0"])
        }
    }

    @Test func aLineThatOrdersNothingBeginsNoSeries() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(0, "1", at: "2025-03-01 10:00+09")
            #expect(try await fixture.histories().isEmpty)
        }
    }

    // MARK: Cancellations booked back

    /// Orders of five on 1, 10 and 20 March, and cancellations of five on the days given.
    private func demandLeft(cancelledAt days: [String], reason: String? = "customer") async throws -> [String] {
        var left: [String] = []
        try await OrderFixture.with { fixture in
            for day in ["01", "10", "20"] { try await fixture.order(5, "o\(day)", at: "2025-03-\(day) 10:00+09") }
            for (number, day) in days.enumerated() {
                try await fixture.order(-5, "c\(number)", at: "\(day)+09", status: "cancelled", reason: reason)
            }
            left = try await fixture.histories().flatMap(\.demand).map { String($0.prefix(10)) }
        }
        return left
    }

    @Test func aCancellationTakesBackTheLatestOrderBeforeIt() async throws {
        #expect(try await demandLeft(cancelledAt: ["2025-03-12 09:00"]) == ["2025-03-01", "2025-03-20"])
    }

    @Test func twoCancellationsTakeBackTwoOrders() async throws {
        #expect(try await demandLeft(cancelledAt: ["2025-03-12 09:00", "2025-03-12 09:00"]) == ["2025-03-20"])
        #expect(try await demandLeft(cancelledAt: ["2025-03-21 09:00", "2025-03-22 09:00"]) == ["2025-03-01"])
        #expect(try await demandLeft(cancelledAt: ["2025-03-02 09:00", "2025-03-21 09:00"]) == ["2025-03-10"])
    }

    @Test func moreCancellationsThanOrdersTakeBackWhatThereWas() async throws {
        let four = Array(repeating: "2025-03-12 09:00", count: 4)
        #expect(try await demandLeft(cancelledAt: four) == ["2025-03-20"])
        #expect(
            try await demandLeft(cancelledAt: ["2025-02-01 09:00", "2025-03-12 09:00"]) == ["2025-03-01", "2025-03-20"])
    }

    @Test func anOrderAtTheSameInstantCanBeTakenBackAndALaterOneCannot() async throws {
        #expect(try await demandLeft(cancelledAt: ["2025-03-01 10:00"]) == ["2025-03-10", "2025-03-20"])
        #expect(
            try await demandLeft(cancelledAt: ["2025-03-01 09:59"]) == ["2025-03-01", "2025-03-10", "2025-03-20"])
    }

    @Test func afterThirtyDaysNothingIsTakenBack() async throws {
        #expect(try await demandLeft(cancelledAt: ["2025-04-19 09:59"]) == ["2025-03-01", "2025-03-10"])
        #expect(
            try await demandLeft(cancelledAt: ["2025-04-19 10:00"]) == ["2025-03-01", "2025-03-10", "2025-03-20"])
    }

    @Test(arguments: [("duplicate", 2), (nil, 2), ("supplier", 3), ("stock-out", 3)] as [(String?, Int)])
    func aCancellationForWantOfStockTakesNothingBack(reason: String?, left: Int) async throws {
        #expect(try await demandLeft(cancelledAt: ["2025-03-12 09:00"], reason: reason).count == left)
    }

    @Test func onlyAnOrderOfTheSameCustomerItemSiteSourceAndQuantityIsTakenBack() async throws {
        try await OrderFixture.with { fixture in
            let at = "2025-03-01 10:00+09"
            try await fixture.order(5, "1", at: at, customer: "K")
            try await fixture.order(5, "2", at: at, customer: nil)
            try await fixture.order(5, "3", at: at, item: "B")
            try await fixture.order(5, "4", at: at, site: "LHR")
            try await fixture.order(6, "5", at: at)
            try await fixture.order(5, "6", at: at, source: "shop")
            func total() async throws -> Double {
                try await fixture.histories().reduce(0) { $0 + $1.quantities.reduce(0, +) }
            }
            #expect(try await total() == 31)
            let later = "2025-03-02 10:00+09"
            try await fixture.order(-5, "c1", at: later, customer: "L", status: "cancelled")
            try await fixture.order(-4, "c2", at: later, status: "cancelled")
            #expect(try await total() == 31)
            // One with no customer takes back one with no customer, and nothing else.
            try await fixture.order(-5, "c3", at: later, customer: nil, status: "cancelled")
            #expect(try await total() == 26)
            try await fixture.order(-5, "c4", at: later, customer: nil, status: "cancelled")
            #expect(try await total() == 26)
            try await fixture.order(-6, "c5", at: later, status: "cancelled")
            #expect(try await total() == 20)
        }
    }

    // MARK: Grain and scope

    private func threeSeries(_ fixture: OrderFixture) async throws {
        let at = "2025-03-01 10:00+09"
        try await fixture.order(1, "1", at: at, item: "A", site: "ICN", customer: "K")
        try await fixture.order(2, "2", at: at, item: "A", site: "ICN", customer: "L")
        try await fixture.order(4, "3", at: at, item: "A", site: "LHR", customer: "K")
        try await fixture.order(8, "4", at: at, item: "B", site: "LHR", customer: nil)
        try await fixture.connection.execute(
            "INSERT INTO demand.item (item_id, category) VALUES ('A', 'tea'), ('B', 'coffee')")
    }

    @Test func theGrainMakesTheKey() async throws {
        try await OrderFixture.with { fixture in
            try await threeSeries(fixture)
            let items = try await fixture.histories(.item)
            #expect(items.map(\.key) == [SeriesKey(item: "A"), SeriesKey(item: "B")])
            #expect(items.map(\.quantities) == [[7], [8]])
            let sites = try await fixture.histories(.itemSite)
            #expect(
                sites.map(\.key) == [
                    SeriesKey(item: "A", site: "ICN"), SeriesKey(item: "A", site: "LHR"),
                    SeriesKey(item: "B", site: "LHR"),
                ])
            #expect(sites.map(\.quantities) == [[3], [4], [8]])
            let customers = try await fixture.histories(.itemSiteCustomer)
            #expect(
                customers.map(\.key) == [
                    SeriesKey(item: "A", site: "ICN", customer: "K"), SeriesKey(item: "A", site: "ICN", customer: "L"),
                    SeriesKey(item: "A", site: "LHR", customer: "K"), SeriesKey(item: "B", site: "LHR"),
                ])
            #expect(customers.map(\.quantities) == [[1], [2], [4], [8]])
        }
    }

    @Test func theScopeLeavesTheRestOut() async throws {
        try await OrderFixture.with { fixture in
            try await threeSeries(fixture)
            func covered(_ change: (inout PortfolioSpecification.Scope) -> Void) async throws -> [String] {
                var scope = PortfolioSpecification.Scope()
                change(&scope)
                return try await fixture.histories(scope: scope).map { "\($0.key.item) \($0.key.site ?? "")" }
            }
            #expect(try await covered { $0.items = ["A", "Z"] } == ["A ICN", "A LHR"])
            #expect(try await covered { $0.sites = ["ICN"] } == ["A ICN"])
            #expect(try await covered { $0.categories = ["coffee"] } == ["B LHR"])
            #expect(
                try await covered {
                    $0.items = ["A"]; $0.categories = ["coffee"]
                } == [])
            #expect(try await covered { $0.top = 2 } == ["A LHR", "B LHR"])
            #expect(
                try await covered {
                    $0.sites = ["LHR"]; $0.top = 1
                } == ["B LHR"])
            #expect(try await covered { $0.top = 50 } == ["A ICN", "A LHR", "B LHR"])
            // Codes with everything in them that an array literal or SQL might stumble over.
            #expect(try await covered { $0.items = ["A", "{\"'\\,}", "NULL"] } == ["A ICN", "A LHR"])
        }
    }

    // MARK: Life of an item and of a site

    @Test func introductionDiscontinuationAndTheSitesFirstOrderComeAlong() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.connection.execute(
                """
                INSERT INTO demand.item (item_id, introduced_on, discontinued_on)
                VALUES ('A', '2015-05-01', '2026-01-31')
                """)
            try await fixture.order(1, "1", at: "2025-03-01 23:30+00", item: "other")
            try await fixture.order(1, "2", at: "2025-03-05 10:00+09", item: "A")
            try await fixture.order(1, "3", at: "2025-02-01 10:00+00", item: "A", site: "LHR")
            let histories = try await fixture.histories()
            #expect(histories.map(\.key.item) == ["A", "A", "other"])
            #expect(histories.map { $0.introduced?.description } == ["2015-05-01", "2015-05-01", nil])
            #expect(histories.map { $0.discontinued?.description } == ["2026-01-31", "2026-01-31", nil])
            #expect(histories.map { $0.opened?.description } == ["2025-03-02", "2025-02-01", "2025-03-02"])
            #expect(
                try await fixture.histories(.item).map { $0.opened?.description } == ["2025-02-01", "2025-02-01"])
        }
    }

    // MARK: Stock

    @Test func ofSeveralCountsOfADayTheHighestCounts() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 10:00+09")
            try await fixture.stock(0, at: "2025-03-02 00:00+09")
            try await fixture.stock(40, at: "2025-03-02 12:00+09")
            try await fixture.stock(7, at: "2025-03-02 23:59+09")
            try await fixture.stock(-5, at: "2025-03-03 00:00+09")
            try await fixture.stock(0, at: "2025-03-03 15:00+00")
            #expect(
                try await fixture.histories().map(\.counts) == [
                    ["2025-03-02: 40.0", "2025-03-03: -5.0", "2025-03-04: 0.0"]
                ])
        }
    }

    @Test func anItemIsOutOnlyWhereEverySiteIs() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.order(1, "1", at: "2025-03-01 10:00+09")
            try await fixture.order(1, "2", at: "2025-03-01 10:00+00", site: "LHR")
            func count(_ day: String, _ icn: Double?, _ lhr: Double?) async throws {
                if let icn { try await fixture.stock(icn, at: "\(day) 09:00+09") }
                if let lhr { try await fixture.stock(lhr, at: "\(day) 09:00+00", site: "LHR") }
            }
            try await count("2025-03-02", 0, 5)
            try await count("2025-03-03", 0, 0)
            // Less than nothing here does not use up what lies there.
            try await count("2025-03-04", -5, 5)
            // Only one site counted: nothing there says nothing of the other, something there is enough.
            try await count("2025-03-05", 0, nil)
            try await count("2025-03-06", nil, 3)
            #expect(
                try await fixture.histories(.item).map(\.counts) == [
                    ["2025-03-02: 5.0", "2025-03-03: 0.0", "2025-03-04: 5.0", "2025-03-06: 3.0"]
                ])
            #expect(try await fixture.histories(.itemSite, .weekly).map(\.counts.count) == [4, 4])
            // A day at a site is told by counts that found nothing; those that found something change nothing.
            #expect(
                try await fixture.histories(.itemSite).map(\.counts) == [
                    ["2025-03-02: 0.0", "2025-03-03: 0.0", "2025-03-04: -5.0", "2025-03-05: 0.0"],
                    ["2025-03-03: 0.0"],
                ])
            // Of a job that covers one site, that site alone decides.
            var scope = PortfolioSpecification.Scope()
            scope.sites = ["ICN"]
            #expect(
                try await fixture.histories(.item, scope: scope).map(\.counts) == [
                    ["2025-03-02: 0.0", "2025-03-03: 0.0", "2025-03-04: -5.0", "2025-03-05: 0.0"]
                ])
        }
    }

    @Test func aSitesStockIsThatOfEachOfItsCustomers() async throws {
        try await OrderFixture.with { fixture in
            for customer in ["K", "L"] {
                try await fixture.order(1, customer, at: "2025-03-01 10:00+09", customer: customer)
            }
            try await fixture.stock(0, at: "2025-03-02 09:00+09")
            #expect(
                try await fixture.histories(.itemSiteCustomer).map(\.counts)
                    == [["2025-03-02: 0.0"], ["2025-03-02: 0.0"]])
        }
    }

    // MARK: Order and plan

    @Test func theSameDataAlwaysComesInTheOrderOfItsBytes() async throws {
        try await OrderFixture.with { fixture in
            let items = ["b", "B", "a", "가", "Z", "é", "10", "9"]
            for (number, item) in items.enumerated() {
                try await fixture.order(Double(number + 1), item, at: "2025-03-01 10:00+09", item: item)
            }
            let sorted = items.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            #expect(try await fixture.histories().map(\.key.item) == sorted)
        }
    }

    @Test(arguments: PortfolioSpecification.Grain.allCases)
    func withoutStatisticsThePlanIsNoLoopOverEverything(grain: PortfolioSpecification.Grain) async throws {
        try await OrderFixture.with { fixture in
            let connection = fixture.connection
            // As right after a first import, before anybody has analysed the table.
            try await connection.execute("ALTER TABLE demand.order_line SET (autovacuum_enabled = off)")
            try await connection.execute(
                """
                INSERT INTO demand.order_line
                    (source, order_id, line_no, item_id, site_id, customer_id, ordered_at, status, quantity)
                SELECT 'erp', n::text, 1, (n % 500)::text, 'ICN', (n % 20)::text,
                    timestamptz '2024-01-01' + n * interval '10 minutes',
                    CASE WHEN n % 20 = 0 THEN 'cancelled' ELSE 'ordered' END, CASE WHEN n % 20 = 0 THEN -5 ELSE 5 END
                FROM pg_catalog.generate_series(1, 20000) AS n
                """)
            var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            specification.grain = grain
            let query = HistoryQuery(specification).query(through: CivilDate("2025-12-31")!)
            let plan = try await connection.transaction { connection in
                for setting in HistoryQuery.preparation { try await connection.execute(setting) }
                return try await connection.query(query.wrapped("EXPLAIN ", "")).map {
                    try $0.decode(0, as: String.self)
                }
            }
            #expect(!plan.contains { $0.contains("Nested Loop") }, "\(plan.joined(separator: "\n"))")
            #expect(try await !fixture.histories(grain, through: "2024-12-31").isEmpty)
        }
    }

    // MARK: Events

    @Test func eventsAreThoseKnownByNow() async throws {
        try await OrderFixture.with { fixture in
            try await fixture.connection.execute(
                """
                INSERT INTO demand.event (event_id, name, kind, item_id, site_id, starts_on, ends_on, known_from, value)
                VALUES ('2', 'Spring sale', 'promotion', 'A', NULL, '2026-04-01', '2026-04-07', '2026-01-01', 0.2),
                    ('1', NULL, 'closure', NULL, 'ICN', '2026-05-01', '2026-05-01', NULL, NULL),
                    ('3', 'Not announced', 'promotion', 'A', NULL, '2999-04-01', '2999-04-07', '2999-01-01', 0.2)
                """)
            let book = try await fixture.store.events()
            #expect(
                book.events(of: SeriesKey(item: "A", site: "ICN")) == [
                    DemandEvent(
                        name: "1", kind: .closure, firstDay: CivilDate("2026-05-01")!, lastDay: CivilDate("2026-05-01")!
                    ),
                    DemandEvent(
                        name: "Spring sale", kind: .promotion, firstDay: CivilDate("2026-04-01")!,
                        lastDay: CivilDate("2026-04-07")!, knownFrom: CivilDate("2026-01-01")!, value: 0.2),
                ])
            #expect(book.events(of: SeriesKey(item: "B", site: "PUS")).isEmpty)
        }
    }
}
