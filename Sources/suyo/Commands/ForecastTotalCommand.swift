import ArgumentParser
import Store
import Terminal

extension ForecastCommand {
    struct Total: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Shows the current forecast added up: the company's, each site's, category's, item's or customer's.",
            discussion: """
                Overrides are in final. A table shows all buckets of the forecast together, csv and json each of them: \
                forecast.total. Portfolios cover the same demand and are never added up.

                Examples:
                  suyo forecast total
                  suyo forecast total --by site
                  suyo forecast total --by site-category --site ICN --format csv
                """)

        enum Level: String, ExpressibleByArgument, CaseIterable {
            case company, site, category, item, customer
            case siteCategory = "site-category"

            /// As `forecast.total` names it.
            var name: String { self == .siteCategory ? "site_category" : rawValue }
        }

        @Option(help: "What to add up for.") var by = Level.company
        @Option(help: "Only this portfolio, by the name of its job.") var portfolio: String?
        @Option(help: "Only this site, by site or site-category.") var site: String?
        @Option(help: "Only this category, by category or site-category.") var category: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if site != nil, ![.site, .siteCategory].contains(by) {
                throw ValidationError("--site needs --by site or --by site-category.")
            }
            if category != nil, ![.category, .siteCategory].contains(by) {
                throw ValidationError("--category needs --by category or --by site-category.")
            }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).totals(
                output.audience, level: by.name, portfolio: portfolio, site: site, category: category)
            if table.rows.isEmpty {
                throw Failure(
                    .data,
                    "Nothing that is current is forecast by \(by.rawValue)\(portfolio.map { " in portfolio '\($0)'" } ?? "")\(site.map { " at site '\($0)'" } ?? "")\(category.map { " of category '\($0)'" } ?? ""): look at suyo forecast total."
                )
            }
            output.print(Report(table))
        }
    }
}
