import ArgumentParser
import Foundation
import Store
import TabularText
import Terminal

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast", abstract: "Published forecasts: look at them, export them, ask why.",
        subcommands: [Show.self, Export.self, Explain.self, Accuracy.self, Adjust.self, Withdraw.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows an item's forecast: history, mean and band drawn, then each step.",
            discussion: """
                Examples:
                  suyo forecast show A1001 --site ICN
                  suyo forecast show A1001 --as-of '2026-05-01 06:00+09' --format csv
                """)
        @Argument(help: "The item.") var item: String
        @Option(help: "Only at this site.") var site: String?
        @Option(help: "Steps at most.") var horizon: Int?
        @Option(help: ArgumentHelp("As it was published at that instant.", valueName: "instant")) var asOf: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let horizon, horizon < 1 { throw ValidationError("--horizon is \(horizon); it must be 1 or more.") }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            let table = try await store.forecast(
                output.audience, item: item, site: site, horizon: horizon, asOf: asOf)
            if table.rows.isEmpty {
                throw Failure(
                    .data,
                    "No forecast of item '\(item)'\(site.map { " at site '\($0)'" } ?? "") \(asOf.map { "was current at \($0)" } ?? "is current"): look at suyo jobs runs and suyo data check."
                )
            }
            if output.format == .table, asOf == nil {
                for chart in try await store.charts(item: item, site: site) { ForecastPicture(chart).print() }
            }
            output.print(Report(table))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes everything that is current, with the columns of forecast.current.",
            discussion: "Example:  suyo forecast export -o forecasts.csv.gz")
        @Option(name: [.short, .long], help: ArgumentHelp("File to write, .gz or not.", valueName: "file"))
        var output = "-"
        @Option(help: "csv or json.") var format: ForecastExport.Format = .csv
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let file = ForecastExportFile(try DelimitedWriter(path: output))
            try await ForecastExport(database: workspace.database).write(format) { try file.write($0) }
            try file.finish()
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes each step's mean apart: level, trend, season, calendar, and so on; they add up to it.",
            discussion: "Example:  suyo forecast explain A1001 --site ICN")
        @Argument(help: "The item.") var item: String
        @Option(help: "Only at this site.") var site: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).explanation(
                output.audience, item: item, site: site)
            if table.rows.isEmpty {
                throw Failure(.data, "No forecast of item '\(item)' is current: look at suyo jobs runs.")
            }
            output.print(Report(table))
        }
    }

    struct Accuracy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how each champion did in its backtest, beside the seasonal naive.",
            discussion: "Example:  suyo forecast accuracy A1001")
        @Argument(help: "Only this item.") var item: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).accuracy(item: item)
            if let item, table.rows.isEmpty {
                throw Failure(.data, "No champion forecasts an item '\(item)': look at suyo models list.")
            }
            output.print(Report(table))
        }
    }
}

/// Lets the pieces of an export be written from the connection's thread, one after another.
///
/// `@unchecked` because the lock guards the writer.
private final class ForecastExportFile: @unchecked Sendable {
    private let lock = NSLock()
    private let writer: DelimitedWriter

    init(_ writer: DelimitedWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) throws { try lock.withLock { try writer.write(bytes) } }
    func finish() throws { try lock.withLock { try writer.finish() } }
}
