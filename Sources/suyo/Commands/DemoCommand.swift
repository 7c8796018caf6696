import ArgumentParser
import Foundation
import Intake
import SampleCompany
import Scheduling
import Store
import Terminal
import TimeSeries

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A sample company through a whole cycle: import, retrain, publish; then what to look at.",
        discussion: """
            Example:  suyo demo

            Uses the private database unless another is named, and refuses one that holds orders of somebody else.
            """)

    @Option(help: "Another number makes another company.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Keep the company's files in this folder.", valueName: "folder")) var keep: String?
    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let workspace = try await Workspace.open(options, migrating: true)
        guard try await !DatabaseInspection(database: workspace.database).hasOrders(besides: DemoCompany.source) else {
            throw Failure(
                .usage,
                "This database holds orders already: run the demo with SUYO_HOME set to an empty folder, or --home FOLDER."
            )
        }
        let company = DemoCompany(seed: seed, database: workspace.database)
        print("1. A sample company: three years of orders, stock, promotions and holidays")
        try await company.takeIn(keeping: keep)
        print("\n2. Jobs, as suyo brings them")
        let definitions = try JobFiles.read(nil)
        for change in try await JobCatalog(database: workspace.database).apply(definitions, source: "file") {
            print("   \(change.name): \(change.change)")
        }
        print("\n3. Retrain every item at every site, and publish")
        try await retrain(workspace)
        print("\n4. Three of the forecasts\n")
        try await company.showForecasts()
        print(farewell(workspace))
    }

    private func retrain(_ workspace: Workspace) async throws {
        let name = "nightly-retrain"
        guard let runID = try await JobCatalog(database: workspace.database).enqueue(name) else {
            throw JobsCommand.noJob(name)
        }
        let standing = try await JobRunner(workspace).seeThrough(runID, title: name)
        guard standing.state == "completed" else {
            throw Failure(
                .internalError, "The retrain was \(standing.state): \(standing.error ?? "run the demo again").")
        }
        for line in RunSummary(runID: runID, jobName: name, result: standing.result ?? "null").lines() {
            print("   \(line)")
        }
    }

    private func farewell(_ workspace: Workspace) -> String {
        let database = options.database.map { " --database '\($0)'" } ?? options.home.map { " --home '\($0)'" } ?? ""
        let stopping =
            workspace.privateDatabase == nil
            ? "" : "  suyo db stop\(database)      stops the private PostgreSQL"
        return """
            What to look at next:
              suyo forecast show \(DemoCompany.shownItems[0])\(database)
              suyo forecast explain \(DemoCompany.shownItems[0])\(database)
              suyo data series \(DemoCompany.shownItems[0])\(database)
              suyo data rejected\(database)
              suyo models list\(database)
              suyo db psql\(database) -- -c "SELECT item_id, site_id, bucket_start, mean, p10, p90 FROM forecast.current LIMIT 10"
              suyo db psql\(database) -- -c "SELECT * FROM forecast.get('\(DemoCompany.shownItems[0])', horizon => 7)"
              suyo serve\(database)        the daemon: retrains every night at 02:30
            \(stopping)
            """
    }
}
