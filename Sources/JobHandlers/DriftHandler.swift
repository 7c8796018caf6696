internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `drift`: a portfolio's new buckets are checked, and an incident is opened, followed or resolved.
public struct DriftHandler: RunHandler {
    /// The kind.
    public let kind = "drift"
    private let check: DriftCheck
    private let isTransient: @Sendable (any Error) -> Bool

    /// A handler of a check; `isTransient` says which errors of its ports pass by themselves.
    public init(check: DriftCheck, isTransient: @escaping @Sendable (any Error) -> Bool) {
        self.check = check
        self.isTransient = isTransient
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

    /// Whether another attempt may do better: not after an error in the data or the spec.
    public func isWorthARetry(_ error: any Error) -> Bool {
        error is PipelineError ? false : isTransient(error)
    }
}
