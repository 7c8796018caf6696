import Foundation
import Intake
import Pipeline
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// New items that are forecast by items like them, from a company's orders to what others read.
@Suite struct LikeItemTests {
    /// Half a year of three items, with others that are new: sold for three days, introduced and never sold, coming in three days,
    /// coming after the horizon, and like nothing.
    private func with(
        _ body: (TestDatabase, Connection, (PortfolioSpecification) async throws -> Retraining.Outcome) async throws ->
            Void
    ) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            // The last day with orders is 2026-06-29.
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'test', pg_catalog.concat(item, day), 1, item, 'ICN',
                    (date '2026-06-29' - day + time '16:00') AT TIME ZONE 'Asia/Seoul', 40
                FROM pg_catalog.generate_series(0, 2) AS day, pg_catalog.unnest(ARRAY['sold', 'alone']) AS item
                """)
            try await connection.execute(
                """
                INSERT INTO demand.item (item_id, introduced_on, discontinued_on) VALUES ('shelved', '2026-06-20', NULL),
                    ('coming', '2026-07-03', NULL), ('later', '2026-07-30', NULL), ('unlike', '2026-06-20', NULL),
                    ('apple', '2020-01-01', '2026-06-28')
                """)
            try await connection.execute(
                """
                INSERT INTO demand.like_item (item_id, like_item_id, factor) VALUES ('sold', 'apple', 1),
                    ('sold', 'pear', 6), ('shelved', 'apple', 0.5), ('coming', 'apple', 2), ('later', 'apple', 1)
                """)
            var runs = 0
            try await body(test, connection) { specification in
                runs += 1
                return try await Retraining(
                    reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                    codeVersion: "test", threads: 2
                ).run(
                    portfolio: "nightly", specification: specification,
                    permit: try await SampleOrders.claimRun(connection)
                ) { _ in }
            }
        }
    }

    private let specification = PortfolioSpecification(frequency: .daily, horizon: 7)

    private func forecasts(_ connection: Connection) async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_catalog.concat(item_id, ' ', CASE WHEN model = 'like-items' THEN 'like' ELSE 'own' END, ' ',
                pg_catalog.min(bucket_start)::date, ' ', pg_catalog.count(*) FILTER (WHERE p95 = 0)) AS line
            FROM forecast.current GROUP BY item_id, model ORDER BY item_id
            """
        ).map { try $0.decode("line", as: String.self) }
    }

    @Test func newItemsAreForecastByThoseTheyAreLike() async throws {
        try await with { _, connection, retrain in
            let outcome = try await retrain(specification)
            // The coming one sells nothing for three days, and none that is no longer sold, or like none, is forecast.
            #expect(
                try await forecasts(connection) == [
                    "alone own 2026-06-30 0", "coming like 2026-06-30 3", "pear own 2026-06-30 0",
                    "quince own 2026-06-30 0", "shelved like 2026-06-30 0", "sold like 2026-06-30 0",
                ])
            #expect(outcome.notes.contains("3 new series are forecast by items that they are said to be like."))
            // Twice, and half, of what the discontinued apple sold on the same days of the week: 20 to 50, 35 on average.
            let row = try await connection.query(
                """
                SELECT pg_catalog.sum(mean) FILTER (WHERE item_id = 'shelved') AS half,
                    pg_catalog.max(mean) FILTER (WHERE item_id = 'coming') AS most,
                    pg_catalog.bool_and(p05 <= p50 AND p50 <= p95) AS ordered
                FROM forecast.current
                """)[0]
            let half = try row.decode("half", as: Double.self)
            #expect((half - 7 * 17.5).magnitude < 0.2 * 7 * 17.5)
            #expect(try row.decode("most", as: Double.self) > 60)
            #expect(try row.decode("ordered", as: Bool.self))
            // What a lead time uses up is known as well; of one like item alone the median lies well below the mean.
            let weeks = try await connection.query(
                """
                SELECT forecast.lead_time_demand(item_id, 'ICN', 7, 0.5) AS quantity
                FROM (VALUES ('shelved'), ('coming')) AS i (item_id)
                """
            ).map { try $0.decode("quantity", as: Double.self) }
            #expect(weeks[0] > 60 && weeks[0] < 125)
            #expect(weeks[1] > 0)
        }
    }

    @Test func aVersionThatBorrowedIsReproducedFromWhatWasStored() async throws {
        try await with { test, connection, retrain in
            let first = try await retrain(specification).published.versionID
            // The night after, with a champion to meet.
            let second = try await retrain(specification).published.versionID
            try await connection.execute("DELETE FROM demand.order_line")
            try await connection.execute("DELETE FROM demand.like_item")
            for version in [first, second] {
                let outcome = try await Reproduction(
                    snapshots: ModelRegistry(database: test.database), threads: 1
                ).run(version: version)
                #expect(outcome.series == 6)
                #expect(outcome.isSame, "\(outcome.differences)")
            }
            // The apple itself is not forecast: its history is there because others were forecast by it.
            try await connection.execute("ALTER TABLE suyo.training_series DISABLE TRIGGER USER")
            try await connection.execute(
                """
                UPDATE suyo.training_series SET "values" = "values"[1:10] || 1e6::float8 || "values"[12:]
                WHERE content_hash IN (SELECT content_hash FROM suyo.version_like_item WHERE like_item_id = 'apple')
                """)
            let error = await #expect(throws: PipelineError.self) {
                try await Reproduction(snapshots: ModelRegistry(database: test.database)).run(version: first)
            }
            #expect("\(error as Any)".contains("the values of apple ICN have the hash"))
        }
    }

    @Test func anItemIsForecastByItselfOnceItHasASeason() async throws {
        try await with { _, connection, retrain in
            try await connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'test', pg_catalog.concat('more', day), 1, 'sold', 'ICN',
                    (date '2026-06-26' - day + time '16:00') AT TIME ZONE 'Asia/Seoul', 40
                FROM pg_catalog.generate_series(0, 9) AS day
                """)
            _ = try await retrain(specification)
            let lines = try await forecasts(connection)
            #expect(lines.last == "sold own 2026-06-30 0")
        }
    }

    @Test func aCodeThatWasReplacedMeansTheNewestOne() async throws {
        try await with { _, connection, retrain in
            try await connection.execute(
                "INSERT INTO demand.lineage (predecessor_id, item_id, factor) VALUES ('apple', 'apple 2', 10)")
            _ = try await retrain(specification)
            let half = try await connection.query(
                "SELECT pg_catalog.sum(mean) FROM forecast.current WHERE item_id = 'shelved'")
            #expect((try half[0].decode(0, as: Double.self) - 7 * 17.5).magnitude < 0.2 * 7 * 17.5)
        }
    }

    @Test func aFileKeepsWhatIsRightAndSaysWhatIsNot() async throws {
        try await TestDatabase.with { test in
            let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let text = "item_id,like_item_id,factor\nA,B,\nA,C,2.5\nA,A,1\nA,D,0\nA,,1\n"
            #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
            let plan = try IntakePlan(kind: .likeItems, mapping: nil)
            let reader = Mutex(try IntakeReader(path: path, plan: plan))
            let report = try await IntakeStore(database: test.database).take(
                plan, fileName: "like-items.csv", dryRun: false, rows: { try reader.withLock { try $0.next() } },
                contentHash: { reader.withLock { $0.contentHash } })
            #expect(report.accepted == 2)
            #expect(
                report.firstRejections.map { "\($0.line): \($0.reason)" }.prefix(2) == [
                    "4: an item is like others", "5: it sells more than nothing for each unit of the other",
                ])
        }
    }
}
