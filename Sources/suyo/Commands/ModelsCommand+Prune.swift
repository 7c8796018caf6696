import ArgumentParser
import Store
import Terminal

extension ModelsCommand {
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes forecasts and parameters of old versions; their lineage and accuracy stay.",
            discussion: """
                The newest versions, the champion, what anybody reads, forecasts that have yet to mature, and versions that
                a kept one was made from are never touched. A pruned version can be neither promoted nor reproduced.

                Examples:
                  suyo models prune --dry-run
                  suyo models prune nightly-retrain --keep 60
                """)
        @Argument(help: "The portfolio; without it, all of them.") var portfolio: String?
        @Option(help: "Newest versions of each portfolio to keep whole.") var keep = 30
        @Flag(help: "Only name what would go.") var dryRun = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !(1...1_000_000).contains(keep) {
                throw ValidationError("--keep is \(keep); it must lie between 1 and 1000000.")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ModelRegistry(database: workspace.database).prune(
                portfolio: portfolio, keep: keep, isDryRun: dryRun)
            let bytes = table.rows.compactMap { $0.last.flatMap { Double($0.text) } }.reduce(0, +)
            if !table.rows.isEmpty || output.format != .table { output.print(Report(table)) }
            let count = grouped(table.rows.count)
            say(
                dryRun
                    ? "\(count) versions would be pruned, \(decimal(bytes / 1e6, 1)) MB of rows; nothing was changed."
                    : "\(count) versions were pruned, \(decimal(bytes / 1e6, 1)) MB of rows.")
        }
    }
}
