import Forecasting
import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// A retrain whose series and totals are made to agree.
@Suite struct ReconciledRetrainingTests {
    /// Twenty items at two sites in two categories, all of which go up and down together.
    private func with(most: Int = 1000, _ body: (TestDatabase, Connection, Retraining.Outcome) async throws -> Void)
        async throws
    {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul'), ('PUS', 'Asia/Seoul')")
            try await connection.execute(
                """
                INSERT INTO demand.item (item_id, category)
                SELECT 'I' || n, CASE WHEN n % 2 = 0 THEN 'tea' ELSE 'rice' END FROM generate_series(1, 20) AS n
                """)
            // Noise that is the same each time: a sine of the place, as hashes go.
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'erp', concat_ws('-', n, s, d), 1, 'I' || n, s,
                    (date '2025-11-01' + d + time '10:00') AT TIME ZONE 'Asia/Seoul',
                    greatest(0.1, round((20 + n) * (1 + 0.5 * sin(d / 11.0))
                        * (1 + 0.9 * sin(1000.0 * sin(n * 12.9898 + length(s) + ascii(s) + d * 78.233)))))
                FROM generate_series(1, 20) AS n, unnest(ARRAY['ICN', 'PUS']) AS s, generate_series(0, 149) AS d
                """)
            var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            specification.reconciliation = .mint
            let outcome = try await Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                exchange: nil, codeVersion: "test", threads: 2, shardSize: 16, sharesFrom: .seconds(3600),
                mostReconciled: most
            ).run(
                portfolio: "nightly", specification: specification, permit: try await SampleOrders.claimRun(connection)
            ) { _ in }
            try await body(test, connection, outcome)
        }
    }

    @Test func saysWhatItDidAndIsReproducedToTheLastBit() async throws {
        try await with { test, connection, outcome in
            let note = try #require(outcome.notes.first { $0.contains("reconciled (mint)") })
            #expect(note.contains("in the backtest the error of totals"), "\(note)")
            let isMoved = note.hasPrefix("Series and totals are reconciled")
            let moved = try await connection.query(
                """
                SELECT pg_catalog.count(*) FROM forecast.current_series
                WHERE components[pg_catalog.cardinality(components)] = 'reconciliation'
                """)
            #expect(try moved[0].decode(0, as: Int.self) == (isMoved ? 40 : 0), "\(note)")
            #expect(isMoved, "\(note)")
            // What is shown adds up, over components and over series.
            let unexplained = try await connection.query(
                """
                SELECT e.bucket_start, pg_catalog.sum(e.value), c.mean
                FROM forecast.explain('I7', 'PUS') AS e JOIN forecast.current AS c USING (bucket_start, site_id)
                WHERE c.item_id = 'I7' GROUP BY 1, 3 HAVING pg_catalog.abs(pg_catalog.sum(e.value) - c.mean) > 1e-9 * c.mean
                """)
            #expect(unexplained.isEmpty)
            let wrong = try await connection.query(
                """
                SELECT t.bucket_start FROM forecast.total AS t
                JOIN (SELECT bucket_start, pg_catalog.sum(mean) AS mean FROM forecast.current GROUP BY 1) AS c
                    USING (bucket_start)
                WHERE t.level = 'company' AND pg_catalog.abs(t.mean - c.mean) > 1e-6 * c.mean
                """)
            #expect(wrong.isEmpty)
            // The total's quantiles stand around the mean that is published.
            let outside = try await connection.query(
                """
                SELECT FROM forecast.total WHERE level = 'company' AND (p10 > mean OR p90 < mean)
                """)
            #expect(outside.isEmpty)
            let again = try await Reproduction(snapshots: ModelRegistry(database: test.database), threads: 1).run(
                version: outcome.published.versionID)
            #expect(again.series == 40 && again.isSame, "\(again.differences)")
        }
    }

    @Test func moreThanCanWaitAreOnlyAddedUp() async throws {
        try await with(most: 20) { _, connection, outcome in
            #expect(outcome.notes.contains("Totals are the sums of their series, which are too many to reconcile."))
            let rows = try await connection.query(
                """
                SELECT pg_catalog.count(*) AS series,
                    pg_catalog.count(*) FILTER (WHERE 'reconciliation' = ANY (components)) AS reconciled
                FROM forecast.current_series
                """)
            #expect(try rows[0].decode("series", as: Int.self) == 40)
            #expect(try rows[0].decode("reconciled", as: Int.self) == 0)
        }
    }
}
