import ArgumentParser
import Store
import Terminal

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Model versions: which is in use, where it came from, how good it is.",
        subcommands: [List.self, History.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the champion of each portfolio.", discussion: "Example:  suyo models list")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            output.print(Report(try await ReportStore(database: workspace.database).models(output.audience)))
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every version, newest first.", discussion: "Example:  suyo models history nightly-retrain")
        @Argument(help: "Only of this portfolio.") var portfolio: String?
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).history(
                output.audience, portfolio: portfolio, limit: limit)
            if let portfolio, table.rows.isEmpty {
                throw Failure(.data, "There is no version of a portfolio '\(portfolio)' yet: look at suyo models list.")
            }
            output.print(Report(table))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a version: lineage, configuration, accuracy, and how often each model was chosen.",
            discussion: "Example:  suyo models show 12")
        @Argument(help: "Number of the version.") var version: Int64
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            let lineage = try await store.version(version)
            guard !lineage.rows.isEmpty else {
                throw Failure(.data, "There is no model version \(version): look at suyo models history.")
            }
            guard output.format == .table else {
                output.print(Report(lineage))
                return
            }
            output.print(Report(details: try await store.lineage(version)))
            print()
            output.print(Report(try await store.versionAccuracy(version)))
            print()
            output.print(Report(try await store.versionModels(version)))
        }
    }
}
