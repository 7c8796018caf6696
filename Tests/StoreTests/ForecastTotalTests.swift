import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// Forecasts added up over sites, categories and customers.
@Suite struct ForecastTotalTests {
    private func with(_ body: (ReportStore, Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO demand.item (item_id, category) VALUES ('A', 'drinks'), ('B', 'drinks'), ('C', NULL)")
            // One portfolio of four series, another of the same demand as a whole.
            try await PublishedSeries(item: "A", site: "ICN", mean: [1, 2]).insert(into: connection)
            for (item, site, mean) in [("A", "PUS", 10.0), ("B", "PUS", 100), ("C", "PUS", 1000)] {
                try await connection.execute(
                    """
                    INSERT INTO forecast.series_forecast
                    SELECT publication_id, \(item), \(site), NULL, first_bucket, model, \([mean, 2 * mean]), quantiles,
                        cumulative_quantiles, components, component_values
                    FROM forecast.series_forecast WHERE site_id = 'ICN'
                    """)
            }
            try await PublishedSeries(portfolio: "whole", item: "A", mean: [11, 22]).insert(into: connection)
            try await body(ReportStore(database: test.database), connection)
        }
    }

    private func rows(_ level: String, _ connection: Connection) async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', portfolio, coalesce(item_id, site_id || coalesce('/' || category, ''), category,
                    '-'), pg_catalog.to_char(bucket_start, 'MM-DD'), series, mean, final)
            FROM forecast.total WHERE level = \(level) ORDER BY portfolio, site_id, category, item_id, bucket_start
            """
        ).map { try $0.decode(0, as: String.self) }
    }

    @Test func everyLevelAddsUp() async throws {
        try await with { _, connection in
            let company = try await rows("company", connection)
            let site = try await rows("site", connection)
            let category = try await rows("category", connection)
            let item = try await rows("item", connection)
            let both = try await rows("site_category", connection)
            let customer = try await rows("customer", connection)
            #expect(
                company == [
                    "nightly - 03-01 4 1111 1111", "nightly - 03-02 4 2222 2222", "whole - 03-01 1 11 11",
                    "whole - 03-02 1 22 22",
                ])
            #expect(
                site == [
                    "nightly ICN 03-01 1 1 1", "nightly ICN 03-02 1 2 2", "nightly PUS 03-01 3 1110 1110",
                    "nightly PUS 03-02 3 2220 2220",
                ])
            // An item without a category is in the one without a name.
            #expect(
                category.filter { $0.hasPrefix("nightly") } == [
                    "nightly drinks 03-01 3 111 111", "nightly drinks 03-02 3 222 222", "nightly - 03-01 1 1000 1000",
                    "nightly - 03-02 1 2000 2000",
                ])
            #expect(
                item.filter { $0.hasPrefix("nightly A") } == [
                    "nightly A 03-01 2 11 11", "nightly A 03-02 2 22 22",
                ])
            #expect(both.contains("nightly PUS/drinks 03-01 2 110 110"))
            #expect(customer.isEmpty)
        }
    }

    @Test func anOverrideOfOneLevelShowsOnAll() async throws {
        try await with { _, connection in
            try await connection.execute(
                """
                SELECT forecast.adjust(site => 'PUS', category => 'drinks', portfolio => 'nightly', from_date => '2026-03-01',
                    value => 220, reason => 'fair')
                """)
            let company = try await rows("company", connection)
            let site = try await rows("site", connection)
            let item = try await rows("item", connection)
            let both = try await rows("site_category", connection)
            #expect(company[0] == "nightly - 03-01 4 1111 1221")
            #expect(site[2] == "nightly PUS 03-01 3 1110 1220")
            #expect(both.contains("nightly PUS/drinks 03-01 2 110 220"))
            // As the means stand to each other: 10 of 110.
            #expect(item[0] == "nightly A 03-01 2 11 21")
        }
    }

    @Test func theReportAddsTheBucketsToo() async throws {
        try await with { store, connection in
            let table = try await store.totals(.people, level: "site", portfolio: nil, site: nil, category: nil)
            #expect(
                table.rows.map { row in row.map(\.text).joined(separator: " ") } == [
                    "nightly ICN 1 2026-03-01 2026-03-02 3.0   3.0",
                    "nightly PUS 3 2026-03-01 2026-03-02 3330.0   3330.0",
                ])
            let one = try await store.totals(
                .programs, level: "category", portfolio: "nightly", site: nil, category: "drinks")
            #expect(one.rows.count == 2)
            #expect(one.columns.contains("series"))
            #expect(
                try await store.totals(.people, level: "site", portfolio: "no", site: nil, category: nil).rows.isEmpty)
        }
    }

    @Test func totalsOfARetrainAreAsSureAsTheirItemsErrorsSay() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            try await connection.execute("INSERT INTO demand.item (item_id, category) VALUES ('apple', 'fruit')")
            _ = try await Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test", threads: 2
            ).run(
                portfolio: "nightly", specification: PortfolioSpecification(frequency: .daily, horizon: 7),
                permit: try await SampleOrders.claimRun(connection)
            ) { _ in }
            let rows = try await connection.query(
                """
                SELECT pg_catalog.concat_ws(' ', level, coalesce(site_id, '-'), coalesce(category, '-'), pg_catalog.count(*),
                    pg_catalog.bool_and(p05 <= p10 AND p10 <= p50 AND p50 <= p90 AND p90 <= p99 AND p50 BETWEEN 0.9 * mean
                        AND 1.1 * mean)) AS line
                FROM forecast.total WHERE level <> 'item' GROUP BY level, site_id, category ORDER BY level, category
                """
            ).map { try $0.decode("line", as: String.self) }
            #expect(
                rows == [
                    "category - fruit 7 t", "category - - 7 t", "company - - 7 t", "site ICN - 7 t",
                    "site_category ICN fruit 7 t", "site_category ICN - 7 t",
                ])
            let items = try await connection.query(
                "SELECT pg_catalog.count(p50) AS known FROM forecast.total WHERE level = 'item'")
            #expect(try items[0].decode("known", as: Int.self) == 0)
            let report = try await ReportStore(database: test.database).totals(
                .people, level: "company", portfolio: nil, site: nil, category: nil)
            #expect(report.rows.count == 1)
            // Who sees one site only is not told of all.
            try await connection.execute("GRANT suyo_reader TO CURRENT_USER")
            try await connection.execute("SELECT forecast.restrict_reader('suyo_reader', ARRAY['ICN'])")
            try await connection.execute("SET ROLE suyo_reader")
            let seen = try await connection.query(
                """
                SELECT pg_catalog.count(p50) FILTER (WHERE level = 'company') AS company,
                    pg_catalog.count(p50) FILTER (WHERE level = 'site') AS site FROM forecast.total
                """)
            #expect(try seen[0].decode("company", as: Int.self) == 0)
            #expect(try seen[0].decode("site", as: Int.self) == 7)
        }
    }
}
