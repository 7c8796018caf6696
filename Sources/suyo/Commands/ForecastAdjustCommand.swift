import ArgumentParser
import Store

extension ForecastCommand {
    struct Adjust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Overrides the forecast of an item, a site or a category, with a reason.",
            discussion: """
                Examples:
                  suyo forecast adjust 700 --item A1001 --from 2026-12-01 --reason 'TV spot'
                  suyo forecast adjust 5 --kind delta --site ICN --from 2026-12-24 --reason TV

                The figure is the total of all buckets and series meant, split as their forecasts stand to each other.
                It survives retraining until it expires or is withdrawn; forecast.current shows it as final.
                """)
        @Argument(help: "The figure.") var value: Double
        @Option(help: "absolute: the new total; delta: what is added to it; percent: by how much it changes.")
        var kind = OverrideStore.Kind.absolute
        @Option(help: "Only of this item.") var item: String?
        @Option(help: "Only at this site.") var site: String?
        @Option(help: "Only for this customer.") var customer: String?
        @Option(help: "Only of items of this category.") var category: String?
        @Option(help: ArgumentHelp("Only of this job.", valueName: "job")) var portfolio: String?
        @Option(help: ArgumentHelp("First day a bucket begins on.", valueName: "date")) var from: String
        @Option(help: ArgumentHelp("Last one; the first, where left out.", valueName: "date")) var to: String?
        @Option(help: ArgumentHelp("Until when it counts.", valueName: "instant")) var expires: String?
        @Flag(help: "Refuse later overrides of these buckets.") var lock = false
        @Option(help: "Why, for whoever asks later.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func validate() throws {
            if [item, site, customer, category, portfolio].allSatisfy({ $0 == nil }) {
                throw ValidationError("Say what to adjust: --item, --site, --customer, --category or --portfolio.")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let (number, buckets) = try await OverrideStore(database: workspace.database).adjust(
                OverrideStore.Adjustment(
                    item: item, site: site, customer: customer, category: category, portfolio: portfolio, from: from,
                    to: to, value: value,
                    kind: kind, reason: reason, expiresAt: expires,
                    locked: lock))
            print(
                "Override \(number) changes \(buckets) buckets; take it back with suyo forecast withdraw \(number) --reason …"
            )
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes an override back; it stays on record.",
            discussion: "Example:  suyo forecast withdraw 7 --reason 'the spot was cancelled'")
        @Argument(help: "Number of the override.") var override: Int64
        @Option(help: "Why, for whoever asks later.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard try await OverrideStore(database: workspace.database).withdraw(override, reason: reason) else {
                throw Failure(.checkFailed, "Override \(override) was withdrawn before.")
            }
            print("Override \(override) is withdrawn.")
        }
    }
}
