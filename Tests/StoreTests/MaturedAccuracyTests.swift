import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// Forecasts are scored when their buckets close.
@Suite struct MaturedAccuracyTests {
    /// Two publications of an apple at ICN: one of 1 March with 10, 20, 30, one of 2 March with 22, 33, 44; and what came on
    /// the days before: 4 each day, but 6 on each Sunday (1 and 8 March 2026 are Sundays).
    private func with(_ body: (TestDatabase, Connection, AccuracyStore) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await PublishedSeries(item: "apple", site: "ICN", mean: [10, 20, 30]).insert(into: connection)
            try await PublishedSeries(item: "apple", site: "ICN", firstBucket: "2026-03-02", mean: [22, 33, 44])
                .insert(into: connection)
            try await body(test, connection, AccuracyStore(database: test.database))
        }
    }

    private let before = (0..<28).map { $0 % 7 == 0 ? 6.0 : 4 }

    /// Puts the demand of days from 1 February on where a retrain would.
    private func demand(_ later: [Double], _ connection: Connection) async throws {
        try await connection.execute("DELETE FROM demand.series")
        try await connection.execute(
            """
            INSERT INTO demand.series (portfolio, frequency, item_id, site_id, first_bucket, raw, adjusted, reason,
                data_through, content_hash)
            VALUES ('nightly', 'daily', 'apple', 'ICN', '2026-02-01', \(before + later), \(before + later),
                pg_catalog.repeat('.', \(before.count + later.count)::integer), '2026-03-01', '')
            """)
    }

    private func points(_ connection: Connection) async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', pg_catalog.to_char(bucket_start, 'MM-DD'), lag, stage, actual, forecast)
            FROM suyo.matured_point ORDER BY bucket_start, lag, stage
            """
        ).map { try $0.decode(0, as: String.self) }
    }

    @Test func eachBucketIsScoredOnceByLagAndStage() async throws {
        try await with { _, connection, store in
            try await demand([], connection)
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 0, corrected: 0))
            try await demand([12], connection)
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 1, corrected: 0))
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 0, corrected: 0))
            // A week before 1 March, a Sunday, came 6.
            #expect(
                try await points(connection)
                    == ["03-01 1 final 12 10", "03-01 1 model 12 10", "03-01 1 naive 12 6"])
            try await demand([12, 25], connection)
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 1, corrected: 0))
            #expect(
                try await points(connection).dropFirst(3) == [
                    "03-02 1 final 25 22", "03-02 1 model 25 22", "03-02 1 naive 25 4", "03-02 2 final 25 20",
                    "03-02 2 model 25 20", "03-02 2 naive 25 4",
                ])
            #expect(try await store.score(portfolio: "elsewhere") == MaturedCount(scored: 0, corrected: 0))
        }
    }

    @Test func theFiguresAreTheUsualOnes() async throws {
        try await with { test, connection, store in
            try await demand([12, 25], connection)
            _ = try await store.score(portfolio: "nightly")
            let row = try await connection.query(
                "SELECT * FROM forecast.accuracy WHERE item_id = 'apple' AND lag = 1 AND stage = 'model'")[0]
            func value(_ column: String) throws -> Double { try row.decode(column, as: Double.self) }
            #expect(try row.decode("points", as: Int.self) == 2)
            #expect(try abs(value("wape") - 5.0 / 37) < 1e-12)
            #expect(try abs(value("bias") - -5.0 / 37) < 1e-12)
            // Differences to a week before: 0 on 21 days, then 12 - 6 and 25 - 4.
            let scale = 27.0 / 23
            #expect(try abs(value("mase") - (2 + 3) / scale / 2) < 1e-12)
            let squared = (36.0 + 441) / 23
            #expect(try abs(value("rmsse") - ((4 + 9) / squared / 2).squareRoot()) < 1e-12)
            // The quantiles are the mean and 0.1 ... 0.8 more: all below what came.
            let levels = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99]
            let loss = levels.enumerated().reduce(0.0) { sum, level in
                let above = Double(level.offset + 1) / 10
                return sum + level.element * ((2 - above) + (3 - above))
            }
            #expect(try abs(value("pinball") - loss / 8 / 37) < 1e-6)
            #expect(try value("coverage_80") == 0)
            #expect(try value("coverage_90") == 0)

            let table = try await ReportStore(database: test.database).maturedAccuracy(
                site: nil, lag: 1, stage: "model", buckets: 28)
            #expect(table.rows.map { $0[1].text } == ["all", "none"])
            #expect(table.rows[0][4].text == "0.135")
            let one = try await ReportStore(database: test.database).maturedAccuracy(
                .people, item: "apple", site: "ICN", lag: nil, stage: nil)
            #expect(one.rows.map { $0[2].text } == ["naive", "model", "final"])
            #expect(one.rows[1][3].text == "3")
        }
    }

    @Test func aLateCorrectionIsScoredAnewAndAStockOutNotAtAll() async throws {
        try await with { _, connection, store in
            try await demand([12, 25], connection)
            _ = try await store.score(portfolio: "nightly")
            try await demand([14, 25], connection)
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 0, corrected: 1))
            #expect(try await points(connection)[1] == "03-01 1 model 14 10")
            let sum = try await connection.query(
                "SELECT absolute_error FROM suyo.matured_sum WHERE bucket_start = '2026-03-01' AND stage = 'model'")
            #expect(try sum.map { try $0.decode(0, as: Double.self) } == [4])
            try await demand([.nan, 25, .nan], connection)
            #expect(try await store.score(portfolio: "nightly") == MaturedCount(scored: 1, corrected: 1))
            #expect(try await points(connection).allSatisfy { $0.hasPrefix("03-02") })
            #expect(
                try await connection.query("SELECT FROM suyo.matured_sum WHERE bucket_start <> '2026-03-02'").isEmpty)
        }
    }

    @Test func finalIsWhatPeopleMadeOfItBeforeTheBucketBegan() async throws {
        try await with { _, connection, store in
            // Made in February, withdrawn on 2 March in Seoul; the third counts from too late on.
            try await connection.execute(
                """
                WITH made AS (
                    INSERT INTO forecast.override (item_id, from_date, to_date, kind, value, reason, locked, created_at)
                    VALUES ('apple', '2026-03-01', '2026-03-03', 'absolute', 50, 'x', false, '2026-02-20'),
                        ('apple', '2026-03-01', '2026-03-01', 'absolute', 70, 'late', false, '2026-03-01 12:00+09')
                    RETURNING override_id, value, to_date)
                INSERT INTO forecast.override_cell
                SELECT override_id, 'nightly', 'apple', 'ICN', NULL, day, 0, value
                FROM made CROSS JOIN LATERAL pg_catalog.generate_series('2026-03-01'::timestamp, to_date, '1 day') AS day
                """)
            try await connection.execute(
                """
                INSERT INTO forecast.override_withdrawal (override_id, reason, at)
                SELECT pg_catalog.min(override_id), 'x', '2026-03-01 20:00+09' FROM forecast.override
                """)
            try await demand([12, 25], connection)
            _ = try await store.score(portfolio: "nightly")
            #expect(
                try await points(connection).filter { $0.contains("final") } == [
                    "03-01 1 final 12 50", "03-02 1 final 25 22", "03-02 2 final 25 20",
                ])
        }
    }

    @Test func whatWasRefusedOrShownOnceMoreIsNotScored() async throws {
        try await with { test, connection, store in
            try await connection.execute(
                "UPDATE forecast.publication SET status = 'challenger' WHERE publication_id = 2")
            try await connection.execute("DELETE FROM forecast.current_publication")
            _ = try await ModelRegistry(database: test.database).promote(version: 1, reason: "x")
            try await demand([12, 25], connection)
            _ = try await store.score(portfolio: "nightly")
            #expect(
                try await points(connection).filter { $0.contains("model") }
                    == ["03-01 1 model 12 10", "03-02 2 model 25 20"])
        }
    }

    @Test func aRefusedForecastCountsOnceAPersonPromotedIt() async throws {
        try await with { test, connection, store in
            try await connection.execute(
                "UPDATE forecast.publication SET status = 'challenger' WHERE publication_id = 2")
            _ = try await ModelRegistry(database: test.database).promote(version: 2, reason: "x")
            try await demand([12, 25], connection)
            _ = try await store.score(portfolio: "nightly")
            #expect(
                try await points(connection).filter { $0.contains("model") }
                    == ["03-01 1 model 12 10", "03-02 1 model 25 22", "03-02 2 model 25 20"])
        }
    }

    @Test(arguments: [
        ("hourly", "2026-03-01 05:00", "2026-02-01 05:00", 28 * 24 + 1), ("weekly", "2026-03-02", "2026-01-05", 9),
        ("monthly", "2026-03-01", "2025-01-01", 15), ("quarterly", "2026-01-01", "2025-01-01", 5),
        ("yearly", "2026-01-01", "2020-01-01", 7),
    ])
    func bucketsOfEveryLengthAreFound(frequency: String, first: String, begins: String, place: Int) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await PublishedSeries(
                frequency: frequency, item: "apple", site: "ICN", firstBucket: first, mean: [10, 20]
            )
            .insert(into: connection)
            let values = (1...(place + 1)).map { Double($0) }
            try await connection.execute(
                """
                INSERT INTO demand.series (portfolio, frequency, item_id, site_id, first_bucket, raw, adjusted, reason,
                    data_through, content_hash)
                VALUES ('nightly', \(frequency), 'apple', 'ICN', \(begins)::timestamp, \(values), \(values),
                    pg_catalog.repeat('.', \(values.count)::integer),
                    '2026-03-01', '')
                """)
            #expect(
                try await AccuracyStore(database: test.database).score(portfolio: "nightly")
                    == MaturedCount(scored: 2, corrected: 0))
            #expect(
                try await connection.query(
                    "SELECT actual FROM suyo.matured_point WHERE stage = 'model' ORDER BY bucket_start"
                ).map { try $0.decode(0, as: Double.self) } == [Double(place), Double(place + 1)])
        }
    }
}
