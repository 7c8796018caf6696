import Foundation
import JobHandlers
import PostgresClient
import Scheduling
import Store
import Terminal

/// The parts that run jobs, wired to one database.
struct JobRunner {
    let store: PostgresJobStore
    let worker: Worker
    /// What tells this process from every other one.
    let name = UUID().uuidString.lowercased()

    init(_ workspace: Workspace) {
        let codeVersion = CodeVersion.exact()
        let demand = DemandStore(database: workspace.database)
        let registry = ForecastStore(database: workspace.database)
        store = PostgresJobStore(database: workspace.database)
        worker = Worker(
            store: store,
            handlers: [false, true].map { onlyWhereDataIsNew in
                RetrainHandler(
                    onlyWhereDataIsNew: onlyWhereDataIsNew, reader: demand, registry: registry,
                    codeVersion: codeVersion, isTransient: { ($0 as? PostgresError)?.isTransient ?? false })
            })
    }

    /// Works on one run in this process, with a bar on the terminal; `nil` where another worker has it already.
    func work(onRun runID: Int64, title: String) async throws -> AttemptEnd? {
        guard let run = try await store.claim(kinds: worker.kinds, runID: runID, worker: name) else { return nil }
        let bar = ProgressBar(title)
        defer { bar.finish() }
        return try await worker.work(on: run) { fraction, message in bar.update(fraction, message) }
    }
}
