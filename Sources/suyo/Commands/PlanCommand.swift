import ArgumentParser
import Store
import Terminal

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "What to order, and what a planner has to look at.",
        subcommands: [
            Replenishment.self, Exceptions.self, Acknowledge.self, Policies.self, SetPolicy.self, WithdrawPolicy.self,
        ])

    struct Replenishment: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what to order now, what is most likely to run out first.",
            discussion: """
                Examples:
                  suyo plan replenishment --site ICN
                  suyo plan replenishment A1001
                  suyo plan replenishment --all --format csv

                Position is on hand plus on order less reserved. An order is due where it is at or below the
                reorder point: the demand over lead time and review that the service level covers. It brings
                the position up to the level, in whole packs. Risk is the probability of a stock-out within
                the lead time. JSON and CSV hold every column of forecast.replenishment.
                """)
        @Argument(help: "Only this item, due or not.") var item: String?
        @Option(help: "Only at this site.") var site: String?
        @Flag(help: "What need not be ordered as well.") var all = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            let onlyDue = item == nil && !all
            let table = try await store.replenishment(output.audience, item: item, site: site, onlyDue: onlyDue)
            if table.rows.isEmpty, item != nil || site != nil || all {
                let known = try await store.replenishment(.programs, item: item, site: site, onlyDue: false)
                if known.rows.isEmpty {
                    throw Failure(
                        .data,
                        "No forecast of \(item.map { "item '\($0)'" } ?? "anything")\(site.map { " at site '\($0)'" } ?? "") is current: look at suyo forecast export."
                    )
                }
            }
            output.print(Report(table))
        }
    }

    struct Exceptions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what a planner has to look at: about to run out, overstock, jumps, missing data.",
            discussion: """
                Examples:
                  suyo plan exceptions
                  suyo plan exceptions --refresh --all --format json

                They are looked for after each publication; --refresh looks now, as after an import of stock.
                """)
        @Flag(help: "What was acknowledged as well.") var all = false
        @Flag(help: "Look for exceptions first.") var refresh = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            if refresh { try await PlanningStore(database: workspace.database).refresh() }
            output.print(
                Report(
                    try await ReportStore(database: workspace.database).exceptions(
                        output.audience, includingAcknowledged: all)))
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes note of an exception, with what is done about it.",
            discussion: "Example:  suyo plan acknowledge 7 --reason 'ordered by telephone'")
        @Argument(help: "Number of the exception.") var exception: Int64
        @Option(help: "What is done about it, for whoever asks later.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard
                try await PlanningStore(database: workspace.database).acknowledge(exception, reason: reason)
            else { throw Failure(.checkFailed, "Exception \(exception) was acknowledged before or is over.") }
            print("Exception \(exception) is acknowledged.")
        }
    }
}
