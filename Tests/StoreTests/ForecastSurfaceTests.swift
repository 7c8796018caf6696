import PostgresClient
import Store
import TestSupport
import Testing

/// What WMS, ERP and planners read: views and functions of the schema `forecast`.
@Suite struct ForecastSurfaceTests {
    private func texts(_ connection: Connection, _ query: Query) async throws -> [String] {
        try await connection.query(query).map { try $0.decode(0, as: String.self) }
    }

    /// A database with the item A daily at two sites and weekly as a whole, and B monthly for one customer.
    private func published(_ body: (Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await PublishedSeries(portfolio: "icn", item: "A", site: "ICN", mean: [10, 20, 30]).insert(
                into: connection)
            try await PublishedSeries(portfolio: "pus", item: "A", site: "PUS", mean: [1, 2]).insert(into: connection)
            try await PublishedSeries(portfolio: "weekly", frequency: "weekly", item: "A", mean: [77]).insert(
                into: connection)
            try await PublishedSeries(
                portfolio: "monthly", frequency: "monthly", item: "B", site: "ICN", customer: "K",
                firstBucket: "2026-11-01", mean: [1, 2, 3, 4]
            ).insert(into: connection)
            try await body(connection)
        }
    }

    // MARK: forecast.get

    @Test func getAnswersWhatItIsAsked() async throws {
        try await published { (connection) async throws in
            func rows(_ call: String) async throws -> [String] {
                try await texts(
                    connection,
                    """
                    SELECT pg_catalog.concat_ws(' ', frequency, site_id, step, mean)
                    FROM forecast.get(\(unescaped: call)) WITH ORDINALITY
                    """)
            }
            let icn = ["daily ICN 1 10", "daily ICN 2 20", "daily ICN 3 30"]
            let everywhere = icn + ["daily PUS 1 1", "daily PUS 2 2", "weekly 1 77"]
            #expect(try await rows("'A'") == everywhere)
            #expect(try await rows("item => 'A', site => NULL, horizon => NULL, as_of => NULL") == everywhere)
            #expect(try await rows("'A', 'ICN'") == icn)
            #expect(try await rows("'A', 'ICN', 2") == Array(icn.prefix(2)))
            #expect(try await rows("'A', horizon => 1") == ["daily ICN 1 10", "daily PUS 1 1", "weekly 1 77"])
            #expect(try await rows("'A', 'ICN', 99") == icn)
            for none in [
                "'Z'", "NULL", "''", "'a'", "'A', 'LHR'", "'A', horizon => 0", "'A', horizon => -1",
                "'A', as_of => '2020-01-01'", "'A', as_of => '-infinity'",
            ] {
                #expect(try await rows(none).isEmpty, "\(none)")
            }
            #expect(try await rows("'A', as_of => pg_catalog.clock_timestamp()") == everywhere)
            #expect(try await rows("'A', as_of => 'infinity'") == everywhere)
        }
    }

    @Test func getAndCurrentAreTheSameRows() async throws {
        try await published { connection in
            let differing = try await texts(
                connection,
                """
                WITH both_ways AS (
                    SELECT f::text AS row FROM forecast.current AS f
                    EXCEPT ALL (SELECT f::text FROM forecast.get('A') AS f UNION ALL SELECT f::text FROM forecast.get('B') AS f))
                SELECT row FROM both_ways
                """)
            #expect(differing == [])
            let count = try await connection.query("SELECT pg_catalog.count(*) FROM forecast.current")
            #expect(try count[0].decode(0, as: Int.self) == 10)
        }
    }

