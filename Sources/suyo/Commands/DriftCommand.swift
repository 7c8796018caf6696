import ArgumentParser
import Pipeline
import Settings
import Store
import Terminal

struct DriftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Whether the models are still right, and what changed where they are not.",
        subcommands: [
            Status.self, History.self, Check.self, Alerts.self, Acknowledge.self, Simulate.self,
        ])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the series that changed, or may have, since the last check, the surest first.",
            discussion: """
                Examples:
                  suyo drift status nightly-retrain
                  suyo drift status nightly-retrain --totals --all
                Totals are of the whole portfolio, its sites and its categories: a change that
                is too small in each series shows there, and stands above the series.
                'by chance' is how often such evidence comes in a year of a series that does not change; 'moved' is how
                far its residuals have moved, in standard deviations. Series on 'watch' are no incident: among many,
                some always are.
                """)
        @Argument(help: "Only of this portfolio.") var portfolio: String?
        @Flag(help: "Those without a sign too.") var all = false
        @Flag(help: "Only totals: the portfolio, its sites, its categories.") var totals = false
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reports = DriftReports(database: try await Workspace.open(options).database)
            if totals || output.format == .table {
                let table = Report(
                    try await reports.totals(output.audience, portfolio: portfolio, every: all, limit: limit))
                if totals || !table.rows.isEmpty { output.print(table) }
                if totals { return }
                if !table.rows.isEmpty { print() }
            }
            output.print(
                Report(
                    try await reports.status(output.audience, portfolio: portfolio, every: all, limit: limit)))
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the checks, newest first, with what was judged and why something was not.",
            discussion: "Example:  suyo drift history nightly-retrain")
        @Argument(help: "Only of this portfolio.") var portfolio: String?
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            output.print(
                Report(
                    try await DriftReports(database: workspace.database).history(
                        output.audience, portfolio: portfolio, limit: limit)))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks now; ends with 1 while an incident is open.",
            discussion: """
                Examples:
                  suyo drift check                       every portfolio that a job of kind drift checks
                  suyo drift check nightly-retrain --no-retrain
                """)
        @Argument(help: "The portfolio.") var portfolio: String?
        @Flag(inversion: .prefixedNo, help: "Whether an incident asks for a retrain.") var retrain = true
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let reports = DriftReports(database: workspace.database)
            var specifications = try await reports.portfolios()
            if let portfolio {
                let declared = specifications.first { $0.portfolio == portfolio }
                specifications = [declared ?? DriftSpecification(portfolio: portfolio)]
            }
            guard !specifications.isEmpty else {
                throw Failure(
                    .usage,
                    "No job of kind drift is declared: name a portfolio, such as suyo drift check nightly-retrain.")
            }
            let check = DriftCheck(
                reader: DemandStore(database: workspace.database),
                forecasts: ForecastStore(database: workspace.database),
                registry: DriftStore(database: workspace.database), threads: workspace.settings.threads)
            for var specification in specifications {
                specification.retrain = specification.retrain && retrain
                let bar = ProgressBar("Checking \(specification.portfolio)")
                defer { bar.finish() }
                let outcome = try await check.run(specification, permit: nil) { bar.update($0, $1) }
                bar.finish()
                print(
                    "\(specification.portfolio): \(outcome.judged) of \(outcome.series) series judged through \(outcome.dataThrough), \(outcome.named) changed, \(outcome.alarms - outcome.named) on watch; \(outcome.namedTotals) of \(outcome.totals) totals changed."
                )
                for note in outcome.notes { print("   \(note)") }
            }
            let open = try await reports.openIncidents(portfolio: portfolio)
            if open > 0 {
                throw Failure(
                    .checkFailed,
                    "\(open == 1 ? "An incident is" : "\(open) incidents are") open: look at suyo drift alerts.")
            }
        }
    }

    struct Alerts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Shows the incidents that are not resolved, or one with the series it names and pictures of them.",
            discussion: """
                Examples:
                  suyo drift alerts
                  suyo drift alerts 3
                """)
        @Argument(help: "Number of an incident.") var incident: Int64?
        @Flag(help: "Those that are resolved too.") var all = false
        @Option(help: "Rows at most.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        /// Series that are drawn.
        private static let drawn = 3

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let reports = DriftReports(database: workspace.database)
            guard let incident else {
                let table = try await reports.incidents(output.audience, every: all, limit: limit)
                output.print(Report(table))
                return
            }
            guard let summary = try await reports.summary(ofIncident: incident) else {
                throw Failure(.data, "There is no incident \(incident): look at suyo drift alerts --all.")
            }
            let series = Report(try await reports.series(ofIncident: incident))
            if output.format == .table {
                print("\(summary)\n")
                let totals = Report(try await reports.totals(ofIncident: incident))
                if !totals.rows.isEmpty {
                    output.print(totals)
                    print()
                }
                let store = ReportStore(database: workspace.database)
                for row in series.rows.prefix(Alerts.drawn) {
                    guard case .text(let item) = row[0] else { continue }
                    var site: String?
                    if case .text(let name) = row[1] { site = name }
                    for chart in try await store.charts(item: item, site: site).prefix(1) {
                        ForecastPicture(chart).print()
                    }
                }
            }
            output.print(series)
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ack", abstract: "Says that a person has taken an incident.",
            discussion: "Example:  suyo drift ack 3 --note 'new customer in Busan, expected'")
        @Argument(help: "Number of the incident.") var incident: Int64
        @Option(help: "What there is to say.") var note: String?
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard try await DriftReports(database: workspace.database).acknowledge(incident, note: note) else {
                throw Failure(.data, "Incident \(incident) is not open: look at suyo drift alerts --all.")
            }
            print("Incident \(incident) is acknowledged.")
        }
    }
}
