import AttemptProcess
import Foundation
import PostgresClient
import Scheduling
import Settings
import Store

/// Attempts in processes of their own: this binary, started again.
enum Attempts {
    /// A handler that starts a process for each attempt.
    static func handler(
        of kind: String, _ workspace: Workspace, _ settings: LiveSettings, _ codeVersion: String,
        _ store: PostgresJobStore
    ) -> any RunHandler {
        ChildProcessHandler(
            kind: kind, executable: executable, arguments: [AttemptCommand.name],
            request: { run in
                let settings = settings.current
                return AttemptRequest(
                    run: run, database: workspace.target.connectionString, threads: settings.threads,
                    codeVersion: codeVersion, memoryLimit: settings.memoryLimit)
            },
            log: { run, line in try await store.log(run, level: "info", message: line) })
    }

    /// The binary that runs, even where another has been put in its place meanwhile.
    private static var executable: String {
        #if os(Linux)
            "/proc/self/exe"
        #else
            Bundle.main.executablePath ?? CommandLine.arguments[0]
        #endif
    }
}
