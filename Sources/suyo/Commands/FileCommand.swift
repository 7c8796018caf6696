import ArgumentParser
import Forecasting
import Foundation
import SeriesFiles
import Terminal
import TimeSeries

struct FileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file", abstract: "Forecasts straight from a file, with no database at all.",
        discussion: """
            Example:
              suyo file forecast demand.csv --frequency monthly --horizon 12 -o out.csv
            """,
        subcommands: [Forecast.self, Backtest.self])

    /// What both verbs need to know of the series.
    struct SeriesOptions: ParsableArguments {
        @Argument(help: "File with the columns unique_id, ds and y, .gz or not; - is standard input.")
        var file: String
        @Option(help: ArgumentHelp("How long a bucket is.", valueName: "name"))
        var frequency: Frequency
        @Option(help: ArgumentHelp("Buckets in a season; without it 24, 7, 52, 12, 4 or 1.", valueName: "n"))
        var season: Int?
        @Option(help: ArgumentHelp("Steps to forecast.", valueName: "n"))
        var horizon: Int
        @Option(help: ArgumentHelp("Cores to use; all without it. No result depends on it.", valueName: "n"))
        var threads: Int?

        @Option(
            help: ArgumentHelp(
                "Events as CSV: name, starts_on, ends_on; also unique_id, kind, value, known_from.", valueName: "file"))
        var events: String?
        @Option(help: ArgumentHelp("Holidays as CSV: date, name.", valueName: "file"))
        var holidays: String?

        /// Says what was put aside of the file, and fails where nothing is left.
        func report(_ tally: SeriesTally) throws {
            let name = file == "-" ? "Standard input" : file
            for row in tally.rejectedRows.prefix(10) {
                let place = (row.line > 0 ? ":\(row.line)" : "") + (row.column.map { ", column \($0)" } ?? "")
                let value = row.value.map { ", '\($0.prefix(40))'" } ?? ""
                say("\(name)\(place)\(value): \(row.reason)")
            }
            if tally.rejected > 0 {
                say("\(grouped(tally.rejected)) of \(grouped(tally.accepted + tally.rejected)) rows were put aside.")
            }
            for series in tally.seriesWithoutRows.prefix(10) {
                say("\(events ?? "Events"): \(name) has no series '\(series)', so its events move nothing.")
            }
            if tally.series == 0 {
                throw Failure(
                    .data, "\(name) holds no series that can be read: it needs rows of unique_id, ds and y.")
            }
        }
    }

    struct Forecast: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads unique_id,ds,y and writes unique_id,ds,mean with intervals and quantiles.",
            usage: "suyo file forecast FILE --frequency NAME --horizon N [options]",
            discussion: """
                Example:
                  suyo file forecast demand.csv --frequency monthly --horizon 18 \\
                    --level 80,95 --quantile 0.5 -o forecast.csv --report report.json

                Rows may come in any order, and several of one bucket are added up. A file
                with the rows of each series together is worked on as it is read, so that
                it may be larger than the memory. A row that cannot be read is put aside
                with its line and reason, and the rest goes on.
                """)
        @OptionGroup var series: SeriesOptions
        @Option(help: ArgumentHelp("The model, or auto, which chooses; ets:AAdM is one form.", valueName: "name"))
        var model: ModelChoice = .auto
        @Option(help: ArgumentHelp("Central intervals in percent, such as 80,95.", valueName: "levels"))
        var level: [NumberList] = []
        @Option(help: ArgumentHelp("Quantiles, such as 0.1,0.5,0.9.", valueName: "levels"))
        var quantile: [NumberList] = []
        @Flag(help: "Also write mean, intervals and quantiles of the demand summed up to each step.")
        var cumulative = false
        @Option(help: ArgumentHelp("Rolling origins that choose and calibrate.", valueName: "n"))
        var origins = 4
        @Option(
            name: [.short, .long],
            help: ArgumentHelp("File to write, .gz or not; - is standard output.", valueName: "file"))
        var output = "-"
        @Option(
            help: ArgumentHelp("Also write model, parameters and notes of each series, as JSON.", valueName: "file"))
        var report: String?

        func validate() throws {
            _ = try columns()
            if report == output { throw ValidationError("Forecasts and report both go to \(output); name two files.") }
        }

        private func columns() throws -> ForecastColumns {
            let (levels, quantiles) = (level.flatMap(\.numbers), quantile.flatMap(\.numbers))
            guard let columns = ForecastColumns(levels: levels, quantiles: quantiles, cumulative: cumulative)
            else {
                throw ValidationError("Levels lie between 0 and 100, quantiles between 0 and 1.")
            }
            return columns
        }

        func run() async throws {
            let columns = try columns()
            let known = try KnownDays(events: series.events, holidays: series.holidays)
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: series.frequency, season: series.season, horizon: series.horizon,
                    quantileLevels: columns.quantileLevels, cumulative: cumulative, model: model, origins: origins,
                    holidays: known.holidays, threads: series.threads))
            var forecast = FileForecast(
                engine: engine, columns: columns, input: series.file, output: output, report: report)
            forecast.known = known
            let bar = ProgressBar("Forecasting")
            defer { bar.finish() }
            let tally = try await forecast.run { bar.update($0, "\(grouped($1)) series") }
            bar.finish()
            try series.report(tally)
        }
    }

    struct Backtest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs models anew at rolling origins and compares them on the same points.",
            usage: "suyo file backtest FILE --frequency NAME --horizon N [options]",
            discussion: """
                Example:
                  suyo file backtest demand.csv --frequency monthly --horizon 12 \\
                    --model auto,ets,seasonal-naive --origins 3

                At each origin a model knows only what lies before it: its choice, its
                parameters and its quantiles are made anew.
                """)
        @OptionGroup var series: SeriesOptions
        @Option(help: ArgumentHelp("Models to compare: see suyo file forecast -h.", valueName: "names"))
        var model = "auto,seasonal-naive"
        @Option(help: ArgumentHelp("Quantiles whose pinball loss is reported.", valueName: "levels"))
        var quantile: [NumberList] = []
        @Option(help: ArgumentHelp("Origins at most.", valueName: "n"))
        var origins = 3
        @Option(help: ArgumentHelp("Buckets between two origins; the horizon without it.", valueName: "n"))
        var stride: Int?
        @Option(name: [.short, .long], help: ArgumentHelp("Also write every point to a file.", valueName: "file"))
        var output: String?
        @Option(help: ArgumentHelp("Also write the errors on each series, as JSON.", valueName: "file"))
        var report: String?
        @OptionGroup var shown: OutputOptions

        func validate() throws {
            _ = try ModelChoice.list(model)
            _ = try levels()
            if let stride, stride < 1 { throw ValidationError("The stride is \(stride); take 1 or more.") }
            if let output, output == report {
                throw ValidationError("Points and report both go to \(output); name two files.")
            }
        }

        private func levels() throws -> [Double] {
            guard let columns = ForecastColumns(levels: [], quantiles: quantile.flatMap(\.numbers)) else {
                throw ValidationError("Quantiles lie between 0 and 1.")
            }
            return quantile.isEmpty ? ForecastConfiguration.standardLevels : columns.quantileLevels
        }

        func run() async throws {
            let known = try KnownDays(events: series.events, holidays: series.holidays)
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: series.frequency, season: series.season, horizon: series.horizon,
                    quantileLevels: levels(), origins: origins, holidays: known.holidays, threads: series.threads))
            var backtest = FileBacktest(
                engine: engine, models: try ModelChoice.list(model), stride: stride, input: series.file, output: output,
                report: report)
            backtest.known = known
            let bar = ProgressBar("Backtesting")
            defer { bar.finish() }
            let outcome = try await backtest.run { bar.update($0, "\(grouped($1)) series") }
            bar.finish()
            try series.report(outcome.tally)
            if outcome.models.isEmpty {
                throw Failure(
                    .data, "No series of \(series.file) is long enough for one fold of \(series.horizon) steps.")
            }
            // Where points or report have standard output, the table is left out.
            if output != "-" && report != "-" { shown.print(Backtest.table(outcome.models)) }
        }

        private static func table(_ rows: [BacktestAccuracy]) -> Report {
            Report(
                columns: [
                    "model", "series", "points", "wape", "bias", "mase", "rmsse", "smape", "pinball", "coverage_80",
                    "coverage_95",
                ],
                rows: rows.map { row in
                    [
                        .text(row.model), .number("\(row.series)"), .number("\(row.points)"),
                        row.wape.map { .number(decimal($0, 4)) } ?? .null,
                        row.bias.map { .number(decimal($0, 4)) } ?? .null, .number(decimal(row.mase, 4)),
                        .number(decimal(row.rmsse, 4)), .number(decimal(row.smape, 2)),
                        row.pinball.map { .number(decimal($0, 4)) } ?? .null, .number(decimal(row.coverage80, 3)),
                        .number(decimal(row.coverage95, 3)),
                    ]
                })
        }
    }
}

/// A number with so many decimals.
func decimal(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
