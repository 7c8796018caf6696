import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// Drift checks from orders to incidents, against a real database.
@Suite struct DriftTests {
    /// A company of forty items whose demand is known through 2026-06-30, with a champion.
    private static func with(
        _ body: (Connection, DriftCheck, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            // The hash of item and day stands for noise: always the same, and of no pattern.
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'test', pg_catalog.concat(item, '-', day), 1, 'item-' || pg_catalog.lpad(item::text, 2, '0'),
                    'ICN', (date '2025-06-01' + day + time '17:00') AT TIME ZONE 'Asia/Seoul',
                    40 + 3 * (day % 7) + (pg_catalog.abs(pg_catalog.hashint8(item * 10000 + day)) % 21)
                FROM pg_catalog.generate_series(0, 394) AS day, pg_catalog.generate_series(1, 40) AS item
                """)
            try await connection.execute(
                """
                INSERT INTO suyo.job (name, source, kind, definition)
                VALUES ('nightly', 'file', 'retrain', '{"spec":{"horizon":14,"model":"seasonal-naive","origins":1}}')
                """)
            try await retrain(connection, test)
            let check = DriftCheck(
                reader: DemandStore(database: test.database), forecasts: ForecastStore(database: test.database),
                registry: DriftStore(database: test.database))
            try await body(connection, check, test)
        }
    }

    private static func retrain(_ connection: Connection, _ test: TestDatabase) async throws {
        var specification = PortfolioSpecification(frequency: .daily, horizon: 14)
        specification.model = "seasonal-naive"
        specification.origins = 1
        _ = try await Retraining(
            reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
            codeVersion: "test"
        ).run(
            portfolio: "nightly", specification: specification, permit: try await SampleOrders.claimRun(connection)
        ) { _ in }
    }

    private func run(_ check: DriftCheck) async throws -> DriftOutcome {
        try await check.run(DriftSpecification(portfolio: "nightly"), permit: nil) { _, _ in }
    }

    /// Four items sell half as much again in their last 28 days.
    private func change(_ connection: Connection) async throws {
        try await connection.execute(
            """
            UPDATE demand.order_line SET quantity = quantity * 1.5
            WHERE item_id IN ('item-03', 'item-11', 'item-22', 'item-37')
                AND ordered_at >= timestamptz '2026-06-03 00:00+09'
            """)
    }

    private func texts(_ query: Query, _ connection: Connection) async throws -> [String] {
        try await connection.query(query).map { try $0.decode(0, as: String.self) }
    }

    @Test func whereNothingChangesThereIsNoIncident() async throws {
        try await DriftTests.with { connection, check, _ in
            let outcome = try await run(check)
            #expect(outcome.series == 40)
            #expect(outcome.judged == 40)
            #expect(outcome.buckets == 56)
            #expect(outcome.named == 0)
            #expect(outcome.incidentID == nil)
            #expect(try await texts("SELECT summary FROM suyo.incident", connection).isEmpty)
        }
    }

    @Test func anIncidentNamesTheSeriesThatChangedAndAsksForOneRetrain() async throws {
        try await DriftTests.with { connection, check, _ in
            try await change(connection)
            let outcome = try await run(check)
            #expect(outcome.isNew)
            #expect(
                try await texts("SELECT item_id FROM suyo.incident_series ORDER BY 1", connection)
                    == ["item-03", "item-11", "item-22", "item-37"])
            #expect(
                try await texts(
                    "SELECT item_id FROM suyo.drift_status WHERE standing = 'drifting' ORDER BY 1", connection)
                    == ["item-03", "item-11", "item-22", "item-37"])
            let summary = try await texts("SELECT summary FROM suyo.incident", connection)
            #expect(summary.first?.hasPrefix("4 of 40 series changed (") == true, "\(summary)")
            #expect(
                try await texts(
                    "SELECT topic FROM forecast.outbox WHERE topic LIKE 'drift%'", connection) == ["drift_opened"])
            let runs = "SELECT run_id::text FROM suyo.run WHERE reason = 'incident' AND kind = 'retrain'" as Query
            #expect(try await texts(runs, connection) == [outcome.retrainRunID.map(String.init) ?? ""])

            let again = try await run(check)
            #expect(again.buckets == 0)
            #expect(again.notes.contains { $0.hasPrefix("Nothing has come in since 2026-06-30") })
            #expect(again.incidentID == outcome.incidentID)
            #expect(!again.isNew)
            #expect(try await texts(runs, connection).count == 1)
        }
    }

    /// The later orders come in one day after the other, or all together after a first check.
    @Test func dayByDayIsTheSameAsAllAtOnce() async throws {
        func states(daysAtOnce: Int) async throws -> [String] {
            var result: [String] = []
            try await DriftTests.with { connection, check, _ in
                try await change(connection)
                try await connection.execute(
                    """
                    CREATE TABLE public.later AS
                    SELECT * FROM demand.order_line WHERE ordered_at >= timestamptz '2026-06-11 00:00+09'
                    """)
                try await connection.execute(
                    "DELETE FROM demand.order_line WHERE ordered_at >= timestamptz '2026-06-11 00:00+09'")
                _ = try await run(check)
                for day in stride(from: 11, to: 31, by: daysAtOnce) {
                    try await connection.execute(
                        """
                        INSERT INTO demand.order_line
                        SELECT * FROM public.later
                        WHERE (ordered_at AT TIME ZONE 'Asia/Seoul')::date >= date '2026-06-01' + \(day - 1)::integer
                            AND (ordered_at AT TIME ZONE 'Asia/Seoul')::date
                                < date '2026-06-01' + \(day - 1 + daysAtOnce)::integer
                        """)
                    #expect(try await run(check).buckets == daysAtOnce)
                }
                result = try await texts(
                    """
                    SELECT item_id || ' ' || standing || ' ' || alarms_per_year || ' ' || state::text
                    FROM suyo.drift_state ORDER BY 1
                    """, connection)
            }
            return result
        }
        let daily = try await states(daysAtOnce: 1)
        #expect(daily.count { $0.contains("drifting") } == 4)
        #expect(try await states(daysAtOnce: 10) == daily)
    }

    @Test func aHalfLoadedDayIsNotJudgedAndSaysSo() async throws {
        try await DriftTests.with { connection, check, _ in
            try await connection.execute(
                """
                DELETE FROM demand.order_line
                WHERE ordered_at >= timestamptz '2026-06-30 00:00+09' AND item_id > 'item-05'
                """)
            let outcome = try await run(check)
            #expect(outcome.dataThrough == "2026-06-29")
            #expect(outcome.named == 0)
            #expect(
                outcome.notes.contains { $0.contains("2026-06-30 is not judged: only 5 series have demand") },
                "\(outcome.notes)")
        }
    }

    @Test func theRetrainAnIncidentAskedForAnswersIt() async throws {
        try await DriftTests.with { connection, check, test in
            try await change(connection)
            let opened = try await run(check)
            // The run is worked on as a worker would.
            let permit = WritePermit(runID: try #require(opened.retrainRunID), fence: 1)
            try await connection.execute(
                "UPDATE suyo.run SET state = 'running', fence = 1 WHERE run_id = \(permit.runID)")
            try await connection.execute(
                "INSERT INTO suyo.lease (run_id, fence, worker_id) VALUES (\(permit.runID), 1, pg_catalog.gen_random_uuid())"
            )
            var specification = PortfolioSpecification(frequency: .daily, horizon: 14)
            specification.model = "seasonal-naive"
            specification.origins = 1
            _ = try await Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test"
            ).run(portfolio: "nightly", specification: specification, permit: permit) { _ in }
            let registry = ModelRegistry(database: test.database)
            let before = try await registry.card(version: 1)
            #expect(
                before.drift.first?.hasSuffix(
                    "4 of 40 series and 1 of 1 totals had changed, 0 series had no reference yet.") == true,
                "\(before.drift)")
            #expect(before.incidents.map { $0[2] } == ["open"])
            let made = try await registry.card(version: 2)
            #expect(made.drift == [])
            #expect(made.incidents.map { $0[2] } == ["open; its retrain made this version"])
            let after = try await run(check)
            #expect(after.incidentID == nil)
            #expect(
                try await texts("SELECT resolution FROM suyo.incident", connection)
                    == ["The retrain it asked for was trained on the changed demand."])
            // What it is like since the change is too little yet to judge by.
            #expect(
                try await texts(
                    "SELECT item_id FROM suyo.drift_status WHERE standing = 'abstains' ORDER BY 1", connection)
                    == ["item-03", "item-11", "item-22", "item-37"])
        }
    }

    @Test func theBrakeEndsRetrainsThatDoNotHelp() async throws {
        try await DriftTests.with { connection, check, _ in
            try await connection.execute(
                """
                WITH checked AS (
                    INSERT INTO suyo.drift_check (portfolio, version_id, data_through, buckets, series_count, judged,
                        alarms, named)
                    SELECT 'nightly', version_id, '2026-01-01', 0, 0, 0, 0, 0 FROM suyo.champion
                    RETURNING check_id, version_id),
                made AS (
                    INSERT INTO suyo.run (job_name, kind, reason, state)
                    SELECT 'nightly', 'retrain', 'incident', 'completed' FROM pg_catalog.generate_series(1, 3)
                    RETURNING run_id)
                INSERT INTO suyo.incident (portfolio, state, summary, since, series_count, version_id, check_id,
                    resolved_at, resolution, retrain_run_id)
                SELECT 'nightly', 'resolved', '', '2026-01-01', 1, version_id, check_id, pg_catalog.now(), '', run_id
                FROM checked, made
                """)
            try await change(connection)
            let outcome = try await run(check)
            #expect(outcome.isNew)
            #expect(outcome.retrainRunID == nil)
            #expect(
                try await texts("SELECT brake FROM suyo.incident WHERE state = 'open'", connection)
                    == ["3 retrains for incidents in ninety days have not ended them: a person has to look."])
        }
    }

    @Test func aPersonTakesAnIncident() async throws {
        try await DriftTests.with { connection, check, test in
            try await change(connection)
            var specification = DriftSpecification(portfolio: "nightly")
            specification.retrain = false
            specification.webhook = "https://example.org/hook"
            let incident = try #require(try await check.run(specification, permit: nil) { _, _ in }.incidentID)
            #expect(
                try await texts("SELECT spec #>> '{body,topic}' FROM suyo.run WHERE kind = 'webhook'", connection)
                    == ["drift_opened"])
            let reports = DriftReports(database: test.database)
            #expect(try await reports.acknowledge(incident, note: "expected"))
            #expect(try await !reports.acknowledge(incident, note: nil))
            #expect(
                try await texts("SELECT note FROM suyo.incident WHERE state = 'acknowledged'", connection) == [
                    "expected"
                ])
            #expect(
                try await texts(
                    "SELECT run_id::text FROM suyo.run WHERE kind = 'retrain' AND reason = 'incident'", connection
                ).isEmpty)
        }
    }

    @Test func aChangeTooSmallForEachSeriesShowsInTheirTotal() async throws {
        try await DriftTests.with { connection, check, test in
            // A third of a standard deviation in each: no one of them can be told from chance in four weeks.
            try await connection.execute(
                """
                UPDATE demand.order_line SET quantity = quantity + 2
                WHERE ordered_at >= timestamptz '2026-06-03 00:00+09'
                """)
            let outcome = try await run(check)
            #expect(outcome.named == 0)
            #expect(outcome.totals == 1)
            #expect(outcome.namedTotals == 1)
            #expect(outcome.isNew)
            #expect(
                try await texts(
                    "SELECT pg_catalog.concat_ws(' ', level, site_id) FROM suyo.incident_total", connection)
                    == ["company"])
            let summary = try await texts("SELECT summary FROM suyo.incident", connection)
            #expect(
                summary.first?.hasPrefix("No single series stands out, but 1 of 1 totals changed (") == true
                    && summary.first?.contains("most surely all series, ") == true, "\(summary)")
            #expect(outcome.retrainRunID != nil)
            let reports = DriftReports(database: test.database)
            let totals = try await reports.totals(.people, portfolio: "nightly", every: false, limit: 9)
            #expect(totals.rows.count == 1)
            #expect(try await reports.totals(ofIncident: try #require(outcome.incidentID)).rows.count == 1)
            // Another check goes on from what this one left.
            let again = try await run(check)
            #expect(again.incidentID == outcome.incidentID)
            #expect(again.namedTotals == 1)
        }
    }

    @Test func sitesAndCategoriesAreTotalsWhereThereAreSeveral() async throws {
        try await DriftTests.with { connection, check, _ in
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('PUS', 'Asia/Seoul')")
            try await connection.execute(
                "UPDATE demand.order_line SET site_id = 'PUS' WHERE item_id > 'item-20'")
            try await connection.execute(
                """
                INSERT INTO demand.item (item_id, category)
                SELECT DISTINCT item_id, CASE WHEN item_id <= 'item-10' THEN 'tea' WHEN item_id <= 'item-30' THEN 'cups' END
                FROM demand.order_line
                """)
            // All of the tea sells a little more, at one site; neither the other site nor the cups do.
            try await connection.execute(
                """
                UPDATE demand.order_line SET quantity = quantity + 4
                WHERE ordered_at >= timestamptz '2026-06-03 00:00+09' AND item_id <= 'item-10'
                """)
            let outcome = try await run(check)
            let stand =
                """
                SELECT pg_catalog.concat_ws(' ', level, site_id, coalesce(category, '-'))
                FROM suyo.drift_total WHERE standing = 'drifting' ORDER BY 1
                """ as Query
            let changed = try await texts(stand, connection)
            #expect(changed.contains("category tea"))
            #expect(changed.contains("site_category ICN tea"))
            #expect(!changed.contains { $0.contains("PUS") || $0.contains("cups") }, "\(changed)")
            // The company, two sites, three categories and what there is of them at each site.
            #expect(outcome.totals == 1 + 2 + 3 + 4)
        }
    }

    @Test func whatIncidentsAskForWaitsOnceTheDaysWorkIsSpent() async throws {
        try await DriftTests.with { connection, check, _ in
            try await connection.execute(
                """
                WITH checked AS (
                    INSERT INTO suyo.drift_check (portfolio, version_id, data_through, buckets, series_count, judged,
                        alarms, named)
                    SELECT 'other', version_id, '2026-01-01', 0, 0, 0, 0, 0 FROM suyo.champion
                    RETURNING check_id, version_id),
                made AS (
                    INSERT INTO suyo.run (job_name, kind, reason, state, first_started_at, started_at, ended_at,
                        finished_at)
                    SELECT 'other', 'retrain', 'incident', 'completed', began, began, began + interval '61 minutes',
                        began + interval '61 minutes'
                    FROM (SELECT pg_catalog.now() - interval '5 hours' AS began) AS t
                    RETURNING run_id)
                INSERT INTO suyo.incident (portfolio, state, summary, since, series_count, version_id, check_id,
                    resolved_at, resolution, retrain_run_id)
                SELECT 'other', 'resolved', '', '2026-01-01', 1, version_id, check_id, pg_catalog.now(), '', run_id
                FROM checked, made
                """)
            try await change(connection)
            var specification = DriftSpecification(portfolio: "nightly")
            specification.retrainMinutesPerDay = 60
            let outcome = try await check.run(specification, permit: nil) { _, _ in }
            let run = try #require(outcome.retrainRunID)
            // It may run once the other is a day old.
            let waiting = try await connection.query(
                """
                SELECT r.state, r.available_at BETWEEN pg_catalog.now() + interval '18 hours 59 minutes'
                    AND pg_catalog.now() + interval '19 hours 1 minute' AS later, i.brake
                FROM suyo.run AS r JOIN suyo.incident AS i ON i.retrain_run_id = r.run_id WHERE r.run_id = \(run)
                """)[0]
            #expect(try waiting.decode("state", as: String.self) == "scheduled")
            #expect(try waiting.decode("later", as: Bool.self))
            let brake = try waiting.decode("brake", as: String.self)
            #expect(brake.hasPrefix("Run \(run) waits until "), "\(brake)")
            #expect(brake.contains("60 minutes a day that retrain_minutes_per_day allows"))
        }
    }
}
