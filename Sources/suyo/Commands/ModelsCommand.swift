import ArgumentParser
import Store
import Terminal

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Model versions: which is in use, where it came from, how good it is.",
        subcommands: [
            List.self, History.self, Show.self, Compare.self, Promote.self, Rollback.self, Reproduce.self, Card.self,
            Prune.self,
        ])

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
            abstract: "Lists every version, newest first, and which one is or was the champion.",
            discussion: """
                Examples:
                  suyo models history nightly-retrain
                  suyo models history --as-of '2026-05-01 06:00+09'
                """)
        @Argument(help: "Only of this portfolio.") var portfolio: String?
        @Option(help: "Rows at most.") var limit = 50
        @Option(help: ArgumentHelp("As it stood at that instant.", valueName: "instant")) var asOf: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).history(
                output.audience, portfolio: portfolio, limit: limit, asOf: asOf)
            if let portfolio, table.rows.isEmpty {
                throw Failure(
                    .data,
                    "There \(asOf.map { "was at \($0)" } ?? "is") no version of a portfolio '\(portfolio)' yet: look at suyo models list."
                )
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
            let verdict = try await store.verdict(version)
            if !verdict.rows.isEmpty {
                print()
                output.print(Report(details: verdict))
                let segments = try await store.verdictSegments(version)
                if !segments.rows.isEmpty {
                    print()
                    output.print(Report(segments))
                }
            }
            let promotions = try await store.promotions(version: version)
            if !promotions.rows.isEmpty {
                print()
                output.print(Report(sentences: promotions))
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a stored version the champion and its forecasts current, in one transaction.",
            discussion: "Example:  suyo models promote 12 --reason 'knows the new warehouse'")
        @Argument(help: "Number of the version.") var version: Int64
        @Option(help: "Why, for whoever reads the log.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let registry = ModelRegistry(database: workspace.database)
            print(ModelsCommand.summary(of: try await registry.promote(version: version, reason: reason)))
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes back to an earlier version and its forecasts, in one transaction.",
            discussion: """
                Examples:
                  suyo models rollback --reason 'too high since Monday'
                  suyo models rollback nightly-retrain --to 11 --reason 'too high since Monday'
                """)
        @Argument(help: "The portfolio; may be left out where there is one.") var portfolio: String?
        @Option(help: ArgumentHelp("The version; without it the champion before this one.", valueName: "version"))
        var to: Int64?
        @Option(help: "Why, for whoever reads the log.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let registry = ModelRegistry(database: workspace.database)
            print(
                ModelsCommand.summary(
                    of: try await registry.rollBack(portfolio: portfolio, to: to, reason: reason)))
        }
    }

    /// What a promotion or a rollback did, in one or two sentences.
    private static func summary(of change: ModelRegistry.Change) -> String {
        var text = "Version \(change.versionID) is the champion of \(change.portfolio)"
        if let previous = change.previousVersionID { text += ", in place of \(previous)" }
        text += "; its forecasts are current as publication \(change.publicationID)."
        if change.isStale {
            text +=
                " They know demand through \(change.dataThrough) only: suyo jobs run \(change.portfolio) makes newer ones."
        }
        return text
    }
}
