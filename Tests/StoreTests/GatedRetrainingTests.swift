import Monitoring
import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// A retrain meets the champion before it is published.
@Suite struct GatedRetrainingTests {
    /// Thirty items with a strong week, so that a model without one is much worse.
    private func with(_ body: (TestDatabase, Connection, Retraining) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'test', pg_catalog.concat(item, '-', day), 1, pg_catalog.concat('item', item), 'ICN',
                    (date '2026-01-01' + day + time '17:00') AT TIME ZONE 'Asia/Seoul',
                    20 + item + 10 * (day % 7) + (day * 7919 + item * 104729) % 11
                FROM pg_catalog.generate_series(0, 139) AS day, pg_catalog.generate_series(1, 30) AS item
                """)
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test")
            try await body(test, connection, retraining)
        }
    }

    private func specification(_ model: String = "auto") -> PortfolioSpecification {
        var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
        specification.model = model
        return specification
    }

    private func retrain(
        _ retraining: Retraining, _ specification: PortfolioSpecification, _ connection: Connection
    ) async throws -> Retraining.Outcome {
        try await retraining.run(
            portfolio: "nightly", specification: specification,
            permit: try await SampleOrders.claimRun(connection)
        ) { _ in }
    }

    private func texts(_ query: Query, _ connection: Connection) async throws -> [String] {
        try await connection.query(query).map { try $0.decode(0, as: String.self) }
    }

    @Test func theFirstPassesAndAnEqualOneTakesItsPlace() async throws {
        try await with { test, connection, retraining in
            let first = try await retrain(retraining, specification(), connection)
            #expect(first.gate?.isPromoted == true)
            #expect(first.gate?.overall == nil)
            let second = try await retrain(retraining, specification(), connection)
            let verdict = try #require(second.gate?.overall)
            #expect(second.published.refusedVersionID == nil)
            #expect(verdict.series == 30)
            // The same demand and the same models: nothing between them.
            #expect(abs(verdict.difference) < 1e-9)
            #expect(
                try await texts("SELECT version_id::text FROM suyo.champion", connection)
                    == ["\(second.published.versionID)"])
            let stored = try await ReportStore(database: test.database).verdict(second.published.versionID)
            #expect(stored.rows[0][0].text == "promoted")
            #expect(stored.rows[0][1].text == "\(first.published.versionID)")
        }
    }

    @Test func aWorseOneIsKeptAndTheChampionsModelsArePublishedInstead() async throws {
        try await with { test, connection, retraining in
            let first = try await retrain(retraining, specification(), connection)
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT source, pg_catalog.concat(order_id, 'b'), 1, item_id, site_id, ordered_at + interval '7 days', quantity
                FROM demand.order_line WHERE ordered_at >= '2026-05-13'
                """)
            let second = try await retrain(retraining, specification("naive"), connection)
            let refused = try #require(second.published.refusedVersionID)
            let verdict = try #require(second.gate)
            #expect(!verdict.isPromoted)
            #expect(verdict.uncompared == 0)
            #expect(try #require(verdict.overall).lower > 0.02, "\(verdict)")
            #expect(second.notes.contains { $0.contains("version \(refused) was refused") }, "\(second.notes)")

