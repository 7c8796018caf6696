import ArgumentParser
import Foundation
import Intake
import Store
import Terminal

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "What came in, what was rejected, and the series built from it.",
        subcommands: [Check.self, Rejected.self, Series.self, Holidays.self, OneOff.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts what is odd about the data: rejected, future-dated, spikes, gaps, stock-outs.",
            discussion: """
                Examples:
                  suyo data check
                  suyo data check --source import-odoo.yaml    # takes nothing
                """)
        @Option(
            help: ArgumentHelp(
                "Instead, try the queries of this source: their columns, what becomes of them, what is wrong.",
                valueName: "file"))
        var source: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let definition = try source.map { try SourceDefinition(yamlFile: $0) }
            let workspace = try await Workspace.open(options)
            guard let definition else {
                output.print(Report(try await ReportStore(database: workspace.database).dataCheck()))
                return
            }
            let (columns, problems, samples) = try await SourceStore(
                database: workspace.database, environment: ProcessInfo.processInfo.environment
            ).check(definition)
            output.print(
                Report(
                    columns: ["query", "column", "type", "becomes"],
                    rows: columns.map { column in
                        [
                            .text(column.kind), .text(column.name), .text(column.type),
                            column.use.isEmpty ? .null : .text(column.use),
                        ]
                    }))
            guard problems.isEmpty else {
                throw SourceError.invalid(source: definition.source, problems: problems)
            }
            guard output.format == .table else { return }
            for sample in samples {
                let intake = sample.intake
                print(
                    "\(sample.kind): of \(intake.lines < 1000 ? "its \(intake.lines)" : "the first 1,000") records \(grouped(intake.accepted)) would be taken, \(grouped(intake.rejected)) rejected"
                )
                ImportCommand.showRejections(intake)
            }
        }
    }

    struct Rejected: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists rejected records with file, line, column, value and reason, newest import first.",
            discussion: "Example:  suyo data rejected --batch 3 --format csv")
        @Option(help: "Only of this import.") var batch: Int64?
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).rejected(batch: batch, limit: limit)
            if let batch, table.rows.isEmpty {
                throw Failure(.data, "Import \(batch) rejected nothing, or there is no such import.")
            }
            output.print(Report(table))
        }
    }

    struct Series: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows an item's demand per bucket: raw and adjusted side by side, with the reason.",
            discussion: "Example:  suyo data series A1001 --site ICN")
        @Argument(help: "The item.") var item: String
        @Option(help: "Only at this site.") var site: String?
        @Option(help: "Only as built for this portfolio.") var portfolio: String?
        @Option(help: "Buckets at most, the latest ones.") var limit = 60
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).series(
                item: item, site: site, portfolio: portfolio, limit: limit)
            if table.rows.isEmpty {
                throw Failure(
                    .data,
                    "There is no series of item '\(item)'\(site.map { " at site '\($0)'" } ?? "") yet: series are built by suyo jobs run, and suyo data check tells of unknown items."
                )
            }
            output.print(Report(table))
        }
    }

    struct Holidays: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the holidays that jobs and models know of, or how far each calendar reaches.",
            discussion: """
                Examples:
                  suyo data holidays
                  suyo data holidays --calendar KR --year 2027
                """)
        @Option(help: "Each day of this calendar.") var calendar: String?
        @Option(help: "Only in this year; this year and the next where left out.") var year: Int?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let reports = ReportStore(database: workspace.database)
            guard calendar != nil || year != nil else {
                output.print(Report(try await reports.calendars()))
                return
            }
            let table = try await reports.holidays(calendar: calendar, year: year)
            if table.rows.isEmpty {
                throw Failure(
                    .data,
                    "There are no holidays\(calendar.map { " of calendar '\($0)'" } ?? "") in \(year.map(String.init) ?? "this year or the next"): suyo import holidays brings them in."
                )
            }
            output.print(Report(table))
        }
    }
}
