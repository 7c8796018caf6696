import Foundation
import Intake
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing

/// Orders and stock in other units than the item's own.
@Suite struct UnitConversionTests {
    private func take(_ text: String, _ kind: IntakeKind, _ test: TestDatabase) async throws -> IntakeReport {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        let plan = try IntakePlan(kind: kind, mapping: nil)
        let reader = Mutex(try IntakeReader(path: path, plan: plan))
        return try await IntakeStore(database: test.database).take(
            plan, fileName: "file.csv", dryRun: false, rows: { try reader.withLock { try $0.next() } },
            contentHash: { reader.withLock { $0.contentHash } })
    }

    /// A is counted in pieces, B in nothing anybody has said; at ICN, where days begin nine hours before Greenwich's.
    private func with(_ body: (TestDatabase, Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            _ = try await take("site_id,time_zone\nICN,Asia/Seoul\n", .sites, test)
            _ = try await take("item_id,unit\nA,EA\nB,\n", .items, test)
            _ = try await take(
                """
                item_id,unit,factor,valid_from
                ,BOX,12,
                A,BOX,10,2026-03-01
                A,BOX,8,2026-03-10

                """, .units, test)
            try await body(test, try await test.connect())
        }
    }

    @Test func ordersAreKeptInBaseUnitsByTheFactorOfTheirDay() async throws {
        try await with { test, connection in
            let report = try await take(
                """
                order_id,item_id,site_id,ordered_at,quantity,quantity_shipped,unit_price,unit
                1,A,ICN,2026-02-28,2,1,24,BOX
                2,A,ICN,2026-02-28T15:30:00Z,2,1,20,BOX
                3,A,ICN,2026-03-10,2,,16,BOX
                4,A,ICN,2026-03-10,2,2,2,EA
                5,A,ICN,2026-03-10,2,2,2,
                6,B,ICN,2026-03-10,2,2,24,BOX
                7,A,ICN,2026-03-10,2,2,2,PALLET
                8,B,ICN,2026-03-10,2,2,2,EA
                9,A,ICN,2026-03-10,500000000000,,,BOX

                """, .orders, test)
            #expect(report.accepted == 6)
            #expect(
                report.firstRejections.map { "\($0.line) \($0.column ?? "-") \($0.value ?? "-"): \($0.reason)" } == [
                    "8 unit PALLET: nobody says how many of EA one is for item A on that day: suyo import units",
                    "9 unit EA: nobody says how many of its base unit one is for item B on that day: suyo import units",
                    "10 quantity 4000000000000: in base units this is not between -1e12 and 1e12",
                ])
            let rows = try await connection.query(
                """
                SELECT pg_catalog.concat_ws(' ', order_id, quantity, coalesce(quantity_shipped::text, '-'), unit_price)
                FROM demand.order_line ORDER BY order_id
                """)
            #expect(
                try rows.map { try $0.decode(0, as: String.self) } == [
                    // The factor of all items before that of its own; in Seoul it is 1 March by then.
                    "1 24 12 2", "2 20 10 2", "3 16 - 2", "4 2 2 2", "5 2 2 2", "6 24 24 2",
                ])
        }
    }

    @Test func theSameFileAgainChangesNothingUntilAFactorDoes() async throws {
        try await with { test, connection in
            let file = "order_id,item_id,site_id,ordered_at,quantity,unit\n1,A,ICN,2026-03-10,2,BOX\n"
            #expect(try await take(file, .orders, test).inserted == 1)
            let again = try await take(file, .orders, test)
            #expect(again.inserted + again.changed == 0)
            _ = try await take("item_id,unit,factor,valid_from\nA,BOX,9,2026-03-10\n", .units, test)
            #expect(try await take(file, .orders, test).changed == 1)
            let rows = try await connection.query("SELECT quantity FROM demand.order_line")
            #expect(try rows[0].decode(0, as: Double.self) == 18)
        }
    }

    @Test func stockIsConvertedToo() async throws {
        try await with { test, connection in
            let report = try await take(
                """
                item_id,site_id,as_of,on_hand,on_order,reserved,unit
                A,ICN,2026-03-01,3,2,1,BOX
                A,ICN,2026-03-02,3,2,1,
                A,ICN,2026-03-03,3,2,1,BAG

                """, .stock, test)
            #expect(report.firstRejections.map(\.line) == [4])
            let rows = try await connection.query(
                "SELECT pg_catalog.concat_ws(' ', on_hand, on_order, reserved) FROM demand.stock_level ORDER BY as_of")
            #expect(try rows.map { try $0.decode(0, as: String.self) } == ["30 20 10", "3 2 1"])
        }
    }
}
