internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `drift`: a portfolio's new buckets are checked, and an incident is opened, followed or resolved.
public struct DriftHandler: RunHandler {
    /// The kind.
    public let kind = "drift"
    private let check: DriftCheck
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler of a check; `classify` says what kind of failure an error of its ports is.
    public init(check: DriftCheck, classify: @escaping @Sendable (any Error) -> FailureClass) {
        self.check = check
        self.classify = classify
    }

    /// Checks; the result is what became of it.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let outcome = try await check.run(
            try DriftSpecification(json: run.spec), permit: WritePermit(runID: run.runID, fence: run.fence),
            progress: progress)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (String(decoding: try encoder.encode(outcome), as: UTF8.self), outcome.notes)
    }

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
