import ArgumentParser
import Store
import Terminal

extension PlanCommand {
    struct Policies: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the rules that stock is planned by.", discussion: "Example:  suyo plan policies")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            output.print(Report(try await ReportStore(database: workspace.database).policies(output.audience)))
        }
    }

    struct SetPolicy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets service level, review, pack and limits for an item, a category or an ABC class.",
            discussion: """
                Examples:
                  suyo plan set-policy --class A --service-level 0.99 --reason 'as the board wants'
                  suyo plan set-policy --item A1001 --minimum 240 --pack 24 --reason 'new contract'

                What is left out stays as it was; what a policy leaves open is taken from the next one that is
                less specific: item at a site, item, category, class, site, all.
                """)
        @Option(help: "For this item.") var item: String?
        @Option(help: "Only at this site.") var site: String?
        @Option(help: "For the items of this category.") var category: String?
        @Option(name: .customLong("class"), help: "For the items of this ABC class.") var itemClass: String?
        @Option(help: "What is aimed at, such as 0.95.") var serviceLevel: Double?
        @Option(help: "cycle: of the order cycles; fill: of the demand.") var serviceKind: PlanningStore.ServiceKind?
        @Option(help: ArgumentHelp("Days from one look at the stock to the next.", valueName: "days"))
        var review: Double?
        @Option(help: ArgumentHelp("Days of demand an order adds, for fewer orders.", valueName: "days"))
        var cover: Double?
        @Option(help: ArgumentHelp("Days to receipt where none are known of the item.", valueName: "days"))
        var leadTime: Double?
        @Option(help: ArgumentHelp("Order in multiples of this.", valueName: "quantity")) var pack: Double?
        @Option(help: ArgumentHelp("Order at least this.", valueName: "quantity")) var minimum: Double?
        @Option(help: ArgumentHelp("Order at most this.", valueName: "quantity")) var maximum: Double?
        @Option(help: "Why, for whoever asks later.") var reason: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            var policy = PlanningStore.Policy(reason: reason)
            policy.item = item
            policy.site = site
            policy.category = category
            policy.itemClass = itemClass
            policy.serviceLevel = serviceLevel
            policy.serviceKind = serviceKind
            policy.reviewDays = review
            policy.coverDays = cover
            policy.leadTimeDays = leadTime
            policy.packSize = pack
            policy.minimumQuantity = minimum
            policy.maximumQuantity = maximum
            let number = try await PlanningStore(database: workspace.database).set(policy)
            print("Policy \(number) counts now; take it back with suyo plan withdraw-policy \(number).")
        }
    }

    struct WithdrawPolicy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a policy, so that a less specific one counts; it stays on record.",
            discussion: "Example:  suyo plan withdraw-policy 7")
        @Argument(help: "Number of the policy.") var policy: Int64
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard try await PlanningStore(database: workspace.database).withdrawPolicy(policy) else {
                throw Failure(.checkFailed, "Policy \(policy) had ended before.")
            }
            print("Policy \(policy) counts no more.")
        }
    }
}
