import ArgumentParser
import Foundation
import Store
import TabularText
import Terminal

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast", abstract: "Published forecasts: look at them, export them, ask why.",
        subcommands: [
            Show.self, Export.self, Explain.self, Total.self, Accuracy.self, Value.self, Adjust.self, Withdraw.self,
        ])

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
            if table.rows.isEmpty, let newest = try await store.newestCode(of: item) {
                throw Failure(.data, "Item '\(item)' was replaced by '\(newest)': suyo forecast show \(newest).")
            }
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
            abstract: "Shows how published forecasts turned out: seasonal naive, model, and what people made of it.",
            discussion: """
                Where nothing published has matured yet, it is the backtest, and that is said.

                Examples:
                  suyo forecast accuracy
                  suyo forecast accuracy A1001 --site ICN --lag 7 --stage model
                """)
        @Argument(help: "Only this item; without it, all series together and by demand class.") var item: String?
        @Option(help: "Only at this site.") var site: String?
        @Option(help: "Only forecasts made so many buckets ahead.") var lag: Int?
        @Option(help: "naive, model or final.") var stage: String?
        @Option(help: "Closed buckets to look back over, without an item.") var buckets = 28
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let lag, lag < 1 { throw ValidationError("--lag is \(lag); it must be 1 or more.") }
            if buckets < 1 { throw ValidationError("--buckets is \(buckets); it must be 1 or more.") }
            if let stage, !["naive", "model", "final"].contains(stage) {
                throw ValidationError("There is no stage '\(stage)'; take naive, model or final.")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            let matured =
                if let item {
                    try await store.maturedAccuracy(output.audience, item: item, site: site, lag: lag, stage: stage)
                } else {
                    try await store.maturedAccuracy(site: site, lag: lag, stage: stage, buckets: buckets)
                }
            if !matured.rows.isEmpty {
                var report = Report(matured)
                var through = ""
                if output.audience == .people, report.columns.last == "through" {
                    through = matured.rows.compactMap(\.last?.text).max().map { ", through \($0)" } ?? ""
                    report = Report(columns: report.columns.dropLast(), rows: report.rows.map { $0.dropLast() })
                }
                say("Published forecasts against what came\(through).")
                return output.print(report)
            }
            let backtest = try await store.backtestAccuracy(item: item, site: site)
            if backtest.rows.isEmpty, item != nil || site != nil {
                throw Failure(
                    .data,
                    "No champion forecasts \(item.map { "an item '\($0)'" } ?? "anything")\(site.map { " at site '\($0)'" } ?? ""): look at suyo models list."
                )
            }
            say("Nothing published of this has matured yet: from the backtest of the champion, all lags.")
            output.print(Report(backtest))
        }
    }
}
