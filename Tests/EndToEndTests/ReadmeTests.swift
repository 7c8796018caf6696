import Foundation
import TestSupport
import Testing

/// Runs every command of the README, in its order, as a newcomer would.
@Suite struct ReadmeTests {
    @Test func everyCommandWorks() async throws {
        let folder = "/tmp/suyo-readme-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let suyo = SuyoProcess(environment: ["SUYO_HOME": folder + "/demo", "SUYO_SKIP_BUILD": "1"])
        do {
            try writeFiles(folder)
            for line in try commands() {
                // The private database of the second part lies in a folder that this test removes.
                let own = line.replacingOccurrences(of: "/tmp/suyo-own", with: folder + "/own")
                    .replacingOccurrences(of: "ops/demo", with: "\(SuyoProcess.root)/ops/demo")
                    .replacingOccurrences(of: "jobs apply Jobs", with: "jobs apply \(SuyoProcess.root)/Jobs")
                let before = home(of: line) ? "export SUYO_HOME=\(folder)/own; " : ""
                let outcome = try await suyo.shell(before + own, in: folder)
                #expect(outcome.code == 0, "\(line)\n\(outcome.output)\n\(outcome.errors)")
            }
            try await checkSQL(suyo, folder)
        } catch {
            await stop(suyo, folder)
            throw error
        }
        await stop(suyo, folder)
    }

    /// Whether a command belongs to the part about one's own data.
    private func home(of line: String) -> Bool {
        ["orders.csv", "stock.csv", "movements.csv", "lineage.csv", "like.csv", "units.csv"].contains {
            line.contains($0)
        }
    }

    /// The commands of the `sh` blocks, without those that are this test itself.
    private func commands() throws -> [String] {
        let text = try String(contentsOfFile: SuyoProcess.root + "/README.md", encoding: .utf8)
        var lines: [String] = []
        var isShell = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isShell = line == "```sh"
                continue
            }
            if isShell, !line.isEmpty, !line.hasPrefix("ops/test"), !line.hasPrefix("export") {
                lines.append(String(line))
            }
        }
        #expect(lines.count > 20)
        return lines
    }

    /// The SQL of the README, each statement as it stands.
    private func checkSQL(_ suyo: SuyoProcess, _ folder: String) async throws {
        let text = try String(contentsOfFile: SuyoProcess.root + "/README.md", encoding: .utf8)
        let blocks = text.components(separatedBy: "```sql\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        let statements = blocks.joined().components(separatedBy: ";\n").filter { !$0.isEmpty }
        #expect(statements.count >= 5)
        for statement in statements {
            let outcome = try await suyo.run(["db", "psql", "--", "-v", "ON_ERROR_STOP=1", "-Atc", statement])
            #expect(outcome.code == 0, "\(statement)\n\(outcome.errors)")
            // What was published in May 2026 is nothing in a database of today.
            if !statement.contains("as_of") { #expect(!outcome.output.isEmpty, "\(statement)") }
        }
    }

    private func stop(_ suyo: SuyoProcess, _ folder: String) async {
        for home in ["demo", "own"] { _ = try? await suyo.run(["db", "stop", "--home", "\(folder)/\(home)"]) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func writeFiles(_ folder: String) throws {
        var orders = "order_id,item_id,site_id,ordered_at,quantity\n"
        var stock = "item_id,site_id,as_of,on_hand\n"
        var demand = "unique_id,ds,y\n"
        for day in 0..<120 {
            let date = "2026-0\(1 + day / 28)-\(day % 28 < 9 ? "0" : "")\(day % 28 + 1)"
            orders += "\(day),A1001,ICN,\(date)T10:00:00+09:00,\(5 + day % 7)\n"
            stock += "A1001,ICN,\(date),\(day % 40 == 0 ? 0 : 50)\n"
        }
        for month in 0..<48 {
            demand += "a,20\(20 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(50 + month % 12)\n"
        }
        try orders.write(toFile: folder + "/orders.csv", atomically: true, encoding: .utf8)
        try stock.write(toFile: folder + "/stock.csv", atomically: true, encoding: .utf8)
        try "predecessor_id,item_id\nA1000,A1001\n".write(
            toFile: folder + "/lineage.csv", atomically: true, encoding: .utf8)
        try "movement_id,item_id,site_id,moved_at,quantity\n1,A1001,ICN,2026-01-01T09:00:00+09:00,50\n".write(
            toFile: folder + "/movements.csv", atomically: true, encoding: .utf8)
        try "item_id,like_item_id\nB1001,A1001\n".write(
            toFile: folder + "/like.csv", atomically: true, encoding: .utf8)
        try "unit,factor\nBOX,12\n".write(toFile: folder + "/units.csv", atomically: true, encoding: .utf8)
        try demand.write(toFile: folder + "/demand.csv", atomically: true, encoding: .utf8)
    }
}
