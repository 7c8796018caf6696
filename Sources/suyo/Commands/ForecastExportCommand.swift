import ArgumentParser
import Pipeline
import Store
import TabularText

extension ForecastCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes everything that is current: for files, other systems and DuckDB.",
            discussion: """
                csv, json and jsonl (an object a line) have the columns of forecast.current; schedule those of \
                forecast.planning_schedule, in the manner of EDI 830.

                Into a folder, each portfolio's forecast is one file under a name that its publication decides, \
                portfolio=NAME/forecast-NUMBER.csv.gz, each whole and none half-written: what is exported again is the \
                same file. DuckDB reads them with read_csv('FOLDER/*/*.csv.gz', hive_partitioning = true).

                Examples:
                  suyo forecast export -o forecasts.csv.gz
                  suyo forecast export --format jsonl --portfolio nightly-retrain
                  suyo forecast export --format schedule --folder /srv/exchange --site ICN
                """)
        @Option(name: [.short, .long], help: ArgumentHelp("File to write, .gz or not.", valueName: "file"))
        var output: String?
        @Option(help: "Folder to write a file for each portfolio to, instead.") var folder: String?
        @Option(help: "csv, json, jsonl or schedule.") var format: ForecastExport.Format = .csv
        @Option(help: "Only this portfolio, by the name of its job.") var portfolio: String?
        @Option(help: "Only this site.") var site: String?
        @OptionGroup var options: DatabaseOptions

        func validate() throws {
            if output != nil, folder != nil { throw ValidationError("Take --output or --folder, not both.") }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let export = ForecastExport(database: workspace.database)
            let scope = ForecastExport.Scope(portfolio: portfolio, site: site)
            guard let folder else {
                let file = ForecastExportFile(try DelimitedWriter(path: output ?? "-"))
                try await export.write(format, scope) { try file.write($0) }
                return try file.finish()
            }
            let files = ForecastExportFolder(folder, format)
            try await files.write(export, scope)
            if files.written.isEmpty {
                throw Failure(
                    .data,
                    "Nothing is current\(portfolio.map { " of portfolio '\($0)'" } ?? "")\(site.map { " at site '\($0)'" } ?? ""): look at suyo jobs runs."
                )
            }
            for path in files.written { print(path) }
        }
    }
}
