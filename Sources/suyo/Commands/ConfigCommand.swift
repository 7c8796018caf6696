import ArgumentParser
import PostgresClient
import PrivateDatabase
import Settings
import Terminal

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "What is set, and where each value comes from.", subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints each setting with its value and where that came from.",
            discussion: "Example:  suyo config show --format json")

        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = try options.settings()
            let (target, privateDatabase) = Workspace.locate(settings)
            var rows: [[Report.Value]] = SettingName.allCases.map { name in
                let value = settings.values[name]
                // A URL may hold a password; the target prints itself without.
                let text =
                    switch name {
                    case .databaseURL: value?.text.map { ConnectionTarget($0).description }
                    case .home: value?.text ?? PrivateDatabase(home: nil).home
                    default: value?.text
                    }
                return [
                    .text(name.key), text.map { .text($0) } ?? .null, .text(value?.origin.description ?? "default"),
                    .text(name.meaning),
                ]
            }
            let place = privateDatabase.map { "private PostgreSQL in \($0.home)" } ?? target.description
            rows.append([
                .text("(database in use)"), .text(place), .text("resolved"), .text("what commands connect to"),
            ])
            rows.append([
                .text("(settings file)"), settings.file.map { .text($0) } ?? .null, .text("resolved"),
                .text("the file that was read"),
            ])
            output.print(Report(columns: ["setting", "value", "from", "meaning"], rows: rows))
        }
    }
}
