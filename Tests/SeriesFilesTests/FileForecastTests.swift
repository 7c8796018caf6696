import Forecasting
import Foundation
import SeriesFiles
import TabularText
import Testing
import TimeSeries

/// From a file of series to a file of forecasts.
@Suite struct FileForecastTests {
    private func run(
        _ text: String, model: ModelChoice = .naive, levels: [Double] = [], quantiles: [Double] = [], threads: Int = 2
    ) async throws -> String {
        let (input, output) = (TemporaryFile.path(), TemporaryFile.path())
        defer { for path in [input, output] { try? FileManager.default.removeItem(atPath: path) } }
        try Data(text.utf8).write(to: URL(fileURLWithPath: input))
        let columns = try #require(ForecastColumns(levels: levels, quantiles: quantiles))
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: .monthly, horizon: 2, quantileLevels: columns.quantileLevels, model: model, origins: 0,
                threads: threads)
        )
        _ = try await FileForecast(engine: engine, columns: columns, input: input, output: output, report: nil).run()
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// Rows of so many series of a dozen months each.
    private func rows(_ series: Range<Int>) -> [String] {
        series.flatMap { number in
            (0..<12).map { "s\(number),2026-\($0 < 9 ? "0" : "")\($0 + 1)-01,\(number % 17 + $0)\n" }
        }
    }

    @Test func aFileOfManyBatchesIsWrittenInItsOrder() async throws {
        // More rows than are looked at before series are handed over.
        let number = 25_000
        let lines = try await run("unique_id,ds,y\n" + rows(0..<number).joined()).split(separator: "\n")
        #expect(lines.count == 1 + 2 * number)
        for place in stride(from: 0, to: number, by: 997) {
            #expect(lines[1 + 2 * place] == "s\(place),2027-01-01,\(Double(place % 17 + 11))")
        }
    }

    @Test func aSeriesThatGoesOnFarBelowIsStillOneSeries() async throws {
        let number = 25_000
        let text = "unique_id,ds,y\n" + rows(0..<number).joined() + "s3,2027-01-01,99\n"
        let lines = try await run(text).split(separator: "\n")
        #expect(lines.count == 1 + 2 * number)
        #expect(lines[7] == "s3,2027-02-01,99.0")
    }

    @Test func whatIsAskedForTwiceIsWrittenOnce() async throws {
        let text = try await run(
            "unique_id,ds,y\n" + rows(0..<1).joined(), levels: [80, 95, 80], quantiles: [0.1, 0.1, 0.999])
        #expect(text.hasPrefix("unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95,q0.1,q0.999\n"))
    }

    @Test func sumsFromTheFirstStepOnStandBehindTheStepsThemselves() async throws {
        let values = (0..<36).map { (month: Int) -> Double in
            let (noise, season) = ((month * 7) % 11, (month % 12) * 3)
            return Double(50 + noise + season)
        }
        let (input, output) = (TemporaryFile.path(), TemporaryFile.path())
        defer { for path in [input, output] { try? FileManager.default.removeItem(atPath: path) } }
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2024, month: 1, day: 1))
        let rows = values.indices.map { "a,\(start.advanced(by: $0).firstDay),\(values[$0])\n" }
        try Data(("unique_id,ds,y\n" + rows.joined()).utf8).write(to: URL(fileURLWithPath: input))
        let columns = try #require(ForecastColumns(levels: [80], quantiles: [0.95], cumulative: true))
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: .monthly, horizon: 3, quantileLevels: columns.quantileLevels, cumulative: true, model: .ets))
        _ = try await FileForecast(engine: engine, columns: columns, input: input, output: output, report: nil).run()
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        #expect(
            lines[0]
                == "unique_id,ds,mean,lo-80,hi-80,q0.95,cumulative-mean,cumulative-lo-80,cumulative-hi-80,cumulative-q0.95"
        )

        let series = DemandSeries(key: SeriesKey(item: "a"), start: start, values: values)
        let forecast = try #require(try await engine.forecast([series]).first)
        let sums = try #require(forecast.cumulativeQuantiles)
        #expect(forecast.quantileLevels == [0.1, 0.9, 0.95])
        var total = 0.0
        for step in 0..<3 {
            total += forecast.mean[step]
            let expected = [total] + sums[(3 * step)..<(3 * step + 3)]
            #expect(lines[1 + step].split(separator: ",")[6...].map { Double($0) } == expected)
            #expect(expected[1] < total && total < expected[2])
        }
    }

    @Test(arguments: [
        ([0.0], [0.5]), ([100], []), ([], [1]), ([.nan], []), ([-5], []), ([], [0]), ([1e-300], [1e-300]),
    ])
    func levelsOutsideTheirRangeAreRefused(levels: [Double], quantiles: [Double]) {
        #expect(ForecastColumns(levels: levels, quantiles: quantiles) == nil)
    }

    @Test func aFileWithoutASeriesLeavesNoFile() async throws {
        let (input, output) = (TemporaryFile.path(), TemporaryFile.path())
        defer { try? FileManager.default.removeItem(atPath: input) }
        try Data("unique_id,ds,y\na,never,1\n".utf8).write(to: URL(fileURLWithPath: input))
        let engine = try ForecastEngine(configuration: ForecastConfiguration(frequency: .daily, horizon: 1))
        let columns = try #require(ForecastColumns(levels: [], quantiles: []))
        let tally = try await FileForecast(
            engine: engine, columns: columns, input: input, output: output, report: nil
        ).run()
        #expect(tally.series == 0)
        #expect(tally.rejected == 1)
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func aModelThatLearnsFromAllSeriesSeesThemAll() async throws {
        // Two files whose first series are the same, followed by others: what all together teach is not the same.
        let common = (0..<48).map { month in
            "s,20\(20 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(100 + month * 7 % 13)\n"
        }.joined()
        func other(_ factor: Int) -> String {
            common.replacingOccurrences(of: "s,", with: "t\(factor),")
                .split(separator: "\n").enumerated().map { "\($1)\($0 * factor % 11)\n" }.joined()
        }
        let first = try await run("unique_id,ds,y\n" + common + other(3), model: .ridgeGlobal)
        let second = try await run("unique_id,ds,y\n" + common + other(5), model: .ridgeGlobal)
        #expect(first.split(separator: "\n")[1] != second.split(separator: "\n")[1])
    }
}
