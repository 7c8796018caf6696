import ArgumentParser
import Store
import Terminal

extension DataCommand {
    struct OneOff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "one-off",
            abstract: "Lists order lines far larger than usual, or says of an order that it was a one-off.",
            discussion: """
                Examples:
                  suyo data one-off
                  suyo data one-off SO-4711 --reason 'opening of the Busan store'
                  suyo data one-off SO-4711 --line 2 --undo --reason 'they ordered again'

                A line is listed at 20 times the median of its item's lines or more. A one-off was ordered and \
                is not to be expected again: models are not trained on it, from the next retrain on.
                """)
        @Argument(help: "The order to mark; without one, large lines are listed.") var order: String?
        @Option(help: "Only this line of it.") var line: Int?
        @Option(help: "The source it came from, where several have such an order.") var source: String?
        @Option(help: "Why, for whoever asks later.") var reason: String?
        @Flag(help: "It was none after all.") var undo = false
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if order != nil, reason == nil { throw ValidationError("Say why: --reason '…'.") }
            if order == nil, reason != nil || undo || line != nil || source != nil {
                throw ValidationError("Say which order is meant.")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard let order, let reason else {
                output.print(Report(try await ReportStore(database: workspace.database).largeLines(limit: limit)))
                return
            }
            let lines = try await DemandStore(database: workspace.database).markOneOff(
                order: order, line: line, source: source, isOneOff: !undo, reason: reason)
            print(
                "\(lines) line\(lines == 1 ? "" : "s") of \(order) \(undo ? "count as demand again" : "count as a one-off"), from the next retrain on."
            )
        }
    }
}
