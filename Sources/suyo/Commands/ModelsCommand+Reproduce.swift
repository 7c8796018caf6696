import ArgumentParser
import Pipeline
import Settings
import Store
import Terminal

extension ModelsCommand {
    struct Reproduce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refits a version from its stored snapshot and compares it bit for bit; exit 1 where it differs.",
            discussion: """
                Parameters, end states, means, quantiles and components are compared. What was stored is hashed first, and
                refused where a hash is not the one the version was trained with.

                Example:  suyo models reproduce 12
                """)
        @Argument(help: "Number of the version.") var version: Int64
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let bar = ProgressBar("version \(version)")
            let reproduction = Reproduction(
                snapshots: ModelRegistry(database: workspace.database), threads: workspace.settings.threads)
            let outcome: Reproduction.Outcome
            do {
                defer { bar.finish() }
                outcome = try await reproduction.run(version: version) { bar.update($0, "refitting") }
            }
            if outcome.isSame {
                print(
                    "Version \(version) is reproduced: \(grouped(outcome.series)) series are the same to the last bit."
                )
                return
            }
            for difference in outcome.differences { print(difference) }
            let code = CodeVersion.exact()
            let reason =
                outcome.trainedBy == code
                ? "though it is the code that trained it"
                : "but it was trained by \(outcome.trainedBy) and this is \(code): try that code"
            throw Failure(
                .checkFailed,
                "\(grouped(outcome.different)) of \(grouped(outcome.series)) series of version \(version) differ, \(reason)."
            )
        }
    }
}
