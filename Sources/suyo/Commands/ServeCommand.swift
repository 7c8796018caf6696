import ArgumentParser
import Foundation
import Logging
import PrivateDatabase
import Scheduling
import ServiceLifecycle
import Settings
import Store
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "The daemon: fires ticks, runs jobs, takes over from workers that died.",
        discussion: """
            Examples:
              suyo serve
              suyo serve --log-format json --concurrency 2

            Any number of daemons may run on any number of hosts. SIGTERM or Ctrl-C: nothing new is begun, and what runs
            has a time of grace to finish before it is handed back.
            """)

    @Option(help: "Least level that is logged: debug, info, warning or error.") var logLevel: String?
    @Option(help: "How it is logged: human or json.") var logFormat: String?
    @Option(help: "Runs to work on at once.") var concurrency: String?
    @Option(help: "Seconds a run may go on after it was told to stop.") var graceSeconds: String?
    @Option(help: "Cores to train on.") var threads: String?
    @Option(help: ArgumentHelp("Megabytes of memory that a run may take.", valueName: "megabytes"))
    var memoryLimitMB: String?
    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let settings = try options.settings([
            .logLevel: logLevel, .logFormat: logFormat, .concurrency: concurrency, .graceSeconds: graceSeconds,
            .threads: threads, .memoryLimit: memoryLimitMB,
        ])
        let logger = ServiceLog.logger(settings)
        // Attempts have connections of their own, so that ticks and heartbeats wait for none of them.
        let workspace = try await Workspace.open(settings, connections: settings.concurrency + 3)
        let runner = JobRunner(workspace, isolating: true)
        let daemon = Daemon(
            store: runner.store, worker: runner.worker, identity: runner.identity, concurrency: settings.concurrency,
            grace: .seconds(settings.graceSeconds)
        ) { ServiceLog.write($0, to: logger) }
        logger.notice(
            "serving",
            metadata: [
                "database": "\(workspace.privateDatabase.map { "private, in \($0.home)" } ?? "\(workspace.target)")",
                "worker": "\(runner.identity.workerID)", "version": "\(runner.identity.codeVersion)",
            ])
        try await ServiceGroup(
            services: [daemon], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
        await workspace.database.close()
        logger.notice("stopped")
    }
}
