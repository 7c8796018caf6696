import ArgumentParser
import Foundation
import Pipeline
import Store

extension ModelsCommand {
    struct Card: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes one page about a version: purpose, data, models, accuracy, limits, who changed what.",
            discussion: """
                Examples:
                  suyo models card 12
                  suyo models card 12 -o card.html
                """)

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case markdown, html
        }

        @Argument(help: "Number of the version.") var version: Int64
        @Option(name: [.short, .long], help: ArgumentHelp("File to write.", valueName: "file")) var output = "-"
        @Option(help: "markdown or html; without it, what the file's name says.") var format: Format?
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let document = try await ModelRegistry(database: workspace.database).card(version: version).document
            let isHTML =
                (format ?? (output.hasSuffix(".html") || output.hasSuffix(".htm") ? .html : .markdown)) == .html
            let text = isHTML ? document.html : document.markdown
            if output == "-" { return print(text, terminator: "") }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: output))
            } catch {
                throw Failure(.noInput, "\(output) cannot be written: name a file in a folder that is there.")
            }
            say("Wrote \(output).")
        }
    }
}
