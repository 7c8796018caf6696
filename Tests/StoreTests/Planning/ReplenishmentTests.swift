import PostgresClient
import Store
import TestSupport
import Testing

/// What forecast.replenishment tells to order.
@Suite struct ReplenishmentTests {
    /// The item A at ICN: 10 a day for 28 days from 2026-03-01 with independent normal errors of 5 a day, counted at the
    /// opening of that day, four days of lead time and a review every seven.
    private func stocked(
        mean: [Double] = [Double](repeating: 10, count: 28), deviation: Double = 5, frequency: String = "daily",
        _ body: (Connection) async throws -> Void
    ) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await connection.execute(
                "INSERT INTO demand.item (item_id, category, pack_size) VALUES ('A', 'drinks', 12), ('B', 'tools', NULL)"
            )
            try await connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('A', 4)")
            try await connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand, on_order, reserved)
                VALUES ('A', 'ICN', '2026-03-01 00:00+09', 40, 20, 10)
                """)
            try await PublishedSeries(
                frequency: frequency, item: "A", site: "ICN", mean: mean, deviation: deviation
            ).insert(into: connection)
            try await body(connection)
        }
    }

    private func number(_ column: String, _ connection: Connection) async throws -> Double? {
        try await connection.query(
            "SELECT \(unescaped: column)::float8 FROM forecast.replenishment WHERE item_id = 'A'")[0]
            .decode(0, as: Double?.self)
    }

    private func text(_ column: String, _ connection: Connection) async throws -> String? {
        try await connection.query(
            "SELECT \(unescaped: column)::text FROM forecast.replenishment WHERE item_id = 'A'")[0]
            .decode(0, as: String?.self)
    }

    private func expect(
        _ column: String, _ value: Double, within tolerance: Double = 1e-4, _ connection: Connection,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try #require(try await number(column, connection), sourceLocation: sourceLocation)
        #expect(
            abs(found - value) <= tolerance, "\(column) is \(found), not \(value)", sourceLocation: sourceLocation)
    }

    // MARK: Levels

    @Test func aCycleServiceLevelIsAQuantileOfTheDemandOfLeadTimeAndReview() async throws {
        try await stocked { connection in
            // Eleven days: 110 + 1.644854 · 5 · √11, by the textbook's formula.
            try await expect("position", 50, connection)
            try await expect("expected_demand", 110, connection)
            try await expect("reorder_point", 137.276812, connection)
            try await expect("safety_stock", 27.276812, connection)
            try await expect("order_up_to", 137.276812, connection)
            // 87.3 are missing: eight packs of twelve.
            try await expect("suggested_quantity", 96, connection)
            // Four days' demand is 40 with a deviation of 10; one standard deviation above it is 50.
            try await expect("stock_out_probability", 0.158655, connection)
            #expect(try await text("projected_stock_out_on", connection) == "2026-03-06")
            #expect(try await text("note", connection) == nil)
        }
    }

    @Test func aLeadTimeThatVariesAddsItsVariance() async throws {
        try await stocked { connection in
            try await connection.execute("UPDATE demand.lead_time SET days_sd = 1")
            // z √(L σ_d² + d² σ_L²) with z = 1.644854, L = 11, σ_d = 5, d = 10, σ_L = 1.
            try await expect("reorder_point", 141.852454, connection)
            // One deviation above 40 is now √(4 · 25 + 100) = 14.1: 50 lies 0.7071 of one above.
            try await expect("stock_out_probability", 0.239750, connection)
        }
    }

    @Test(arguments: [(0.9, 109.245125), (0.95, 117.595576), (0.99, 132.144259)])
    func aFillRateLeavesNoMoreUnmetThanItSays(level: Double, expected: Double) async throws {
        try await stocked { connection in
            try await connection.execute(
                "SELECT forecast.set_policy('A', service_level => \(level), service_kind => 'fill', reason => 'x')")
            // SciPy: the root of the normal loss over eleven days less that over four = (1 - level) · 70.
            try await expect("reorder_point", expected, within: 0.002 * expected, connection)
        }
    }

    @Test func aShortageIsTheLossOfItsDistribution() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            let levels = [-1.6448536, -1.2815516, -0.6744898, 0, 0.6744898, 1.2815516, 1.6448536, 2.3263479].map {
                100 + 10 * $0
            }
            // The normal loss with mean 100 and deviation 10, by SciPy. Below the first level all lies at that level.
            for (stock, expected, tolerance) in [
                (110, 0.833155, 1e-5), (130, 0.00382154, 1e-5), (90, 10.833155, 1e-5), (20, 80, 0.3),
            ] as [(Double, Double, Double)] {
                let found = try await connection.query(
                    "SELECT forecast.expected_shortage(\(levels), \(stock)::float8)")[
                        0
                    ].decode(0, as: Double.self)
                #expect(abs(found - expected) < tolerance, "\(stock): \(found)")
            }
            let none = try await connection.query("SELECT forecast.expected_shortage('{0,0,0,0,0,0,0,0}', 0)")[0]
            #expect(try none.decode(0, as: Double.self) == 0)
        }
    }

    @Test func monthlyForecastsArePlannedByTheCalendar() async throws {
        try await stocked(mean: [310, 300, 310], deviation: 0, frequency: "monthly") { connection in
            // Four and seven of March's 31 days.
            try await expect("expected_demand", 110, connection)
            try await connection.execute("UPDATE demand.lead_time SET days = 38")
            // 45 days: March, and fourteen of April's thirty.
            try await expect("expected_demand", 310 + 140, connection)
        }
    }

    // MARK: What counts

    @Test func aCountIsFollowedFromItsOwnInstant() async throws {
        try await stocked { connection in
            // Two days into the forecast: the next eleven, with as much spread as eleven days have.
            try await connection.execute("UPDATE demand.stock_level SET as_of = '2026-03-03 00:00+09'")
            try await expect("expected_demand", 110, connection)
            try await expect("reorder_point", 137.276812, connection)
            #expect(try await text("projected_stock_out_on", connection) == "2026-03-08")
            // Two days before it: it has two days more to last for.
            try await connection.execute("UPDATE demand.stock_level SET as_of = '2026-02-27 00:00+09'")
            try await expect("expected_demand", 130, connection)
            #expect(try await text("projected_stock_out_on", connection) == "2026-03-04")
            // A newer count replaces it.
            try await connection.execute(
                "INSERT INTO demand.stock_level VALUES ('A', 'ICN', '2026-03-01 00:00+09', 500)")
            try await expect("position", 500, connection)
            try await expect("suggested_quantity", 0, connection)
            #expect(try await text("projected_stock_out_on", connection) == nil)
        }
    }

    @Test func anOverrideMovesTheDemandAndKeepsItsSpread() async throws {
        try await stocked { connection in
            try await connection.execute(
                "SELECT forecast.adjust('A', 'ICN', '2026-03-02', '2026-03-02', 60, 'TV spot')")
            try await expect("expected_demand", 160, connection)
            try await expect("safety_stock", 27.276812, connection)
            #expect(try await text("projected_stock_out_on", connection) == "2026-03-02")
        }
    }

    @Test func quantitiesAreRoundedToPacksAfterMinimumAndMaximum() async throws {
        try await stocked { connection in
            for (policy, expected) in [
                ("minimum_quantity => 100", 108.0), ("minimum_quantity => 96", 96),
                ("minimum_quantity => 0, maximum_quantity => 50", 48), ("pack_size => 5", 50),
                ("maximum_quantity => 1000", 90), ("cover_days => 10", 190),
            ] {
                try await connection.execute("SELECT forecast.set_policy('A', \(unescaped: policy), reason => 'x')")
                try await expect("suggested_quantity", expected, connection)
            }
            try await connection.execute("UPDATE demand.item SET discontinued_on = '2026-03-01'")
            try await expect("suggested_quantity", 0, connection)
            #expect(try await text("note", connection) == "discontinued")
        }
    }

    @Test func nothingIsOrderedAboveTheReorderPoint() async throws {
        try await stocked { connection in
            try await connection.execute("SELECT forecast.set_policy('A', minimum_quantity => 500, reason => 'x')")
            try await connection.execute("UPDATE demand.stock_level SET on_hand = 128")
            try await expect("position", 138, connection)
            try await expect("suggested_quantity", 0, connection)
            try await connection.execute("UPDATE demand.stock_level SET on_hand = 127")
            try await expect("suggested_quantity", 504, connection)
        }
    }

    @Test func theMoreSpecificPolicyCounts() async throws {
        try await stocked { connection in
            try await expect("service_level", 0.95, connection)
            try await connection.execute(
                "INSERT INTO forecast.item_class (item_id, class, yearly_value) VALUES ('A', 'A', 1)")
            try await expect("service_level", 0.98, connection)
            for (scope, level) in [
                ("site => 'ICN'", 0.91), ("class => 'A'", 0.92), ("class => 'A', site => 'ICN'", 0.93),
                ("category => 'drinks'", 0.94), ("category => 'drinks', site => 'ICN'", 0.96), ("item => 'A'", 0.97),
                ("item => 'A', site => 'ICN'", 0.99),
            ] {
                try await connection.execute(
                    "SELECT forecast.set_policy(\(unescaped: scope), service_level => \(level), reason => 'x')")
                // The site alone says less than the class.
                try await expect("service_level", level == 0.91 ? 0.98 : level, connection)
                // What they leave open is as delivered.
                try await expect("review_days", 7, connection)
            }
            let last = try await connection.query(
                "SELECT pg_catalog.max(policy_id) FROM forecast.planning_policy")[0].decode(0, as: Int64.self)
            func withdraw() async throws -> Bool {
                try await connection.query("SELECT forecast.withdraw_policy(\(last))")[0].decode(0, as: Bool.self)
            }
            #expect(try await withdraw())
            #expect(try await withdraw() == false)
            try await expect("service_level", 0.97, connection)
        }
    }

    @Test func theFinestForecastThatReachesIsTaken() async throws {
        try await stocked(mean: [Double](repeating: 10, count: 9)) { connection in
            #expect(try await text("note", connection) == "forecast reaches 2026-03-10, short of lead time and review")
            #expect(try await number("suggested_quantity", connection) == nil)
            // Within the lead time it reaches.
            try await expect("stock_out_probability", 0.158655, connection)
            try await PublishedSeries(
                portfolio: "weekly", frequency: "weekly", item: "A", site: "ICN", mean: [77, 77, 77], deviation: 10
            ).insert(into: connection)
            #expect(try await text("frequency", connection) == "weekly")
            try await expect("expected_demand", 121, connection)
            try await connection.execute("UPDATE demand.lead_time SET days = 1")
            #expect(try await text("frequency", connection) == "daily")
        }
    }

    @Test func whatIsMissingIsSaid() async throws {
        try await stocked { connection in
            try await connection.execute("DELETE FROM demand.lead_time")
            #expect(try await text("note", connection) == "no lead time")
            #expect(try await number("suggested_quantity", connection) == nil)
            try await connection.execute("SELECT forecast.set_policy('A', lead_time_days => 4, reason => 'x')")
            try await expect("suggested_quantity", 96, connection)
            try await connection.execute("DELETE FROM demand.stock_level")
            #expect(try await text("note", connection) == "no stock count")
            #expect(try await number("reorder_point", connection) == nil)
        }
    }

    @Test func anItemNobodyWantsIsNotOrdered() async throws {
        try await stocked(mean: [Double](repeating: 0, count: 28), deviation: 0) { connection in
            try await connection.execute("SELECT forecast.set_policy('A', minimum_quantity => 12, reason => 'x')")
            try await connection.execute("UPDATE demand.stock_level SET on_hand = 0, on_order = 0, reserved = 0")
            try await expect("suggested_quantity", 0, connection)
            try await expect("stock_out_probability", 0, connection)
        }
    }

    // MARK: Classes, and what is wrong

    @Test func classesFollowTheValueOfTheYear() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            // 730 daily buckets, of which the last 365 count; the values are 700, 200, 100 and 0 of 1000.
            for (item, daily, cost) in [("A", 7.0, 10.0), ("B", 20, 1), ("C", 1, 10), ("D", 0, 5)] {
                try await connection.execute("INSERT INTO demand.item (item_id, unit_cost) VALUES (\(item), \(cost))")
                try await connection.execute(
                    """
                    INSERT INTO demand.series (portfolio, frequency, item_id, site_id, first_bucket, raw, adjusted, reason,
                        data_through, content_hash)
                    SELECT 'nightly', 'daily', \(item), 'ICN', '2024-03-01', v, v, pg_catalog.repeat('.', 730), '2026-02-28',
                        ''
                    FROM (SELECT pg_catalog.array_agg(CASE WHEN day <= 365 THEN 1e6 WHEN day = 730 THEN 'NaN'
                        ELSE \(daily) END ORDER BY day) AS v FROM pg_catalog.generate_series(1, 730) AS day) AS made
                    """)
            }
            #expect(
                try await connection.query("SELECT forecast.classify_items()")[0].decode(0, as: Int64.self) == 4)
            let classes = try await connection.query(
                "SELECT pg_catalog.concat_ws(' ', item_id, class, yearly_value) FROM forecast.item_class ORDER BY item_id"
            ).map { try $0.decode(0, as: String.self) }
            #expect(classes == ["A A 25480", "B A 7280", "C B 3640", "D C 0"])
        }
    }

    @Test func whatIsWrongIsNamedAndChangesNothing() async throws {
        try await stocked { connection in
            for (arguments, text) in [
                ("'A', service_level => 0.9", "a policy needs a reason"),
                (
                    "'A', service_level => 95, reason => 'x'",
                    "a service level of 95 is none: take 0.5 to 0.999; 95 percent is 0.95"
                ),
                (
                    "'A', service_level => 0.3, reason => 'x'",
                    "a service level of 0.3 is none: take 0.5 to 0.999, such as 0.95"
                ),
                ("'A', service_level => 'NaN', reason => 'x'", "a service level of NaN is none"),
                ("'A', lead_time_days => -3, reason => 'x'", "a lead time of -3 days is none: take 0 to 3650"),
                ("'A', review_days => 400, reason => 'x'", "a review every 400 days is none: take 0 to 365"),
                ("'A', pack_size => 0, reason => 'x'", "a pack of 0 is none: take more than 0"),
                (
                    "'A', service_kind => 'P2', reason => 'x'",
                    "there is no kind of service 'P2'; there are cycle and fill"
                ),
                ("'Z', service_level => 0.9, reason => 'x'", "there is no item 'Z'; there are such as A, B"),
                ("site => 'LHR', service_level => 0.9, reason => 'x'", "there is no site 'LHR'; there are such as ICN"),
                (
                    "category => 'toys', service_level => 0.9, reason => 'x'",
                    "there is no category 'toys'; there are such as drinks, tools"
                ),
                ("class => 'D', service_level => 0.9, reason => 'x'", "there is no class 'D'; there are A, B and C"),
                ("'A', class => 'A', service_level => 0.9, reason => 'x'", "say one of them"),
                ("'A', reason => 'x'", "a policy that says nothing"),
                ("'A', minimum_quantity => 5, maximum_quantity => 4, reason => 'x'", "a minimum quantity of 5 is more"),
            ] {
                let error = try await #require(throws: PostgresError.self) {
                    try await connection.execute("SELECT forecast.set_policy(\(unescaped: arguments))")
                }
                #expect("\(error)".contains(text), "\(error)")
            }
            let general = try await connection.query(
                "SELECT policy_id FROM forecast.planning_policy WHERE class IS NULL")[0].decode(0, as: Int64.self)
            for (policy, text) in [(general, "cannot be withdrawn"), (4711, "there is no policy 4711")] {
                let error = try await #require(throws: PostgresError.self) {
                    try await connection.execute("SELECT forecast.withdraw_policy(\(policy))")
                }
                #expect("\(error)".contains(text), "\(error)")
            }
            let count = try await connection.query("SELECT pg_catalog.count(*) FROM forecast.planning_policy")
            #expect(try count[0].decode(0, as: Int.self) == 4)
            let error = try await #require(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('B', -3)")
            }
            #expect(error.code.name == "23514")
        }
    }
}