            // What is current is new, and made by the champion's models.
            let current = try await connection.query(
                """
                SELECT DISTINCT version_id, model, status, data_through::text AS through,
                    (SELECT pg_catalog.min(bucket_start)::date::text FROM forecast.current) AS first
                FROM forecast.current
                """)
            for row in current {
                #expect(try row.decode("version_id", as: Int64.self) == second.published.versionID)
                #expect(try row.decode("model", as: String.self) != "naive")
                #expect(try row.decode("status", as: String.self) == "champion")
                #expect(try row.decode("through", as: String.self) == "2026-05-27")
                #expect(try row.decode("first", as: String.self) == "2026-05-28")
            }
            func choices(_ version: Int64) async throws -> [String] {
                try await texts(
                    """
                    SELECT pg_catalog.concat(item_id, ' ', model, ' ', (
                        SELECT pg_catalog.string_agg(
                            pg_catalog.concat(name, ' ', pg_catalog.round(value::numeric, 9)), ', ' ORDER BY name)
                        FROM ROWS FROM (pg_catalog.unnest(parameter_names), pg_catalog.unnest(parameters)) AS p (name, value)
                        WHERE model = 'combination'))
                    FROM suyo.version_series WHERE version_id = \(version) ORDER BY item_id
                    """, connection)
            }
            #expect(try await choices(first.published.versionID) == choices(second.published.versionID))
            #expect(
                try await texts(
                    "SELECT reason FROM suyo.promotion_log WHERE version_id = \(second.published.versionID)", connection
                )
                    == [
                        "The models of version \(first.published.versionID), fitted to new demand: the gate refused version \(refused)."
                    ])
            // The champion's models are still compared the night after, and the run is known to be as the job asks.
            let asked = try await ForecastStore(database: test.database).champion(of: "nightly")
            #expect(try #require(asked).specification == specification("naive"))
            let third = try await retrain(retraining, specification("naive"), connection)
            #expect(third.gate?.isPromoted == false)
            #expect(third.gate?.uncompared == 0)

            // As of any instant, the refused forecasts were never current.
            #expect(
                try await texts(
                    "SELECT DISTINCT version_id::text FROM forecast.get('item1', NULL, NULL, pg_catalog.clock_timestamp())",
                    connection) == ["\(third.published.versionID)"])

            // The two versions of the run saw the same demand: only the models differ.
            let registry = ModelRegistry(database: test.database)
            let comparison = VersionComparison(
                try await registry.pairs(second.published.versionID, refused))
            #expect(comparison.common == 30 && comparison.sameData == 30 && comparison.otherModel == 30)
            #expect(try #require(comparison.comparisons.first).lower > 0.02)
            #expect(comparison.worse.count == 5)
            let error = await #expect(throws: Refusal.self) { try await registry.pairs(refused, 999) }
            #expect(error?.description.contains("no model version 999") == true)
            let facts = try await ReportStore(database: test.database).lineageDifferences(
                second.published.versionID, refused)
            #expect(facts.rows.map { $0.map(\.text) } == [["model", "auto", "naive"]])

            let card = try await registry.card(version: refused)
            #expect(!card.isChampion)
            #expect(card.series.count == 30 && card.series.allSatisfy { $0.model == "naive" && $0.scored > 0 })
            #expect(card.dataFrom == "2026-01-01")
            #expect(card.verdict == verdict.reasons)
            #expect(card.promotions.isEmpty)
            #expect(
                try await registry.card(version: second.published.versionID).promotions.map { $0[1] }.first
                    == "promote of \(second.published.versionID), in place of \(first.published.versionID)")

            // A person may know better.
            _ = try await registry.promote(version: refused, reason: "we need it simple")
            #expect(try await texts("SELECT DISTINCT model FROM forecast.current", connection) == ["naive"])
            #expect(try await texts("SELECT DISTINCT status FROM forecast.current", connection) == ["champion"])
        }
    }

    @Test func withoutAGateTheSamePasses() async throws {
        try await with { _, connection, retraining in
            _ = try await retrain(retraining, specification(), connection)
            var simple = specification("naive")
            simple.gate.isOff = true
            let second = try await retrain(retraining, simple, connection)
            #expect(second.gate?.reasons == ["The gate is off."])
            #expect(second.published.refusedVersionID == nil)
            #expect(try await texts("SELECT DISTINCT model FROM forecast.current", connection) == ["naive"])
        }
    }

    @Test func aBetterOneThatTheSpecAsksForPasses() async throws {
        try await with { _, connection, retraining in
            _ = try await retrain(retraining, specification("naive"), connection)
            let second = try await retrain(retraining, specification(), connection)
            let verdict = try #require(second.gate)
            #expect(verdict.isPromoted)
            #expect(verdict.overall?.series == 30)
            #expect(try #require(verdict.overall).upper < 0)
        }
    }
}
