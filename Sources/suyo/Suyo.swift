import ArgumentParser
import ProcessorSupport

/// The command's root: nouns, each with its verbs.
@main struct Suyo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suyo",
        abstract: "Demand forecasts beside your PostgreSQL: orders in, honest forecasts out.",
        discussion: """
            Begin with:  suyo demo
            Your data:   suyo import orders FILE.csv && suyo jobs apply && suyo jobs run nightly-retrain
            Then:        suyo forecast show ITEM

            Without --database, SUYO_DATABASE_URL or PG* variables, suyo runs a private PostgreSQL of its own.
            """,
        version: CodeVersion.number,
        subcommands: [
            DemoCommand.self, ServeCommand.self, DoctorCommand.self, DatabaseCommand.self, ImportCommand.self,
            DataCommand.self, JobsCommand.self, ModelsCommand.self, DriftCommand.self, ForecastCommand.self,
            FileCommand.self, BenchCommand.self, ConfigCommand.self, AttemptCommand.self,
        ])

    static func main() async {
        do {
            // Before anything else: code built for a newer processor would end in an illegal instruction.
            if let complaint = ProcessorSupport.complaint { throw Failure(.unavailable, complaint) }
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Failure.exit(error)
        }
    }
}
