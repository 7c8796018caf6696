import ArgumentParser
import JobHandlers
import Store
import Terminal

extension JobsCommand {
    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows or sets how many runs may go on at once, on all hosts together.",
            discussion: """
                Examples:
                  suyo jobs limit                          the limits there are
                  suyo jobs limit --max-runs 4             runs of all kinds together
                  suyo jobs limit retrain --max-runs 1     runs of that kind
                  suyo jobs limit retrain --none           no limit any more

                What one daemon works on at once is its own: suyo serve --concurrency.
                """)
        @Argument(help: "Only runs of this kind.") var kind: String?
        @Option(help: ArgumentHelp("As many at most; 0 holds all back.", valueName: "runs")) var maxRuns: Int?
        @Flag(help: "Lift the limit.") var none = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard maxRuns == nil || !none else { throw ValidationError("Say either --max-runs or --none.") }
            guard (0...10_000).contains(maxRuns ?? 0) else {
                throw ValidationError("--max-runs lies between 0 and 10000.")
            }
            let kinds = JobSpecification.kinds + ["webhook", "shard"]
            if let kind, !kinds.contains(kind) {
                throw ValidationError("There is no kind '\(kind)'; there are \(kinds.joined(separator: ", ")).")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            if maxRuns != nil || none {
                try await JobCatalog(database: workspace.database).limit(kind: kind ?? "*", maxRuns: maxRuns)
            }
            let table = try await ReportStore(database: workspace.database).runLimits()
            if table.rows.isEmpty && output.format == .table {
                return say("There is no limit but each daemon's own: suyo serve --concurrency.")
            }
            output.print(Report(table))
        }
    }
}
