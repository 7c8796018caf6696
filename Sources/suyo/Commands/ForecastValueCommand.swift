import ArgumentParser
import Store
import Terminal

extension ForecastCommand {
    struct Value: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what forecasting was worth: less error, less stock, and what people's changes added.",
            discussion: """
                Of every published forecast whose bucket has closed in the last months. A pilot is a retrain job with a \
                scope of its own: --portfolio NAME.

                wape is the error as a share of demand, error the same in units per forecast, at cost with each unit at its \
                cost; run outs are the cycles of lead time and review that run out with the model's safety stock.

                Examples:
                  suyo forecast value --months 3
                  suyo forecast value --portfolio pilot-busan --site PUS
                  suyo forecast value --part stock --format csv
                """)

        enum Part: String, ExpressibleByArgument, CaseIterable {
            case errors, stock, overrides
        }

        @Option(help: "Months back from the last closed bucket.") var months = 3
        @Option(help: "Only this portfolio, by the name of its job.") var portfolio: String?
        @Option(help: "Only this site.") var site: String?
        @Option(help: "Only this part; csv and json show errors where left out.") var part: Part?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !(1...120).contains(months) { throw ValidationError("--months is \(months); it must be 1 to 120.") }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            let scope = ReportStore.ValueScope(months: months, portfolio: portfolio, site: site)
            let isForPeople = output.format == .table
            let parts = part.map { [$0] } ?? (isForPeople ? Part.allCases : [.errors])
            var isFirst = true
            for part in parts {
                let table =
                    switch part {
                    case .errors: try await store.valueByStage(output.audience, scope)
                    case .stock: try await store.valueInStock(output.audience, scope)
                    case .overrides: try await store.valueOfOverrides(output.audience, scope)
                    }
                if table.rows.isEmpty, part == .errors { throw nothingMatured }
                if isForPeople {
                    if !isFirst { say("") }
                    say(heading(part))
                    if table.rows.isEmpty { say(absence(part)) }
                }
                if !table.rows.isEmpty || !isForPeople { output.print(Report(table)) }
                isFirst = false
            }
        }

        private var nothingMatured: Failure {
            let limits = [portfolio.map { "of portfolio '\($0)'" }, site.map { "at site '\($0)'" }].compactMap { $0 }
            return Failure(
                .data,
                (["Nothing published"] + limits).joined(separator: " ")
                    + " has matured yet: a forecast counts once its bucket has closed and a retrain has seen what came."
            )
        }

        private func heading(_ part: Part) -> String {
            switch part {
            case .errors: "Error of the forecasts published, and of what there would have been without them:"
            case .stock: "Safety stock to serve as planned, and cycles that run out with the model's:"
            case .overrides: "What overrides added (better > 0) or cost:"
            }
        }

        private func absence(_ part: Part) -> String {
            switch part {
            case .errors: ""
            case .stock:
                "No item at a site has a stock count, a lead time and ten closed cycles of lead time and review yet."
            case .overrides: "There were none."
            }
        }
    }
}
