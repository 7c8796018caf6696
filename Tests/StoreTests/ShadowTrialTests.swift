import Monitoring
import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// A version that passes the gate is forecast beside the champion until buckets have closed, where the job asks for it.
@Suite struct ShadowTrialTests {
    /// Thirty items with a strong week through 20 May, and a portfolio whose gate asks for a shadow of three buckets.
    private func with(_ body: (TestDatabase, Connection, Retraining) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await orders(0...139, connection)
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test")
            try await body(test, connection, retraining)
        }
    }

    /// Days since 1 January; with `weekly` off, demand that the week before tells nothing of.
    private func orders(
        _ days: ClosedRange<Int>, weekly: Bool = true, level: Int = 20, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
            SELECT 'test', pg_catalog.concat(item, '-', day), 1, pg_catalog.concat('item', item), 'ICN',
                (date '2026-01-01' + day + time '17:00') AT TIME ZONE 'Asia/Seoul',
                \(level)::integer + item + CASE WHEN \(weekly) THEN 10 * (day % 7) ELSE 30 END
                    + (day * 7919 + item * 104729) % 11
            FROM pg_catalog.generate_series(\(days.lowerBound)::integer, \(days.upperBound)::integer) AS day,
                pg_catalog.generate_series(1, 30) AS item
            """)
    }

    private func specification(_ model: String, shadow: Int = 3) -> PortfolioSpecification {
        var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
        specification.model = model
        specification.gate.shadow = shadow
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

    private func models(_ connection: Connection) async throws -> [String] {
        try await texts("SELECT DISTINCT model FROM forecast.current ORDER BY 1", connection)
    }

    private func trials(_ connection: Connection) async throws -> [String] {
        try await texts(
            "SELECT pg_catalog.concat(version_id, ' ', state) FROM suyo.shadow_trial ORDER BY version_id", connection)
    }

    @Test func whatWasRightInTheShadowTakesTheChampionsPlace() async throws {
        try await with { test, connection, retraining in
            let store = ForecastStore(database: test.database)
            let first = try await retrain(retraining, specification("naive"), connection)
            #expect(first.published.refusedVersionID == nil, "the first has nobody to stand behind")
            // Better by far, and yet not published.
            let second = try await retrain(retraining, specification("seasonal-naive"), connection)
            let shadow = try #require(second.published.refusedVersionID)
            #expect(second.gate?.shadow == 3 && second.gate?.isPromoted == false)
            #expect(try await models(connection) == ["naive"])
            #expect(try await trials(connection) == ["\(shadow) waiting"])
            #expect(try #require(await store.shadowTrial(of: "nightly")).closed == 0)
            let reports = ReportStore(database: test.database)
            #expect(try await reports.verdict(shadow).rows[0][0].text == "shadow")
            let history = try await reports.history(.people, portfolio: "nightly", limit: 5)
            #expect(history.rows.map { $0.last?.text } == ["champion", "shadow", "earlier"])

            // The next nights publish the champion's models on new demand, and train nothing else.
            try await orders(140...142, connection)
            let third = try await retrain(retraining, specification("seasonal-naive"), connection)
            #expect(third.gate == nil && third.published.refusedVersionID == nil)
            #expect(third.notes.contains { $0.contains("0 of 3 buckets have closed") }, "\(third.notes)")
            #expect(try await models(connection) == ["naive"])
            #expect(
                try await texts("SELECT DISTINCT data_through::text FROM forecast.current", connection)
                    == ["2026-05-23"])
            // The shadow is not what was published: nobody is told that it was.
            #expect(
                try await connection.query("SELECT FROM suyo.promotion_log WHERE version_id = \(shadow)").isEmpty)
            // It and whom it meets stay, however few versions are kept.
            #expect(
                try await texts("SELECT version_id::text FROM suyo.prunable(NULL, 0) ORDER BY 1", connection)
                    .contains("\(shadow)") == false)

            try await orders(143...143, connection)
            let fourth = try await retrain(retraining, specification("seasonal-naive"), connection)
            #expect(fourth.notes.contains { $0.contains("comes out of the shadow after 3 buckets") }, "\(fourth.notes)")
            #expect(try await models(connection) == ["seasonal-naive"])
            #expect(try await trials(connection) == ["\(shadow) passed"])
            #expect(
                try await texts(
                    "SELECT holds_version_id::text FROM suyo.model_version WHERE version_id = \(fourth.published.versionID)",
                    connection) == ["\(shadow)"])
            let judged = try await connection.query(
                "SELECT rival_wape > wape AS better, series::float8 FROM suyo.shadow_trial")[0]
            #expect(try judged.decode("better", as: Bool.self))
            #expect(try judged.decode("series", as: Double.self) == 30)
            #expect(try await reports.verdict(shadow).rows[0].last?.text.contains("The trial passed.") == true)
            // Held choices are refitted to the same bits.
            let again = try await Reproduction(snapshots: ModelRegistry(database: test.database))
                .run(version: fourth.published.versionID)
            #expect(again.isSame && again.series == 30, "\(again.differences)")
        }
    }

    @Test func whatWasWrongInTheShadowDoesNot() async throws {
        try await with { _, connection, retraining in
            _ = try await retrain(retraining, specification("naive"), connection)
            let second = try await retrain(retraining, specification("seasonal-naive"), connection)
            let shadow = try #require(second.published.refusedVersionID)
            // Three days like the last: the week is gone, and the naive is right.
            try await orders(140...142, weekly: false, level: 60, connection)
            _ = try await retrain(retraining, specification("seasonal-naive"), connection)
            let fourth = try await retrain(retraining, specification("seasonal-naive"), connection)
            #expect(try await trials(connection).first == "\(shadow) failed")
            #expect(fourth.notes.contains { $0.contains("did not stand the shadow") }, "\(fourth.notes)")
            // The same night another has its chance.
            #expect(fourth.gate != nil)
            #expect(try await models(connection) == ["naive"])
        }
    }

    @Test func anotherSpecAnotherChampionAndAnIncidentEndTheTrial() async throws {
        try await with { test, connection, retraining in
            _ = try await retrain(retraining, specification("naive"), connection)
            let second = try await retrain(retraining, specification("seasonal-naive"), connection)
            let shadow = try #require(second.published.refusedVersionID)
            // Rules of judgement may change meanwhile; what is trained may not.
            var patient = specification("seasonal-naive")
            patient.gate.margin = 0.03
            let third = try await retrain(retraining, patient, connection)
            #expect(third.gate == nil)
            let fourth = try await retrain(retraining, specification("ets"), connection)
            let other = try #require(fourth.published.refusedVersionID)
            #expect(try await trials(connection) == ["\(shadow) abandoned", "\(other) waiting"])
            // A person who promotes it, or another, has decided.
            _ = try await ModelRegistry(database: test.database).promote(version: shadow, reason: "we saw enough")
            #expect(try await trials(connection) == ["\(shadow) abandoned", "\(other) abandoned"])
            #expect(try await models(connection) == ["seasonal-naive"])
        }
    }

    @Test func afterARollbackOfItsOwnAPortfolioIsOnProbation() async throws {
        try await with { test, connection, retraining in
            let store = ForecastStore(database: test.database)
            let first = try await retrain(retraining, specification("naive", shadow: 0), connection)
            #expect(try await store.isOnProbation("nightly") == false)
            _ = try await retrain(retraining, specification("seasonal-naive", shadow: 0), connection)
            #expect(try await models(connection) == ["seasonal-naive"])
            _ = try await connection.query(
                "SELECT suyo.make_champion(\(first.published.versionID), 'rollback', 'it was worse', automatic => true)"
            )
            #expect(try await store.isOnProbation("nightly"))
            let third = try await retrain(retraining, specification("seasonal-naive", shadow: 0), connection)
            #expect(third.gate?.shadow == 7)
            #expect(try await models(connection) == ["naive"])
            #expect(try await store.isOnProbation("nightly"), "the champion's models are still those gone back to")
            _ = try await ModelRegistry(database: test.database)
                .promote(version: try #require(third.published.refusedVersionID), reason: "the feed was broken")
            #expect(try await store.isOnProbation("nightly") == false)
            let fourth = try await retrain(retraining, specification("seasonal-naive", shadow: 0), connection)
            #expect(fourth.gate?.isPromoted == true)
        }
    }

    @Test func aRetrainForAnIncidentChoosesAnewForItsSeriesAlone() async throws {
        try await with { test, connection, retraining in
            let first = try await retrain(retraining, specification("theta", shadow: 0), connection)
            let permit = try await SampleOrders.claimRun(connection)
            try await connection.execute(
                """
                WITH check_made AS (
                    INSERT INTO suyo.drift_check (portfolio, version_id, data_through, buckets, series_count, judged, alarms, named)
                    VALUES ('nightly', \(first.published.versionID), '2026-05-20', 1, 30, 30, 2, 2) RETURNING check_id),
                opened AS (
                    INSERT INTO suyo.incident (portfolio, summary, since, series_count, version_id, check_id, retrain_run_id)
                    SELECT 'nightly', 'two changed', '2026-05-01', 2, \(first.published.versionID), check_id, \(permit.runID)
                    FROM check_made RETURNING incident_id)
                INSERT INTO suyo.incident_series (incident_id, item_id, site_id, metric, is_forecast, since, alarms_per_year)
                SELECT incident_id, item, 'ICN', 'level', false, '2026-05-01', 0.01
                FROM opened, pg_catalog.unnest('{item3,item4}'::text[]) AS item
                """)
            let second = try await retraining.run(
                portfolio: "nightly", specification: specification("auto", shadow: 0), permit: permit
            ) { _ in }
            #expect(
                second.notes.contains(
                    "2 series named by an incident choose their models anew, the others keep theirs."),
                "\(second.notes)")
            #expect(second.published.refusedVersionID == nil, "\(second.gate?.reasons ?? [])")
            let rows = try await connection.query(
                "SELECT item_id, model, holds FROM suyo.version_series WHERE version_id = \(second.published.versionID)"
            )
            for row in rows {
                let isNamed = ["item3", "item4"].contains(try row.decode("item_id", as: String.self))
                #expect(try row.decode("holds", as: Bool.self) != isNamed)
                if !isNamed { #expect(try row.decode("model", as: String.self) == "theta") }
                // With so strong a week nobody who may choose takes theta.
                if isNamed { #expect(try row.decode("model", as: String.self) != "theta") }
            }
            let again = try await Reproduction(snapshots: ModelRegistry(database: test.database), threads: 1)
                .run(version: second.published.versionID)
            #expect(again.isSame && again.series == 30, "\(again.differences)")
        }
    }
}
