import Foundation
import Intake
import PostgresClient
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct IntakeStoreTests {
    private func take(
        _ text: String, _ test: TestDatabase, kind: IntakeKind = .orders, mapping: String? = nil, dryRun: Bool = false
    ) async throws -> IntakeReport {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        let plan = try IntakePlan(kind: kind, mapping: mapping.map { try IntakeMapping(yaml: $0, file: "m.yaml") })
        let reader = Mutex(try IntakeReader(path: path, plan: plan))
        return try await IntakeStore(database: test.database).take(
            plan, fileName: "orders.csv", dryRun: dryRun, rows: { try reader.withLock { try $0.next() } },
            contentHash: { reader.withLock { $0.contentHash } })
    }

    private let header = "order_id,line_no,item_id,site_id,customer_id,ordered_at,quantity\n"

    @Test func theSameFileTwiceChangesNothingAndACorrectionJustItsLines() async throws {
        try await TestDatabase.with { test in
            let first = header + "1,1,A,ICN,K,2026-01-02,5\n1,2,B,ICN,K,2026-01-02,3\n2,1,A,ICN,,2026-01-03,x\n"
            let report = try await take(first, test)
            #expect(report.lines == 3)
            #expect(report.accepted == 2)
            #expect(report.rejected == 1)
            #expect(report.inserted == 2)
            let again = try await take(first, test)
            #expect(again.inserted == 0)
            #expect(again.changed == 0)
            #expect(again.unchanged == 2)
            #expect(again.batchID == nil)
            let corrected = try await take(
                first.replacingOccurrences(of: ",5\n", with: ",7\n").replacingOccurrences(of: ",x\n", with: ",1\n"),
                test)
            #expect(corrected.changed == 1)
            #expect(corrected.inserted == 1)
            let connection = try await test.connect()
            let rows = try await connection.query(
                """
                SELECT (SELECT pg_catalog.count(*) FROM demand.import_batch) AS batches,
                    (SELECT pg_catalog.count(*) FROM demand.rejected_row) AS rejected,
                    (SELECT revision FROM demand.order_line WHERE item_id = 'A' AND order_id = '1') AS revision,
                    (SELECT pg_catalog.sum(quantity) FROM demand.order_line) AS total
                """)
            #expect(try rows[0].decode("batches", as: Int.self) == 2)
            #expect(try rows[0].decode("rejected", as: Int.self) == 1)
            #expect(try rows[0].decode("revision", as: Int.self) == 2)
            #expect(try rows[0].decode("total", as: Double.self) == 11)
        }
    }

    @Test func aDryRunWritesNothing() async throws {
        try await TestDatabase.with { test in
            let report = try await take(header + "1,1,A,ICN,K,2026-01-02,5\n", test, dryRun: true)
            #expect(report.inserted == 1)
            #expect(report.batchID == nil)
            let rows = try await test.connect().query(
                "SELECT (SELECT pg_catalog.count(*) FROM demand.order_line) + (SELECT pg_catalog.count(*) FROM demand.item) AS n"
            )
            #expect(try rows[0].decode("n", as: Int.self) == 0)
        }
    }

    @Test func linesWithoutNumbersAreNumberedInFileOrder() async throws {
        try await TestDatabase.with { test in
            let text =
                "order_id,item_id,site_id,ordered_at,quantity\n1,A,ICN,2026-01-02,5\n2,A,ICN,2026-01-02,1\n1,A,ICN,2026-01-02,5\n"
            let report = try await take(text, test)
            #expect(report.inserted == 3)
            #expect(try await take(text, test).unchanged == 3)
        }
    }

    @Test func ofRecordsWithOneKeyTheLastCounts() async throws {
        try await TestDatabase.with { test in
            let report = try await take(header + "1,1,A,ICN,K,2026-01-02,5\n1,1,A,ICN,K,2026-01-02,6\n", test)
            #expect(report.accepted == 1)
            #expect(report.rejected == 1)
            let rows = try await test.connect().query("SELECT reason, line FROM demand.rejected_row")
            #expect(try rows[0].decode("reason", as: String.self).contains("line 3"))
            #expect(try rows[0].decode("line", as: Int.self) == 2)
        }
    }

    @Test func everyKindIsTakenAndCheckedAsAWhole() async throws {
        try await TestDatabase.with { test in
            let files: [(IntakeKind, String, Int)] = [
                (.sites, "site_id,time_zone\nICN,Asia/Seoul\nX,Mars/Base\n", 1),
                (.items, "item_id,name,unit_cost,pack_size\nA,사과,1.5,10\nB,,-1,\n", 1),
                (.customers, "customer_id,name\nK,Kim\n", 0),
                (.stock, "item_id,site_id,as_of,on_hand\nA,ICN,2026-01-02,5\n", 0),
                (.events, "event_id,starts_on,ends_on\nE,2026-01-02,2026-01-05\nF,2026-01-02,2026-01-01\n", 1),
                (.holidays, "calendar,date,name\nKR,2026-02-17,설날\n", 0),
                (.leadTimes, "item_id,days\nA,5\nA,-3\n", 1),
                (.units, "item_id,unit,factor,valid_from\n,BOX,12,\nA,BOX,10,2026-01-01\nA,CAN,0,\n", 1),
                (.lineage, "predecessor_id,item_id,factor\nA,B,0.5\nB,B,1\n", 1),
            ]
            for (kind, text, rejected) in files {
                let report = try await take(text, test, kind: kind)
                #expect(report.rejected == rejected, "\(kind)")
                #expect(report.inserted == report.accepted, "\(kind)")
                let again = try await take(text, test, kind: kind)
                #expect(again.inserted + again.changed == 0, "\(kind)")
            }
            // A plain day is that day's opening at the site.
            let rows = try await test.connect().query(
                "SELECT as_of = timestamptz '2026-01-02 00:00:00+09' AS right FROM demand.stock_level")
            #expect(try rows[0].decode("right", as: Bool.self))
        }
    }
}
