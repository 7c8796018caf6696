import Foundation
import TestSupport
import Testing

/// `suyo bench`: that what it prints is there and adds up; how fast is not for a test.
@Suite struct BenchTests {
    private let suyo = SuyoProcess()

    private func rows(_ arguments: [String], input: String = "") async throws -> [[String: Any]] {
        let outcome = try await suyo.run(["bench", "--times", "1", "--format", "json"] + arguments, input: input)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    }

    @Test func theUsualTableHasKernelsAndModelsOfEachKind() async throws {
        let rows = try await rows(["--series", "9"])
        #expect(Set(rows.compactMap { $0["data"] as? String }) == ["kernel", "monthly", "weekly", "intermittent"])
        for row in rows where row["data"] as? String != "kernel" {
            #expect(row["series"] as? Int == 9)
            #expect((row["series_per_second"] as? Double ?? 0) > 0)
            #expect((row["smape"] as? Double ?? -1) >= 0)
        }
        #expect(rows.count { $0["model"] as? String == "auto" } == 3)
    }

    @Test func aFileIsMeasuredOnItsLastSteps() async throws {
        // The seasonal naive is right but for the last month: 10 instead of 22, of 82 in all.
        var text = "unique_id,ds,y\n"
        for month in 0..<48 {
            let value = month == 47 ? 22 : 10 + (month + 1) % 12
            text += "a,\(2020 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(value)\n"
        }
        let rows = try await rows(
            ["--data", "-", "--frequency", "monthly", "--horizon", "4", "--model", "seasonal-naive"], input: text)
        #expect(rows.count == 1)
        #expect(rows[0]["observations"] as? Int == 44)
        #expect(rows[0]["wape"] as? Double == 0.1463)
    }
}
