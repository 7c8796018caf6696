import Forecasting
import Foundation
import Intake
import JobHandlers
import Pipeline
import PostgresClient
import Scheduling
import Settings
import Store
import TabularText
import Terminal
import UnixSignals
import Webhook

/// The parts that run jobs, wired to one database.
struct JobRunner {
    let store: PostgresJobStore
    private let catalog: JobCatalog
    let worker: Worker
    /// What tells this process from every other one.
    let identity: WorkerIdentity

    /// Runs are worked on in this process; where it is `isolating`, each in one of its own, by the settings of then.
    init(_ workspace: Workspace, isolating settings: LiveSettings? = nil) {
        let codeVersion = CodeVersion.exact()
        let store = PostgresJobStore(database: workspace.database)
        let handlers = JobRunner.handlers(
            workspace.database, threads: workspace.settings.threads, codeVersion: codeVersion)
        self.store = store
        catalog = JobCatalog(database: workspace.database)
        worker = Worker(
            store: store,
            handlers: settings.map { settings in
                handlers.map { Attempts.handler(of: $0.kind, workspace, settings, codeVersion, store) }
            } ?? handlers)
        identity = WorkerIdentity(
            workerID: UUID().uuidString.lowercased(), host: ProcessInfo.processInfo.hostName,
            processID: Int(ProcessInfo.processInfo.processIdentifier), codeVersion: codeVersion,
            processor: ForecastEngine.processor, kinds: worker.kinds)
    }

    /// What works on runs, one for each kind.
    static func handlers(_ database: Database, threads: Int?, codeVersion: String) -> [any RunHandler] {
        let demand = DemandStore(database: database)
        let registry = ForecastStore(database: database)
        let classify: @Sendable (any Error) -> FailureClass = {
            ($0 as? PostgresError)?.isTransient == true ? .database : .internal
        }
        let shards = ShardStore(database: database)
        let check = DriftCheck(
            reader: demand, forecasts: registry, registry: DriftStore(database: database), threads: threads)
        let retrains = [false, true].map { onlyWhereDataIsNew in
            RetrainHandler(
                onlyWhereDataIsNew: onlyWhereDataIsNew, reader: demand, registry: registry, exchange: shards,
                scoring: AccuracyStore(database: database), codeVersion: codeVersion, threads: threads,
                classify: classify)
        }
        let webhook = WebhookHandler { url, body in try await WebhookSender().post(body, to: url) }
        return retrains + [
            DriftHandler(check: check, classify: classify),
            ShardHandler(source: shards, codeVersion: codeVersion, threads: threads, classify: classify), webhook,
            importer(database, classify),
            pruner(database, classify), exporter(database, classify),
        ]
    }

    /// Reads a company's own tables.
    private static func importer(
        _ database: Database, _ classify: @escaping @Sendable (any Error) -> FailureClass
    ) -> some RunHandler {
        WorkHandler(
            kind: "import",
            work: { spec, progress in
                let store = SourceStore(database: database, environment: ProcessInfo.processInfo.environment)
                return ["queries": try await store.read(SourceDefinition(yaml: spec, file: "spec"), progress: progress)]
            }, notes: { $0.values.flatMap { $0.map(SourceSummary.sentence) } },
            classify: { ($0 as? SourceError)?.failureClass ?? classify($0) })
    }

    /// Deletes what is older than a spec says.
    private static func pruner(
        _ database: Database, _ classify: @escaping @Sendable (any Error) -> FailureClass
    ) -> some RunHandler {
        WorkHandler(
            kind: "prune",
            work: { try await HistoryStore(database: database).prune(PruneSpecification(json: $0), progress: $1) },
            notes: \.notes, classify: classify)
    }

    /// Writes what is current to a folder.
    private static func exporter(
        _ database: Database, _ classify: @escaping @Sendable (any Error) -> FailureClass
    ) -> some RunHandler {
        WorkHandler(
            kind: "export",
            work: { spec, _ in
                let wanted = try ExportSpecification(json: spec)
                let files = ForecastExportFolder(wanted.folder, wanted.format)
                try await files.write(
                    ForecastExport(database: database),
                    ForecastExport.Scope(portfolio: wanted.portfolio, site: wanted.site))
                return ["files": files.written]
            },
            notes: {
                $0.values.flatMap {
                    $0.isEmpty ? ["Nothing is current, so there is no file."] : $0.map { "Wrote \($0)." }
                }
            }, classify: { $0 is TabularError ? .configuration : classify($0) })
    }

    /// Sees one run through to its end, with a bar on the terminal, and returns how it stands then.
    ///
    /// Works on it in this process, unless another worker has it already: then it is watched. While another run of the
    /// same job goes on, it waits; a run whose worker died is taken back on the way. Ctrl-C cancels the run.
    func seeThrough(_ runID: Int64, title: String) async throws -> RunStanding {
        try await store.register(identity)
        let bar = ProgressBar(title)
        defer { bar.finish() }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: RunStanding?.self) { group in
            group.addTask { try await follow(runID, bar) }
            group.addTask {
                for await _ in signals {
                    _ = try await catalog.cancel(run: runID)
                    return nil
                }
                return nil
            }
            defer { group.cancelAll() }
            while let standing = try await group.next() {
                if let standing { return standing }
            }
            throw CancellationError()
        }
    }

    private func follow(_ runID: Int64, _ bar: ProgressBar) async throws -> RunStanding {
        while true {
            _ = try await store.rescue()
            if let run = try await store.claim(kinds: worker.kinds, runID: runID, worker: identity.workerID) {
                _ = try await worker.work(on: run) { fraction, message in bar.update(fraction, message) }
            }
            guard let standing = try await catalog.standing(ofRun: runID) else {
                preconditionFailure("a run that was enqueued is never deleted")
            }
            if standing.isOver { return standing }
            if let other = standing.waitsFor {
                bar.update(nil, "waiting for run \(other) of the same job")
            } else if standing.isHeldBack, standing.state != "running" {
                bar.update(nil, "waiting: as many runs go on as suyo jobs limit allows")
            } else {
                bar.update(standing.percent.map { $0 / 100 }, standing.message ?? standing.error ?? standing.state)
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
