import Foundation
import PostgresClient
import TestSupport
import Testing

/// README's way from an ERP's own tables to a job that reads them each night.
@Suite struct SourceCommandTests {
    /// The commands of README's section, without the one that names a database which is not there.
    private func commands() throws -> [String] {
        let readme = try String(contentsOfFile: SuyoProcess.root + "/README.md", encoding: .utf8)
        let section = try #require(readme.range(of: "## Your ERP's own tables"))
        let blocks = readme[section.upperBound...].split(separator: "```", maxSplits: 2)
        return blocks[1].split(separator: "\n").map(String.init).filter { !$0.hasPrefix("export ") }
    }

    @Test func theFileThatIsPrintedIsCheckedReadAndScheduled() async throws {
        try await TestDatabase.with { erp in
            let tables = try await Connection.connect(to: erp.target)
            try await tables.simple(ERPNextTables.schema + ERPNextTables.company)
            try await TestDatabase.with { own in
                let suyo = SuyoProcess(environment: ["SUYO_DATABASE_URL": own.url, "ERPNEXT_DATABASE_URL": erp.url])
                let folder = NSTemporaryDirectory() + "suyo-source-\(UUID().uuidString)"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let commands = try commands()
                #expect(commands.count == 4)
                var outputs: [String] = []
                for command in commands {
                    let outcome = try await suyo.shell(command, in: folder)
                    #expect(outcome.code == 0, "\(command): \(outcome.errors)")
                    outputs.append(outcome.output)
                }
                #expect(outputs[1].contains("order_id"))
                #expect(outputs[1].contains("orders: of its 3 records 3 would be taken, 0 rejected"))
                #expect(outputs[1].split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(outputs[1])")
                #expect(outputs[2].contains("orders: 3 records: 3 new, 0 corrected, 0 known already, 0 rejected."))
                // The job reads what has changed since, in a process of its own as the daemon would.
                try await tables.execute(
                    "UPDATE \"tabSales Order Item\" SET stock_qty = 36, modified = now() WHERE name = 'a1'")
                let run = try await suyo.run(["jobs", "run", "import-erpnext"])
                #expect(run.code == 0, "\(run.errors)")
                let rows = try await own.connect().query(
                    """
                    SELECT l.quantity, (SELECT pg_catalog.count(*) FROM demand.source_read WHERE kind = 'orders') AS reads
                    FROM demand.order_line AS l WHERE order_id = 'SO-1'
                    """)
                #expect(try rows[0].decode("quantity", as: Double.self) == 36)
                #expect(try rows[0].decode("reads", as: Int.self) == 2)
            }
        }
    }

    @Test func whatIsWrongIsSaidWithItsExitCode() async throws {
        try await TestDatabase.with { own in
            let suyo = SuyoProcess(environment: ["SUYO_DATABASE_URL": own.url, "ERP_URL": nil])
            let file = NSTemporaryDirectory() + "suyo-source-\(UUID().uuidString).yaml"
            defer { try? FileManager.default.removeItem(atPath: file) }
            func run(_ database: String, _ query: String, _ arguments: [String]) async throws -> SuyoProcess.Outcome {
                try "source: erp\n\(database)\nqueries: [{ kind: items, query: \(query) }]".write(
                    toFile: file, atomically: true, encoding: .utf8)
                return try await suyo.run(arguments + [file])
            }
            let down = try await run(
                "database: host=127.0.0.1 port=\(ListeningSocket.freePort())", "SELECT 1", ["import", "source"])
            #expect(down.code == 69)
            #expect(down.errors.hasPrefix("suyo: The database of source erp cannot be reached: "), "\(down.errors)")
            let unset = try await run("database: env:ERP_URL", "SELECT 1", ["import", "source"])
            #expect(unset.code == 78)
            #expect(unset.errors.contains("the environment variable ERP_URL"), "\(unset.errors)")
            let wrong = try await run("", "SELECT 1 AS item", ["data", "check", "--source"])
            #expect(wrong.code == 78)
            #expect(
                wrong.errors.contains("items: the query gives no column item_id, which is needed; it gives item"),
                "\(wrong.errors)")
            let rejected = try await run("", "\"SELECT '' AS item_id UNION SELECT 'A'\"", ["import", "source"])
            #expect(rejected.code == 0, "\(rejected.errors)")
            #expect(rejected.output.contains("1 new, 0 corrected, 0 known already, 1 rejected"), "\(rejected.output)")
            #expect(try await suyo.run(["import", "source", "sap", "--print"]).code == 64)
            #expect(try await suyo.run(["import", "items", "x.csv", "--print"]).code == 64)
        }
    }
}
