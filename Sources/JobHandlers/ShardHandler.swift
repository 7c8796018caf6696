public import Pipeline
public import Scheduling

/// Runs of kind `shard`: part of a retrain that another worker publishes.
public struct ShardHandler: RunHandler {
    /// The kind.
    public let kind = "shard"
    private let source: any ShardSource
    private let engine: EngineIdentity
    private let threads: Int?
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler over a port; `classify` says what kind of failure an error of its is, `threads` nil takes every core.
    public init(
        source: any ShardSource, codeVersion: String, threads: Int? = nil,
        classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        self.source = source
        engine = .here(codeVersion)
        self.threads = threads
        self.classify = classify
    }

    /// Trains the shard and hands over what came of it; the result is how many series that were.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let permit = WritePermit(runID: run.runID, fence: run.fence)
        guard let shard = try await source.shard(of: permit) else {
            return ("{\"series\":0}", ["Nobody waits for it any more."])
        }
        guard shard.engine == engine else { throw PipelineError.otherEngine(shard.engine, here: engine) }
        let count = shard.count
        let outcome = try await shard.train(threads: threads) { done in
            progress(Double(done) / Double(max(count, 1)), "trained \(done) of \(count) series of a shard")
        }
        try await source.deliver(outcome, under: permit)
        return ("{\"series\":\(count)}", [])
    }

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
