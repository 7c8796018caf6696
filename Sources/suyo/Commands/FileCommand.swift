import ArgumentParser
import Forecasting
import Foundation
import SeriesFiles
import Terminal
import TimeSeries

struct FileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file", abstract: "Forecasts straight from a file, with no database at all.",
        subcommands: [Forecast.self, Backtest.self])

    /// What both verbs need to know of the series.
    struct SeriesOptions: ParsableArguments {
        @Argument(help: "File with the columns unique_id, ds and y, .gz or not; - is standard input.")
        var file: String
        @Option(help: "hourly, daily, weekly, monthly, quarterly or yearly.")
        var frequency: Frequency
        @Option(help: "Buckets in a season; without it 24, 7, 52, 12, 4 or 1.")
        var season: Int?
        @Option(help: "Steps to forecast.")
        var horizon: Int
        @Option(help: "Cores to use; all without it. The result does not depend on it.")
        var threads: Int?

        /// Reads the file and says what was put aside.
        func read() throws -> SeriesFile {
            let series = try SeriesFile(path: file, frequency: frequency)
            for row in series.rejectedRows.prefix(10) {
                let place = row.column.map { ", column \($0)" } ?? ""
                let value = row.value.map { ", '\($0.prefix(40))'" } ?? ""
                say("\(file):\(row.line)\(place)\(value): \(row.reason)")
            }
            if series.rejected > 0 {
                say("\(grouped(series.rejected)) of \(grouped(series.accepted + series.rejected)) rows were put aside.")
            }
            if series.series.isEmpty {
                throw Failure(.data, "\(file) holds no series that can be read: it needs rows of unique_id, ds and y.")
            }
            return series
        }
    }

    struct Forecast: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads unique_id,ds,y and writes unique_id,ds,mean with intervals and quantiles.",
            discussion: """
                Example:
                  suyo file forecast demand.csv --frequency monthly --horizon 18 --level 80,95 -o forecast.csv
                """)
        @OptionGroup var series: SeriesOptions
        @Option(help: "One of \(ModelChoice.names.joined(separator: ", ")).")
        var model: ModelChoice = .auto
        @Option(help: ArgumentHelp("Central intervals in percent, such as 80,95.", valueName: "levels"))
        var level: NumberList?
        @Option(help: ArgumentHelp("Quantiles, such as 0.1,0.5,0.9.", valueName: "levels"))
        var quantile: NumberList?
        @Option(help: "Rolling origins in the backtest that chooses and calibrates.")
        var origins = 4
        @Option(name: [.short, .long], help: ArgumentHelp("File to write, .gz or not.", valueName: "file"))
        var output = "-"
        @Option(help: ArgumentHelp("Also write model, parameters and notes of each series as JSON.", valueName: "file"))
        var report: String?

        func validate() throws { _ = try layout() }

        private func layout() throws -> ForecastFile {
            guard let layout = ForecastFile(levels: level?.numbers ?? [], quantiles: quantile?.numbers ?? []) else {
                throw ValidationError("Levels lie between 0 and 100, quantiles between 0 and 1.")
            }
            return layout
        }

        func run() async throws {
            let layout = try layout()
            let configuration = ForecastConfiguration(
                frequency: series.frequency, season: series.season, horizon: series.horizon,
                quantileLevels: layout.quantileLevels, model: model, origins: origins, threads: series.threads)
            let engine = try ForecastEngine(configuration: configuration)
            let file = try series.read()
            let bar = ProgressBar("Forecasting")
            let count = file.series.count
            let forecasts = try await engine.forecast(file.series) { done in
                bar.update(Double(done) / Double(count), "\(grouped(done)) of \(grouped(count)) series")
            }
            bar.finish()
            try layout.write(forecasts, of: file, to: output)
            if let report { try ForecastFile.writeReport(forecasts, of: file, to: report) }
        }
    }

    struct Backtest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs models anew at rolling origins and compares them on the same points.",
            discussion: """
                Example:
                  suyo file backtest demand.csv --frequency monthly --horizon 12 --model auto,seasonal-naive --origins 3
                """)
        @OptionGroup var series: SeriesOptions
        @Option(help: ArgumentHelp("Models to compare, such as auto,ets,theta.", valueName: "models"))
        var model = "auto,seasonal-naive"
        @Option(help: "Origins at most.")
        var origins = 3
        @Option(help: "Buckets between two origins; the horizon without it.")
        var stride: Int?
        @Option(name: [.short, .long], help: ArgumentHelp("Also write every point to a file.", valueName: "file"))
        var output: String?
        @OptionGroup var shown: OutputOptions

        func run() async throws {
            let models = try model.split(separator: ",").map { name in
                guard let choice = ModelChoice(name: String(name)) else {
                    throw ValidationError(
                        "There is no model '\(name)'; take of \(ModelChoice.names.joined(separator: ", ")).")
                }
                return choice
            }
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: series.frequency, season: series.season, horizon: series.horizon, origins: origins,
                    threads: series.threads))
            let file = try series.read()
            let bar = ProgressBar("Backtesting")
            let count = file.series.count
            let results = try await engine.backtest(file.series, models: models, stride: stride) { done in
                bar.update(Double(done) / Double(count), "\(grouped(done)) of \(grouped(count)) series")
            }
            bar.finish()
            let backtest = BacktestFile(results.flatMap { $0 })
            if let output { try backtest.write(to: output) }
            let rows = backtest.accuracy()
            if rows.isEmpty {
                throw Failure(
                    .data, "No series of \(series.file) is long enough for one fold of \(series.horizon) steps.")
            }
            shown.print(
                Report(
                    columns: [
                        "model", "series", "points", "wape", "bias", "mase", "rmsse", "smape", "coverage_80",
                        "coverage_95",
                    ],
                    rows: rows.map { row in
                        [
                            .text(row.model), .number("\(row.series)"), .number("\(row.points)"),
                            row.wape.map { .number(decimal($0, 4)) } ?? .null,
                            row.bias.map { .number(decimal($0, 4)) } ?? .null, .number(decimal(row.mase, 4)),
                            .number(decimal(row.rmsse, 4)), .number(decimal(row.smape, 2)),
                            .number(decimal(row.coverage80, 3)), .number(decimal(row.coverage95, 3)),
                        ]
                    }))
        }
    }
}

/// A number with so many decimals.
func decimal(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
