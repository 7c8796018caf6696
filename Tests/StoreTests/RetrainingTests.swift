import Foundation
import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

@Suite struct RetrainingTests {
    @Test func ordersBecomePublishedForecasts() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let permit = try await SampleOrders.claimRun(connection)
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test")
            var specification = PortfolioSpecification(frequency: .daily, horizon: 14)
            specification.origins = 2
            let outcome = try await retraining.run(
                portfolio: "nightly", specification: specification, permit: permit
            ) { _ in }
            #expect(outcome.dataThrough == "2026-06-29")

            let rows = try await connection.query(
                """
                SELECT pg_catalog.count(*) AS rows, pg_catalog.count(DISTINCT item_id) AS items,
                    pg_catalog.bool_and(mean >= 0 AND p05 <= p50 AND p50 <= p95 AND final = mean) AS sane,
                    pg_catalog.min(bucket_start)::text AS first
                FROM forecast.current
                """)
            #expect(try rows[0].decode("rows", as: Int.self) == 3 * 14)
            #expect(try rows[0].decode("items", as: Int.self) == 3)
            #expect(try rows[0].decode("sane", as: Bool.self))
            #expect(try rows[0].decode("first", as: String.self) == "2026-06-30 00:00:00")

            let explained = try await connection.query(
                """
                SELECT pg_catalog.max(pg_catalog.abs(e.sum - f.mean)) AS gap FROM forecast.get('apple') AS f
                JOIN (SELECT bucket_start, pg_catalog.sum(value) AS sum FROM forecast.explain('apple') GROUP BY 1) AS e
                USING (bucket_start)
                """)
            #expect(try explained[0].decode("gap", as: Double.self) < 1e-9)
        }
    }

    @Test func aStaleAttemptPublishesNothing() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let permit = try await SampleOrders.claimRun(connection)
            try await connection.execute("UPDATE suyo.lease SET fence = fence + 1")
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test")
            let specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            await #expect(throws: PipelineError.self) {
                try await retraining.run(portfolio: "nightly", specification: specification, permit: permit) { _ in }
            }
            let rows = try await connection.query(
                """
                SELECT (SELECT pg_catalog.count(*) FROM suyo.model_version)
                    + (SELECT pg_catalog.count(*) FROM forecast.series_forecast)
                    + (SELECT pg_catalog.count(*) FROM forecast.outbox) AS written
                """)
            #expect(try rows[0].decode("written", as: Int.self) == 0)
        }
    }

    @Test func anEarlierInstantAnswersWithWhatWasPublishedThen() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test")
            let specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            func publish() async throws -> String {
                let permit = try await SampleOrders.claimRun(connection)
                _ = try await retraining.run(portfolio: "nightly", specification: specification, permit: permit) { _ in
                }
                return try await connection.query("SELECT pg_catalog.clock_timestamp()::text")[0].decode(
                    0, as: String.self)
            }
            let afterFirst = try await publish()
            try await connection.execute("UPDATE demand.order_line SET quantity = quantity * 10")
            _ = try await publish()
            let rows = try await connection.query(
                """
                SELECT (SELECT pg_catalog.sum(mean) FROM forecast.get('apple')) AS now,
                    (SELECT pg_catalog.sum(mean) FROM forecast.get('apple', NULL, NULL, \(afterFirst)::timestamptz)) AS then,
                    (SELECT pg_catalog.count(*) FROM forecast.get('apple', NULL, NULL, '2020-01-01')) AS before
                """)
            let now = try rows[0].decode("now", as: Double.self)
            let then = try rows[0].decode("then", as: Double.self)
            #expect(abs(now / then - 10) < 0.5)
            #expect(try rows[0].decode("before", as: Int.self) == 0)
            let log = try await connection.query("SELECT pg_catalog.count(*) FROM suyo.promotion_log")
            #expect(try log[0].decode(0, as: Int.self) == 2)
            await #expect(throws: PostgresError.self) { try await connection.execute("DELETE FROM suyo.promotion_log") }
        }
    }
}

extension SampleOrders {
    /// A claimed run to publish under.
    static func claimRun(_ connection: Connection) async throws -> WritePermit {
        let rows = try await connection.query(
            """
            WITH made AS (
                INSERT INTO suyo.run (job_name, kind, reason, state, fence)
                VALUES ('nightly', 'retrain', 'person', 'running', 1) RETURNING run_id)
            INSERT INTO suyo.lease (run_id, fence, worker_id) SELECT run_id, 1, pg_catalog.gen_random_uuid() FROM made
            RETURNING run_id
            """)
        return WritePermit(runID: try rows[0].decode(0, as: Int64.self), fence: 1)
    }
}
