import Foundation
import Intake
import Pipeline
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// Items that replace others: what is kept of them, what is refused, and what their old codes' orders and stock count for.
@Suite struct LineageTests {
    private func take(_ text: String, _ test: TestDatabase) async throws -> IntakeReport {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        let plan = try IntakePlan(kind: .lineage, mapping: nil)
        let reader = Mutex(try IntakeReader(path: path, plan: plan))
        return try await IntakeStore(database: test.database).take(
            plan, fileName: "lineage.csv", dryRun: false, rows: { try reader.withLock { try $0.next() } },
            contentHash: { reader.withLock { $0.contentHash } })
    }

    private func replace(_ old: String, _ new: String, factor: Double = 1, _ connection: Connection) async throws {
        try await connection.execute(
            """
            INSERT INTO demand.lineage (predecessor_id, item_id, factor) VALUES (\(old), \(new), \(factor))
            ON CONFLICT (predecessor_id) DO UPDATE SET item_id = excluded.item_id, factor = excluded.factor
            """)
    }

    // MARK: What is refused

    @Test func aFileKeepsWhatIsRightAndSaysWhatIsNot() async throws {
        try await TestDatabase.with { test in
            let report = try await take(
                """
                predecessor_id,item_id,factor
                A1,A2,
                A2,A3,12
                B1,B2,1
                B2,B3,1
                B3,B1,1
                C1,C1,1
                D1,D2,0
                D1,D3,0.5

                """, test)
            #expect(report.lines == 8)
            #expect(report.accepted == 3)
            #expect(
                report.firstRejections.map { "\($0.line): \($0.reason)" } == [
                    "4: by this and other lines an item would come to replace itself",
                    "5: by this and other lines an item would come to replace itself",
                    "6: by this and other lines an item would come to replace itself",
                    "7: an item cannot replace itself",
                    "8: one of the old stands for more than nothing of the new",
                ])
            let rows = try await test.connect().query(
                """
                SELECT pg_catalog.concat_ws(' ', predecessor_id, item_id, factor) FROM demand.succession
                ORDER BY predecessor_id
                """)
            #expect(try rows.map { try $0.decode(0, as: String.self) } == ["A1 A3 12", "A2 A3 12", "D1 D3 0.5"])

            // A circle with what was there before, and its correction within one file.
            let circle = try await take("predecessor_id,item_id\nA3,A1\n", test)
            #expect(circle.rejected == 1)
            let turned = try await take("predecessor_id,item_id\nA2,A9\nA3,A1\n", test)
            #expect(turned.rejected == 0)
            #expect(turned.inserted == 1)
            #expect(turned.changed == 1)
        }
    }

    @Test func theDatabaseRefusesACircleAndNamesIt() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await replace("A", "B", connection)
            try await replace("B", "C", connection)
            do {
                try await replace("C", "A", connection)
                Issue.record("a circle was taken")
            } catch let error as PostgresError {
                #expect("\(error)".contains("an item cannot come to replace itself: A → B → C → A"), "\(error)")
            }
        }
    }

    @Test func twoTransactionsDoNotCloseACircleTogether() async throws {
        try await TestDatabase.with { test in
            let first = try await test.connect()
            let second = try await test.connect()
            try await first.execute("BEGIN")
            try await replace("A", "B", first)
            async let other: Void = replace("B", "A", second)
            // The other has asked for its turn before this one ends.
            let watcher = try await test.connect()
            while try await watcher.query(
                "SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
            ).isEmpty { await Task.yield() }
            try await first.execute("COMMIT")
            do {
                try await other
                Issue.record("a circle was taken")
            } catch let error as PostgresError {
                #expect("\(error)".contains("A → B → A"), "\(error)")
            }
        }
    }

    // MARK: What counts

    @Test func ordersOfOldCodesAreDemandOfTheNewestInItsUnits() async throws {
        try await OrderFixture.with { fixture in
            try await replace("A1", "A2", factor: 10, fixture.connection)
            try await replace("A2", "A3", factor: 2, fixture.connection)
            try await fixture.order(1, "1", at: "2025-03-01 10:00+09", item: "A1")
            try await fixture.order(1, "2", at: "2025-03-02 10:00+09", item: "A2")
            try await fixture.order(1, "3", at: "2025-03-02 11:00+09", item: "A3")
            try await fixture.order(7, "4", at: "2025-03-02 11:00+09", item: "B")
            let expected = ["2025-03-01: 20.0", "2025-03-02: 3.0"]
            let all = try await fixture.histories()
            #expect(all.map(\.key.item) == ["A3", "B"])
            #expect(all.map(\.demand) == [expected, ["2025-03-02: 7.0"]])
            // Any of its codes means the item.
            for code in ["A1", "A2", "A3"] {
                var scope = PortfolioSpecification.Scope()
                scope.items = [code]
                let chosen = try await fixture.histories(scope: scope)
                #expect(chosen.map(\.key.item) == ["A3"], "\(code)")
                #expect(chosen.map(\.demand) == [expected], "\(code)")
            }
        }
    }

    @Test func anItemIsThereSinceTheFirstOfItsCodesAndByTheCategoryOfTheNewest() async throws {
        try await OrderFixture.with { fixture in
            try await replace("A1", "A2", fixture.connection)
            try await fixture.order(1, "1", at: "2025-03-05 10:00+09", item: "A1")
            try await fixture.connection.execute(
                """
                INSERT INTO demand.item (item_id, category, introduced_on, discontinued_on)
                VALUES ('A1', 'old', '2025-02-01', '2025-03-31'), ('A2', 'new', '2025-04-01', NULL)
                """)
            var scope = PortfolioSpecification.Scope()
            scope.categories = ["new"]
            let chosen = try await fixture.histories(scope: scope)
            #expect(chosen.map { $0.introduced?.description } == ["2025-02-01"])
            #expect(chosen.map(\.discontinued) == [nil])
            scope.categories = ["old"]
            #expect(try await fixture.histories(scope: scope).isEmpty)
            // A code that does not say since when leaves it to the first order.
            try await fixture.connection.execute("UPDATE demand.item SET introduced_on = NULL WHERE item_id = 'A1'")
            #expect(try await fixture.histories().map(\.introduced) == [nil])
        }
    }

    @Test func anItemIsOutOfStockWhereAllItsCodesAre() async throws {
        try await OrderFixture.with { fixture in
            try await replace("A1", "A2", factor: 10, fixture.connection)
            try await fixture.order(1, "1", at: "2025-03-01 10:00+09", item: "A2")
            try await fixture.stock(3, at: "2025-03-01 00:00+09", item: "A1")
            try await fixture.stock(0, at: "2025-03-02 00:00+09", item: "A1")
            try await fixture.stock(0, at: "2025-03-01 00:00+09", item: "A2")
            try await fixture.stock(4, at: "2025-03-02 00:00+09", item: "A2")
            try await fixture.stock(0, at: "2025-03-03 00:00+09", item: "A1")
            try await fixture.stock(0, at: "2025-03-03 00:00+09", item: "A2")
            #expect(
                try await fixture.histories().map(\.counts) == [
                    ["2025-03-01: 30.0", "2025-03-02: 4.0", "2025-03-03: 0.0"]
                ])
        }
    }

    // MARK: What to order

    @Test func whatIsLeftUnderAnOldCodeIsThereForTheNewOne() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
            try await PublishedSeries(item: "A2", site: "ICN", deviation: 1).insert(into: connection)
            try await replace("A1", "A2", factor: 10, connection)
            try await connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand, on_order, reserved)
                VALUES ('A1', 'ICN', '2026-02-27 00:00+09', 4, NULL, 1), ('A1', 'ICN', '2026-02-26 00:00+09', 9, 9, 9)
                """)
            func position() async throws -> [String] {
                try await connection.query(
                    """
                    SELECT pg_catalog.concat_ws(' ', on_hand, coalesce(on_order::text, '-'), reserved, position,
                        stock_as_of AT TIME ZONE 'Asia/Seoul') FROM forecast.replenishment
                    """
                ).map { try $0.decode(0, as: String.self) }
            }
            // The new code has never been counted.
            #expect(try await position() == ["40 - 10 30 2026-02-27 00:00:00"])
            try await connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand, on_order)
                VALUES ('A2', 'ICN', '2026-03-01 00:00+09', 7, 5)
                """)
            #expect(try await position() == ["47 5 10 42 2026-03-01 00:00:00"])
            // A code nobody counts any more has nothing left.
            try await connection.execute(
                "UPDATE demand.stock_level SET as_of = as_of + interval '30 days' WHERE item_id = 'A2'")
            #expect(try await position() == ["7 5 12 2026-03-31 00:00:00"])
        }
    }
}
