import Foundation
import Intake
import Pipeline
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// What each role may do, and what it may not.
@Suite struct RoleTests {
    /// Runs statements as a role and checks that each works, or is refused for want of rights.
    private func check(_ role: String, may: [String], mayNot: [String]) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            try await PublishedSeries(item: "apple", site: "ICN").insert(into: connection)
            try await connection.execute(
                "INSERT INTO suyo.run (job_name, kind, reason, state) VALUES ('x', 'retrain', 'person', 'failed')")
            try await connection.execute("SET ROLE \(unescaped: role)")
            for statement in may {
                do {
                    try await connection.execute("\(unescaped: statement)")
                } catch {
                    Issue.record("\(role) may not \(statement): \(error)")
                }
            }
            for statement in mayNot {
                do {
                    try await connection.execute("\(unescaped: statement)")
                    Issue.record("\(role) may \(statement)")
                } catch let error as PostgresError {
                    #expect(error.code == .insufficientPrivilege, "\(role): \(statement): \(error)")
                }
            }
        }
    }

    private static let reads = [
        "SELECT * FROM forecast.current", "SELECT * FROM forecast.get('apple')",
        "SELECT * FROM forecast.get('apple', 'ICN', 3, pg_catalog.now())", "SELECT * FROM forecast.explain('apple')",
        "SELECT * FROM forecast.history_and_forecast('apple', 'ICN')", "SELECT * FROM forecast.outbox",
        "SELECT forecast.subscribe('wms', from_start => true)", "SELECT * FROM forecast.events('wms')",
        "SELECT forecast.unsubscribe('wms')", "SELECT * FROM forecast.consumer_lag", "SELECT * FROM forecast.total",
        "SELECT * FROM forecast.current_step", "SELECT * FROM forecast.planning_schedule",
    ]

    private static let writesToForecast = [
        "UPDATE forecast.series_forecast SET mean = '{0}'", "DELETE FROM forecast.series_forecast",
        "INSERT INTO forecast.outbox (topic, portfolio, payload) VALUES ('x', 'x', '{}')",
        "UPDATE forecast.current_publication SET publication_id = 1", "TRUNCATE forecast.outbox",
        "UPDATE forecast.reader_site SET site_id = 'x'", "SELECT forecast.caller()",
        "UPDATE forecast.outbox_consumer SET acknowledged_id = 0", "SELECT forecast.own_consumer('wms')",
        "CREATE TABLE forecast.mine (x integer)",
    ]

    private static let operations = [
        "SELECT suyo.schedule('mine', 'retrain', '0 3 * * *', 'Asia/Seoul')", "SELECT suyo.run_now('mine')",
        "SELECT suyo.pause('mine')", "SELECT suyo.resume('mine')", "SELECT suyo.cancel(1)", "SELECT suyo.retry(1)",
        "SELECT suyo.limit_runs(2, 'retrain')", "SELECT suyo.unschedule('mine')",
    ]

    @Test(arguments: ["suyo_reader", "suyo_planner"]) func aReaderReadsForecastsAndNothingElse(role: String)
        async throws
    {
        try await check(
            role, may: RoleTests.reads,
            mayNot: RoleTests.writesToForecast + RoleTests.operations + [
                "SELECT * FROM forecast.series_forecast", "SELECT * FROM forecast.publication",
                "SELECT forecast.publication_as_of(NULL)", "SELECT * FROM demand.order_line",
                "SELECT * FROM demand.series", "SELECT * FROM demand.item", "SELECT * FROM suyo.job_status",
                "SELECT * FROM suyo.model_version", "SELECT * FROM suyo.migration",
                "INSERT INTO demand.item (item_id) VALUES ('x')", "CREATE TABLE demand.mine (x integer)",
                "CREATE TABLE suyo.mine (x integer)",
            ])
    }

    @Test func ingestWritesDemandAndReadsNoForecast() async throws {
        try await check(
            "suyo_ingest",
            may: [
                "INSERT INTO demand.item (item_id) VALUES ('x') ON CONFLICT (item_id) DO UPDATE SET name = 'x'",
                "INSERT INTO demand.site (site_id) VALUES ('x')",
                "INSERT INTO demand.customer (customer_id) VALUES ('x')",
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                VALUES ('wms', '1', 1, 'x', 'x', pg_catalog.now(), 1)
                ON CONFLICT (source, order_id, line_no) DO UPDATE SET quantity = excluded.quantity, revision = 2
                """,
                "UPDATE demand.order_line SET status = 'cancelled', cancel_reason = 'customer' WHERE source = 'wms'",
                "INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand) VALUES ('x', 'x', pg_catalog.now(), 1)",
                "INSERT INTO demand.lead_time (item_id, days) VALUES ('x', 3)",
                "INSERT INTO demand.event (event_id, starts_on, ends_on) VALUES ('x', '2026-01-01', '2026-01-02')",
                "INSERT INTO demand.holiday VALUES ('KR', '2026-01-01', 'x')", "SELECT * FROM demand.order_line",
                "INSERT INTO demand.lineage VALUES ('x', 'y')", "DELETE FROM demand.lineage",
                "SELECT version FROM suyo.migration",
            ],
            mayNot: RoleTests.reads + RoleTests.writesToForecast + RoleTests.operations + [
                "DELETE FROM demand.order_line", "TRUNCATE demand.order_line", "SELECT * FROM demand.series",
                "SELECT * FROM demand.series_value", "UPDATE demand.series SET raw = adjusted",
                "SELECT * FROM suyo.job", "UPDATE suyo.migration SET checksum = ''", "DROP TABLE demand.item",
            ])
    }

    @Test func anOperatorRunsJobsThroughFunctionsOnly() async throws {
        try await check(
            "suyo_operator",
            may: RoleTests.reads + RoleTests.operations + [
                "SELECT * FROM suyo.job_status", "SELECT * FROM suyo.run_history", "SELECT * FROM suyo.model_history",
                "SELECT * FROM suyo.tick", "SELECT * FROM demand.order_line", "SELECT * FROM demand.series_value",
                "SELECT * FROM suyo.champion_as_of(pg_catalog.now())",
                "SELECT suyo.promote((SELECT pg_catalog.max(version_id) FROM suyo.model_version), 'better')",
            ],
            mayNot: RoleTests.writesToForecast + [
                "INSERT INTO suyo.job (name, source, kind, definition) VALUES ('x', 'sql', 'retrain', '{}')",
                "UPDATE suyo.run SET state = 'completed'", "DELETE FROM suyo.tick",
                "UPDATE demand.order_line SET quantity = 0", "INSERT INTO demand.item (item_id) VALUES ('x')",
                "DELETE FROM suyo.promotion_log", "SELECT suyo.job_named('mine')",
                "SELECT suyo.make_champion(1, 'promote', 'x')", "UPDATE suyo.champion SET version_id = 1",
            ])
    }

    @Test func theServiceKeepsItsLedgersAsTheyAre() async throws {
        try await check(
            "suyo_service",
            may: RoleTests.reads + RoleTests.operations + ["SELECT * FROM demand.series_value"],
            mayNot: [
                "UPDATE suyo.tick SET reason = 'x'", "DELETE FROM suyo.tick", "DELETE FROM suyo.promotion_log",
                "UPDATE suyo.promotion_log SET reason = 'x'", "UPDATE suyo.migration SET checksum = 'x'",
                "TRUNCATE forecast.series_forecast", "CREATE TABLE forecast.mine (x integer)", "DROP TABLE suyo.job",
            ])
    }

    /// The test's database as a role sees it.
    private func database(_ test: TestDatabase, as role: String) -> Database {
        Database(target: ConnectionTarget("\(test.url)&options=-c%20role%3D\(role)"), size: 2)
    }

    @Test func importingNeedsNoMoreThanIngest() async throws {
        try await TestDatabase.with { test in
            let database = database(test, as: "suyo_ingest")
            try await Migrator(database: database).verify()
            let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let text = "order_id,item_id,site_id,ordered_at,quantity\n1,A,ICN,2026-01-02,5\n2,A,ICN,2026-01-02,x\n"
            #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
            let plan = try IntakePlan(kind: .orders, mapping: nil)
            let reader = Mutex(try IntakeReader(path: path, plan: plan))
            let report = try await IntakeStore(database: database).take(
                plan, fileName: "orders.csv", dryRun: false, rows: { try reader.withLock { try $0.next() } },
                contentHash: { reader.withLock { $0.contentHash } })
            #expect(report.inserted == 1)
            #expect(report.rejected == 1)
            await database.close()
        }
    }

    @Test func retrainingNeedsNoMoreThanTheService() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let permit = try await SampleOrders.claimRun(connection)
            let database = database(test, as: "suyo_service")
            try await Migrator(database: database).verify()
            let outcome = try await Retraining(
                reader: DemandStore(database: database), registry: ForecastStore(database: database),
                codeVersion: "test"
            ).run(
                portfolio: "nightly", specification: PortfolioSpecification(frequency: .weekly, horizon: 4),
                permit: permit
            ) { _ in }
            #expect(outcome.models.values.reduce(0, +) == 3)
            await database.close()
        }
    }
}