    @Test func quantilesStandUnderTheirNames() async throws {
        try await published { (connection) async throws in
            #expect(
                try await texts(
                    connection,
                    """
                    SELECT pg_catalog.concat_ws(' ', p05, p10, p25, p50, p75, p90, p95, p99, final)
                    FROM forecast.current WHERE site_id = 'ICN' AND frequency = 'daily' AND step = 2
                    """) == ["20.1 20.2 20.3 20.4 20.5 20.6 20.7 20.8 20"])
        }
    }

    // MARK: forecast.lead_time_demand

    @Test func aLeadTimeIsTheQuantileOfASum() async throws {
        try await published { (connection) async throws in
            func demand(_ arguments: String) async throws -> Double? {
                try await connection.query("SELECT forecast.lead_time_demand(\(unescaped: arguments))")[0]
                    .decode(0, as: Double?.self)
            }
            // Levels 0.50 and 0.90 are the fourth and the sixth; the series holds k times the place for k days.
            #expect(try await demand("'A', 'ICN', 1, 0.5") == 4)
            #expect(try await demand("'A', 'ICN', 3, 0.9") == 18)
            #expect(try await demand("'A', 'ICN', 0, 0.9") == 0)
            // Weekly as a whole: two days are two sevenths of the first week.
            let part = try #require(try await demand("'A', NULL, 2, 0.5"))
            #expect(abs(part - 4 * 2 / 7) < 1e-12)
            // 0.8 lies between 0.75 and 0.90 by its normal score: (0.841621 - 0.674490) / (1.281552 - 0.674490).
            let between = try #require(try await demand("'A', 'ICN', 1, 0.8"))
            #expect(abs(between - (5 + 0.275311)) < 1e-5)
            // Beyond 0.99 it goes on; it never falls below the last level.
            #expect(try #require(try await demand("'A', 'ICN', 1, 0.995")) > 8)
            for none in ["'A', 'ICN', 4, 0.5", "'Z', 'ICN', 1, 0.5", "'A', 'LHR', 1, 0.5"] {
                #expect(try await demand(none) == nil, "\(none)")
            }
            for (wrong, text) in [
                ("'A', 'ICN', -3, 0.5", "a lead time of -3 days is none"),
                ("'A', 'ICN', 3, 1.5", "a service level of 1.5 is none"),
                ("'A', 'ICN', 3, 'NaN'", "a service level of NaN is none"),
            ] {
                let error = try await #require(throws: PostgresError.self) { _ = try await demand(wrong) }
                #expect("\(error)".contains(text), "\(error)")
            }
        }
    }

    @Test func aPublicationMayShowAnEarlierOnesForecasts() async throws {
        try await published { (connection) async throws in
            try await connection.execute(
                """
                WITH again AS (
                    INSERT INTO forecast.publication
                        (portfolio, version_id, frequency, bucket_length, data_through, status, forecasts_of)
                    SELECT portfolio, version_id, frequency, bucket_length, data_through, 'stale', publication_id
                    FROM forecast.publication WHERE portfolio = 'icn' RETURNING publication_id)
                UPDATE forecast.current_publication AS c SET publication_id = again.publication_id
                FROM again WHERE c.portfolio = 'icn'
                """)
            for relation in ["forecast.current", "forecast.get('A', 'ICN')"] {
                #expect(
                    try await texts(
                        connection,
                        """
                        SELECT pg_catalog.concat_ws(' ', status, step, mean) FROM \(unescaped: relation)
                        WHERE item_id = 'A' AND site_id = 'ICN' ORDER BY step
                        """) == ["stale 1 10", "stale 2 20", "stale 3 30"])
            }
            let explained = try await connection.query("SELECT FROM forecast.explain('A', 'ICN')")
            #expect(explained.count == 6)
        }
    }

    @Test func theColumnsAreThosePromised() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            #expect(
                try await texts(
                    connection,
                    """
                    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = 'forecast.current'::regclass AND a.attnum > 0 ORDER BY a.attnum
                    """) == [
                        "item_id", "site_id", "customer_id", "frequency", "bucket_start", "bucket_end", "step", "mean",
                        "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p99", "final", "override_id", "model",
                        "version_id", "issued_at", "data_through", "status",
                    ])
        }
    }

    @Test func anEarlierInstantAnswersPerPortfolio() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for (portfolio, day, mean) in [("a", "01", 1.0), ("a", "03", 2.0), ("b", "02", 3.0), ("a", "05", 4.0)] {
                try await PublishedSeries(
                    portfolio: portfolio, item: "A", site: "ICN", mean: [mean], issuedAt: "2026-01-\(day) 06:00+00"
                ).insert(into: connection)
            }
            func means(_ instant: String) async throws -> [String] {
                try await texts(
                    connection, "SELECT mean::text FROM forecast.get('A', as_of => \(instant)::timestamptz)")
            }
            #expect(try await means("2026-01-01 05:59+00") == [])
            #expect(try await means("2026-01-01 06:00+00") == ["1"])
            #expect(try await means("2026-01-02 12:00+00") == ["1", "3"])
            #expect(try await means("2026-01-04 12:00+00") == ["2", "3"])
            #expect(try await means("2026-01-05 06:00+00") == ["4", "3"])
        }
    }

    // MARK: Buckets

    @Test func monthsQuartersAndYearsStepByTheCalendar() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            let expected = [
                "monthly": ["2027-12-01", "2028-01-01", "2028-02-01", "2028-03-01"],
                "quarterly": ["2027-12-01", "2028-03-01", "2028-06-01", "2028-09-01"],
                "yearly": ["2027-12-01", "2028-12-01", "2029-12-01", "2030-12-01"],
                "weekly": ["2027-12-01", "2027-12-08", "2027-12-15", "2027-12-22"],
                "daily": ["2027-12-01", "2027-12-02", "2027-12-03", "2027-12-04"],
            ]
            for (frequency, starts) in expected {
                try await PublishedSeries(
                    portfolio: frequency, frequency: frequency, item: frequency, firstBucket: "2027-12-01",
                    mean: [1, 2, 3, 4]
                ).insert(into: connection)
                #expect(
                    try await texts(
                        connection, "SELECT bucket_start::date::text FROM forecast.get(\(frequency))") == starts)
                // One ends where the next begins.
                #expect(
                    try await texts(
                        connection, "SELECT bucket_end::date::text FROM forecast.get(\(frequency), horizon => 3)")
                        == Array(starts.dropFirst()))
            }
            try await PublishedSeries(
                portfolio: "hourly", frequency: "hourly", item: "hourly", firstBucket: "2027-12-31 23:00", mean: [1, 2]
            ).insert(into: connection)
            #expect(
                try await texts(connection, "SELECT bucket_start::text FROM forecast.get('hourly')")
                    == ["2027-12-31 23:00:00", "2028-01-01 00:00:00"])
        }
    }

    // MARK: explain, history_and_forecast

    @Test func componentsAddUpWithinAPortfolioSiteAndCustomer() async throws {
        try await published { connection in
            try await PublishedSeries(portfolio: "other", item: "B", site: "ICN", customer: "L", mean: [9]).insert(
                into: connection)
            #expect(
                try await texts(
                    connection,
                    """
                    SELECT pg_catalog.concat_ws(' ', portfolio, customer_id, bucket_start::date, pg_catalog.sum(value))
                    FROM forecast.explain('B', 'ICN') GROUP BY portfolio, site_id, customer_id, bucket_start
                    ORDER BY portfolio, bucket_start
                    """) == [
                        "monthly K 2026-11-01 1", "monthly K 2026-12-01 2", "monthly K 2027-01-01 3",
                        "monthly K 2027-02-01 4", "other L 2026-03-01 9",
                    ])
            #expect(
                try await texts(connection, "SELECT component FROM forecast.explain('A', 'ICN') LIMIT 2")
                    == ["level", "season"])
            #expect(try await texts(connection, "SELECT component FROM forecast.explain('Z')").isEmpty)
        }
    }

    @Test func historyRunsIntoTheForecastOfItsPortfolio() async throws {
        try await published { connection in
            try await connection.execute(
                """
                INSERT INTO demand.series (portfolio, frequency, item_id, site_id, customer_id, first_bucket, raw, adjusted,
                    reason, data_through, content_hash)
                VALUES ('icn', 'daily', 'A', 'ICN', NULL, '2026-02-27', '{5,0}', '{5,NaN}', '.S', '2026-02-28', ''),
                    ('weekly', 'weekly', 'A', NULL, NULL, '2026-02-22', '{70}', '{70}', '.', '2026-02-28', '')
                """)
            #expect(
                try await texts(
                    connection,
                    """
                    SELECT pg_catalog.concat_ws(' ', portfolio, stage, bucket_start::date, actual, adjusted, reason, mean, p50)
                    FROM forecast.history_and_forecast('A')
                    """) == [
                        "icn history 2026-02-27 5 5", "icn history 2026-02-28 0 out of stock",
                        "icn forecast 2026-03-01 10 10.4", "icn forecast 2026-03-02 20 20.4",
                        "icn forecast 2026-03-03 30 30.4", "pus forecast 2026-03-01 1 1.4",
                        "pus forecast 2026-03-02 2 2.4", "weekly history 2026-02-22 70 70",
                        "weekly forecast 2026-03-01 77 77.4",
                    ])
            let site = try await texts(
                connection, "SELECT stage FROM forecast.history_and_forecast('A', 'PUS')")
            #expect(site == ["forecast", "forecast"])
        }
    }

    // MARK: Constraints and plans

    @Test(arguments: [
        "mean = '{}'", "mean = '{1,2}'", "quantiles = '{1,2}'", "quantiles = '{}'", "component_values = '{1}'",
        "components = '{level}'", "components = '{}'",
    ]) func arraysOfTheWrongLengthAreRefused(change: String) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await PublishedSeries(item: "A", site: "ICN").insert(into: connection)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("UPDATE forecast.series_forecast SET \(unescaped: change)")
            }
            #expect(error?.code.name == "23514")
        }
    }

    @Test func pointLookUpsAreIndexLookUps() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for portfolio in ["daily", "weekly", "monthly"] {
                try await PublishedSeries(portfolio: portfolio, item: "A", site: "ICN").insert(into: connection)
            }
            try await connection.execute(
                """
                INSERT INTO forecast.series_forecast SELECT s.publication_id, n::text, 'ICN', NULL, s.first_bucket, s.model,
                    s.mean, s.quantiles, s.cumulative_quantiles, s.components, s.component_values
                FROM forecast.series_forecast AS s, pg_catalog.generate_series(1, 5000) AS n
                """)
            try await connection.execute(
                """
                INSERT INTO demand.series (portfolio, frequency, item_id, site_id, first_bucket, raw, adjusted, reason,
                    data_through, content_hash)
                SELECT 'daily', 'daily', n::text, 'ICN', '2026-01-01', '{1}', '{1}', '.', '2026-01-01', ''
                FROM pg_catalog.generate_series(1, 5000) AS n
                """)
            try await connection.execute("ANALYZE forecast.series_forecast, forecast.publication, demand.series")
            for call in [
                "forecast.get('4711')", "forecast.get('4711', 'ICN')",
                "forecast.get('4711', as_of => pg_catalog.now())",
                "forecast.explain('4711')", "forecast.explain('4711', 'ICN')",
                "forecast.history_and_forecast('4711', 'ICN')",
            ] {
                // More than five times, after which a plan for any argument may be kept.
                try await connection.execute("BEGIN")
                let before = try await scans(connection)
                for _ in 0..<8 { try await connection.execute("SELECT * FROM \(unescaped: call)") }
                let after = try await scans(connection)
                try await connection.execute("COMMIT")
                #expect(after.sequential == before.sequential, "\(call)")
                #expect(after.byIndex >= before.byIndex + 8, "\(call)")
            }
            let rows = try await connection.query("SELECT pg_catalog.count(*) FROM forecast.get('4711')")
            #expect(try rows[0].decode(0, as: Int.self) == 9)
        }
    }

    /// How often this session has read the series of forecasts and of demand as a whole, and through an index.
    private func scans(_ connection: Connection) async throws -> (sequential: Int, byIndex: Int) {
        let row = try await connection.query(
            """
            SELECT coalesce(pg_catalog.sum(seq_scan), 0)::bigint AS sequential,
                coalesce(pg_catalog.sum(idx_scan), 0)::bigint AS by_index
            FROM pg_catalog.pg_stat_xact_user_tables WHERE relname IN ('series_forecast', 'series')
            """)[0]
        return (try row.decode("sequential", as: Int.self), try row.decode("by_index", as: Int.self))
    }
}
