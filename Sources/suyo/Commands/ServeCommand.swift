import ArgumentParser
import Logging
import PrivateDatabase
import Scheduling
import ServiceLifecycle
import ServiceManager
import Settings
import StatusServer
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
              suyo serve --jobs /etc/suyo/jobs --http 127.0.0.1:9790 --memory-limit-mb 1024

            Any number of daemons may run on any number of hosts. Each run is worked on
            in a process of its own, which may crash or be limited in memory without
            harm to the daemon.

            SIGTERM or Ctrl-C: nothing new is begun, and what runs has a time of grace
            to finish before it is handed back. SIGHUP: log level, threads, memory limit
            and the folder of --jobs are read again.

            With --http it answers /healthz, /readyz and /metrics (for Prometheus).
            A unit for systemd is in ops/suyo.service.
            """)

    @Option(help: "Least level that is logged: debug, info, warning or error.") var logLevel: String?
    @Option(help: "How it is logged: human or json.") var logFormat: String?
    @Option(help: "Runs to work on at once.") var concurrency: String?
    @Option(help: "Seconds a run may go on after it was told to stop.") var graceSeconds: String?
    @Option(help: "Cores to train on.") var threads: String?
    @Option(help: ArgumentHelp("Megabytes of memory that a run may take.", valueName: "megabytes"))
    var memoryLimitMB: String?
    @Option(help: ArgumentHelp("Where to answer /healthz, /readyz, /metrics.", valueName: "host:port"))
    var http: String?
    @Option(help: ArgumentHelp("Folder of job files to apply now and on SIGHUP.", valueName: "folder"))
    var jobs: String?
    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let (options, flags) = (options, flags)
        let settings = try LiveSettings { try options.settings(flags) }
        let current = settings.current
        let logger = ServiceLog.logger(settings)
        let address = try current.http.map { text in
            guard let address = StatusServer.Address(text) else {
                throw Failure(.configuration, "http is '\(text)'; it must be host:port, such as 127.0.0.1:9790.")
            }
            return address
        }
        // Attempts have connections of their own, so that ticks and heartbeats wait for none of them; and what these do
        // takes no time, unless somebody holds them up.
        let workspace = try await Workspace.open(
            current, connections: current.concurrency + 3, statementTimeout: .seconds(10))
        let database = workspace.database
        let user = try await DatabaseInspection(database: database).user()
        guard user.serves else {
            throw Failure(
                .configuration,
                "User \(user.name) may look at runs and not work on them: GRANT suyo_service TO \(user.name).")
        }
        // Before anybody may send one: a SIGHUP that nobody waits for ends a process.
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        try await Reloading.applyJobs(current, database, logger)
        let runner = JobRunner(workspace, isolating: settings)
        let troubles = TroubleMemory()
        let (metrics, health, manager) = (DaemonMetrics(database), ControlHealth(), ServiceManager())
        let daemon = Daemon(
            store: runner.store, worker: runner.worker, identity: runner.identity, concurrency: current.concurrency,
            grace: .seconds(current.graceSeconds), hints: PostgresRunHints(database: database), health: health
        ) { event in
            metrics.record(event)
            if event == .stopping { manager.stopping(status: metrics.status) }
            if case .trouble(let reason) = event, !troubles.isNews(reason) { return }
            ServiceLog.write(event, to: logger)
        }
        logger.notice(
            "serving",
            metadata: [
                "database": "\(workspace.privateDatabase.map { "private, in \($0.home)" } ?? "\(workspace.target)")",
                "worker": "\(runner.identity.workerID)", "version": "\(runner.identity.codeVersion)",
            ])
        var services: [any Service] = [
            Watchdog(manager: manager, isWell: { ServeHealth.turns(health) }, status: { metrics.status }),
            ClockWatch(database: database, metrics: metrics, logger: logger),
            Reloading(
                settings: settings, database: database, manager: manager, metrics: metrics, logger: logger,
                signals: hangUps),
        ]
        if let address {
            services.append(
                StatusServer(
                    address: address, health: { ServeHealth.complaint(health) },
                    readiness: { await ServeHealth.unreadiness(database) }, metrics: { await metrics.text() },
                    logger: logger))
        }
        // What begins and ends is told by the services themselves.
        var quiet = logger
        quiet.logLevel = .error
        // Stopped from the last to the first: the daemon first, and the watchdog watches until the end.
        try await ServiceGroup(
            services: services + [daemon], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet
        ).run()
        await database.close()
        logger.notice("stopped")
    }

    private var flags: [SettingName: String?] {
        [
            .logLevel: logLevel, .logFormat: logFormat, .concurrency: concurrency, .graceSeconds: graceSeconds,
            .threads: threads, .memoryLimit: memoryLimitMB, .http: http, .jobs: jobs,
        ]
    }
}
