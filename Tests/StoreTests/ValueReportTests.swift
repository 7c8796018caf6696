import PostgresClient
import Store
import TestSupport
import Testing

/// What the value report says, against figures worked out by hand.
@Suite struct ValueReportTests {
    /// Puts closed buckets of an item at ICN, one a day from 2 March 2026, each forecast one and two days ahead.
    private func mature(
        _ actual: [String], mean: Double, naive: Double, final: Double? = nil, item: String = "A",
        portfolio: String = "nightly", _ connection: Connection
    ) async throws {
        for (day, actual) in actual.enumerated() {
            try await connection.execute(
                """
                INSERT INTO suyo.matured_bucket (portfolio, item_id, site_id, frequency, bucket_start, demand_class, actual,
                    versions, lags, mean, naive, final, quantiles)
                VALUES (\(portfolio), \(item), 'ICN', 'daily', timestamp '2026-03-02' + \(Int64(day))::integer * interval '1 day',
                    'smooth', \(actual)::float8, '{1,1}', '{1,2}', \([mean, mean]), \([naive, naive]),
                    \([final ?? mean, final ?? mean]), pg_catalog.array_fill(0::real, ARRAY[16]))
                """)
        }
    }

    private func with(_ body: (ReportStore, Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await connection.execute(
                "INSERT INTO demand.item (item_id, unit_cost, pack_size) VALUES ('A', 2, 1), ('B', NULL, 1)")
            try await body(ReportStore(database: test.database), connection)
        }
    }

    private func text(_ table: ReportTable) -> [String] {
        table.rows.map { row in row.map { $0.kind == .null ? "-" : $0.text }.joined(separator: " ") }
    }

    private let scope = ReportStore.ValueScope(months: 3)

    @Test func everyStageIsMeasuredOnTheSameBuckets() async throws {
        try await with { store, connection in
            try await mature(["10", "20", "NaN"], mean: 12, naive: 20, final: 11, connection)
            // Of the second day, the year before knows; of the first it does not.
            try await connection.execute(
                """
                INSERT INTO demand.series (portfolio, frequency, item_id, site_id, first_bucket, raw, adjusted, reason,
                    data_through, content_hash)
                VALUES ('nightly', 'daily', 'A', 'ICN', '2025-03-03', '{0,16}', '{NaN,16}', 'S.', '2026-03-04', '')
                """)
            #expect(
                text(try await store.valueByStage(.people, scope)) == [
                    // 2026-03-03 less 364 days is 2025-03-04: 16 against 20, where the naive is right.
                    "nightly last year 2 0.200 -0.200 - 4.00 8.00",
                    "nightly naive 4 0.333 0.333 0 % 5.00 10.00",
                    "nightly model 4 0.333 -0.200 0 % 5.00 10.00",
                    "nightly final 4 0.333 -0.267 0 % 5.00 10.00",
                ])
            #expect(try await store.valueByStage(.people, .init(months: 3, site: "PUS")).rows.isEmpty)
            #expect(try await store.valueByStage(.people, .init(months: 3, portfolio: "other")).rows.isEmpty)
        }
    }

    @Test func whatIsOlderThanTheMonthsAskedForIsLeftOut() async throws {
        try await with { store, connection in
            try await mature([String](repeating: "10", count: 60), mean: 9, naive: 12, item: "B", connection)
            // From 2026-04-30 back to 2026-03-31: 31 days, two forecasts each, and no cost known.
            #expect(
                text(try await store.valueByStage(.people, .init(months: 1))) == [
                    "nightly naive 62 0.200 0.200 0 % 2.00 -", "nightly model 62 0.100 -0.100 50 % 1.00 -",
                    "nightly final 62 0.100 -0.100 50 % 1.00 -",
                ])
        }
    }

    @Test func safetyStockIsTheQuantileOfWhatCyclesLacked() async throws {
        try await with { store, connection in
            try await PublishedSeries(item: "A", site: "ICN", mean: [Double](repeating: 10, count: 28), deviation: 1)
                .insert(into: connection)
            try await connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('A', 2)")
            try await connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
                VALUES ('A', 'ICN', '2026-03-01 00:00+09', 40)
                """)
            try await connection.execute(
                "SELECT forecast.set_policy(service_level => 0.9, review_days => 0, reason => 'test')")
            // Cycles of two days: 12 days make 11, one of which holds the day without a count.
            try await mature(
                ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "NaN"], mean: 10, naive: 8,
                connection)
            // Sums of two days less 20: 1, 3, … 19, ten of them; the 0.9-quantile is 17.2. The naive lacks four more.
            #expect(
                text(try await store.valueInStock(.people, scope)) == [
                    "nightly naive 1 10 0.900 21 42 30.0 %", "nightly model 1 10 0.900 17 34 10.0 %",
                ])
            // Nine cycles are too few.
            try await connection.execute("DELETE FROM suyo.matured_bucket WHERE bucket_start = '2026-03-02'")
            #expect(try await store.valueInStock(.people, scope).rows.isEmpty)
        }
    }

    @Test func overridesAreHeldAgainstWhatCameByActorAndReason() async throws {
        try await with { store, connection in
            try await PublishedSeries(
                item: "A", site: "ICN", firstBucket: "2026-03-02", mean: [10, 10, 10]
            ).insert(into: connection)
            for (reason, day, value) in [("TV spot", 2, 18.0), ("a feeling", 3, 18.0), ("TV spot", 4, 12.0)] {
                try await connection.execute(
                    """
                    SELECT forecast.adjust(item => 'A', site => 'ICN', from_date => make_date(2026, 3, \(Int64(day))::integer),
                        to_date => make_date(2026, 3, \(Int64(day))::integer), value => \(value), kind => 'absolute',
                        reason => \(reason))
                    """)
            }
            // Made long before; an override of a day that had begun does not count.
            try await connection.execute("ALTER TABLE forecast.override DISABLE TRIGGER append_only")
            try await connection.execute("UPDATE forecast.override SET created_at = '2026-03-01', actor = 'kim'")
            try await mature(["16"], mean: 10, naive: 10, final: 18, connection)
            try await connection.execute("UPDATE suyo.matured_bucket SET bucket_start = '2026-03-03', actual = 9")
            try await mature(["16"], mean: 10, naive: 10, final: 18, connection)
            try await connection.execute(
                "UPDATE suyo.matured_bucket SET bucket_start = '2026-03-04', actual = 12, final = '{12,12}' WHERE bucket_start = '2026-03-02'"
            )
            try await mature(["16"], mean: 10, naive: 10, final: 18, connection)
            #expect(
                text(try await store.valueOfOverrides(.people, scope)) == [
                    // |16 − 10| + |12 − 10| = 8 without, |16 − 18| + 0 = 2 with them.
                    "kim TV spot 2 2 0.286 0.071 6.0 12", "kim a feeling 1 1 0.111 1.000 -8.0 -16",
                ])
        }
    }
}
