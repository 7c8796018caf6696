internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `prune`: what is older than a job's spec says is deleted.
public struct PruneHandler: RunHandler {
    /// The kind.
    public let kind = "prune"
    private let prune:
        @Sendable (PruneSpecification, _ progress: @escaping @Sendable (Double, String) -> Void) async throws
            -> PruneOutcome
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler that deletes by `prune`; `classify` says what kind of failure an error of its is.
    public init(
        prune:
            @escaping @Sendable (PruneSpecification, _ progress: @escaping @Sendable (Double, String) -> Void)
            async throws -> PruneOutcome,
        classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        self.prune = prune
        self.classify = classify
    }

    /// Deletes; the result is how much.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let outcome = try await prune(try PruneSpecification(json: run.spec), progress)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (String(decoding: try encoder.encode(outcome), as: UTF8.self), outcome.notes)
    }

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
