import Foundation
import TestSupport
import Testing

/// `suyo file`: what goes in and comes out, with no database at all.
@Suite struct FileForecastTests {
    private let suyo = SuyoProcess()

    /// Three monthly series: one with a season and a trend, one short, one that hardly sells.
    private var demand: String {
        var text = "unique_id,ds,y\n"
        for month in 0..<60 {
            let date = "\(2019 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01"
            text += "seasonal,\(date),\(100 + month + (month % 12) * 7)\n"
            if month > 55 { text += "short,\(date),\(month)\n" }
            text += "slow,\(date),\(month % 7 == 0 ? 3 : 0)\n"
        }
        return text
    }

    @Test func theColumnsAreThoseThatWereAskedFor() async throws {
        let outcome = try await suyo.run(
            [
                "file", "forecast", "-", "--frequency", "monthly", "--horizon", "3", "--level", "80,95", "--quantile",
                "0.1,0.5",
            ],
            input: demand)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines[0] == "unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95,q0.1,q0.5")
        #expect(lines.count == 1 + 3 * 3)
        #expect(lines[1].hasPrefix("seasonal,2024-01-01,"))
        #expect(lines[6].hasPrefix("slow,2024-03-01,"))
        for line in lines.dropFirst() {
            let numbers = line.split(separator: ",").dropFirst(2).compactMap { Double($0) }
            #expect(numbers.count == 7)
            #expect(numbers.allSatisfy { $0.isFinite && $0 >= 0 })
            #expect(numbers[1] == numbers[5], "the lower end of 80 % is the quantile 0.1")
            #expect(numbers[3] <= numbers[1] && numbers[1] <= numbers[2] && numbers[2] <= numbers[4])
        }
    }

    @Test(arguments: [
        ("hourly", "2024-02-28 23:00:00", "2024-02-29 00:00:00"), ("daily", "2024-02-28", "2024-02-29"),
        ("weekly", "2024-02-28", "2024-03-06"), ("monthly", "2024-01-31", "2024-02-29"),
        ("quarterly", "2023-11-30", "2024-02-29"), ("yearly", "2023-02-28", "2024-02-29"),
    ])
    func datesStepOnFromTheLast(frequency: String, last: String, next: String) async throws {
        let outcome = try await suyo.run(
            ["file", "forecast", "-", "--frequency", frequency, "--horizon", "1"],
            input: "unique_id,ds,y\na,\(last),5\n")
        #expect(outcome.output.hasPrefix("unique_id,ds,mean\na,\(next),"), "\(outcome.output)\(outcome.errors)")
    }

    @Test func theBytesDoNotDependOnThreads() async throws {
        func run(_ threads: String) async throws -> String {
            try await suyo.run(
                [
                    "file", "forecast", "-", "--frequency", "monthly", "--horizon", "12", "--level", "90", "--threads",
                    threads,
                ], input: demand
            ).output
        }
        let one = try await run("1")
        #expect(one.count > 100)
        #expect(try await run("3") == one)
    }

    @Test func theReportNamesModelAndParameters() async throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await suyo.run(
            [
                "file", "forecast", "-", "--frequency", "monthly", "--horizon", "3", "--model", "ets:AAdM", "-o",
                folder + "/out.csv.gz", "--report", folder + "/report.json",
            ], input: demand)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let data = try #require(FileManager.default.contents(atPath: folder + "/report.json"))
        let report = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let series = try #require(report["series"] as? [[String: Any]])
        #expect(series.map { $0["unique_id"] as? String } == ["seasonal", "slow", "short"])
        #expect(series[0]["model"] as? String == "ETS(A,Ad,M)")
        let parameters = try #require(series[0]["parameters"] as? [String: Double])
        #expect(Set(["alpha", "beta", "gamma", "phi"]).isSubset(of: parameters.keys))
        #expect(series[0]["log_likelihood"] is Double && series[0]["aicc"] is Double)
        #expect(series[0]["observations"] as? Int == 60)
        // Four months carry no such form: the nearest is used, and the report says so.
        #expect((series[2]["notes"] as? [String])?.isEmpty == false)
        let unpacked = try await suyo.shell("gzip -dc \(folder)/out.csv.gz | head -n 1")
        #expect(unpacked.output == "unique_id,ds,mean\n")
    }

    @Test func badRowsArePutAsideAndTheRestGoesOn() async throws {
        let outcome = try await suyo.run(
            ["file", "forecast", "-", "--frequency", "daily", "--horizon", "1"],
            input:
                "\u{feff}unique_id,ds,y\r\na,2024-01-01,5\r\na,2024-01-02,1e400\r\na,2024-13-01,5\r\n,2024-01-03,5\r\na,2024-01-03,x\r\na,2024-01-04,\r\n🍎,2024-01-04,NaN\r\n"
        )
        #expect(outcome.code == 0)
        #expect(outcome.output.split(whereSeparator: \.isNewline).count == 3)
        for line in [
            "Standard input:3, column y, '1e400'", "Standard input:4, column ds, '2024-13-01'",
            "Standard input:5, column unique_id", "Standard input:6, column y, 'x'",
        ] {
            #expect(outcome.errors.contains(line), "\(outcome.errors)")
        }
        #expect(outcome.errors.contains("4 of 7 rows were put aside"))
    }

    @Test func aBacktestComparesModelsOnTheSamePoints() async throws {
        let outcome = try await suyo.run(
            [
                "file", "backtest", "-", "--frequency", "monthly", "--horizon", "6", "--model", "auto,seasonal-naive",
                "--format", "json",
            ], input: demand)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let rows = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        #expect(Set(rows.compactMap { $0["model"] as? String }) == ["auto", "seasonal-naive"])
        #expect(Set(rows.compactMap { $0["points"] as? Int }).count == 1)
    }
}
