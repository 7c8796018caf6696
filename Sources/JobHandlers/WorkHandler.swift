internal import Foundation
internal import Intake
internal import Pipeline
public import Scheduling

/// Runs of a kind that is one piece of work: what it came to is the run's result, as JSON.
public struct WorkHandler<Outcome: Encodable & Sendable>: RunHandler {
    /// Does the work that a job's spec asks for.
    public typealias Work =
        @Sendable (_ spec: String, _ progress: @escaping @Sendable (Double, String) -> Void) async throws -> Outcome

    /// The kind.
    public let kind: String
    private let work: Work
    private let notes: @Sendable (Outcome) -> [String]
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler of a kind that works by `work`; `notes` puts into words what it came to, and `classify` says what kind
    /// of failure an error of its is.
    public init(
        kind: String, work: @escaping Work, notes: @escaping @Sendable (Outcome) -> [String],
        classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        self.kind = kind
        self.work = work
        self.notes = notes
        self.classify = classify
    }

    /// Does the work.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let outcome = try await work(run.spec, progress)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (String(decoding: try encoder.encode(outcome), as: UTF8.self), notes(outcome))
    }

    /// What kind of failure an error is: one of the definition stays as it is until somebody changes it.
    public func failureClass(of error: any Error) -> FailureClass {
        error is IntakeError ? .configuration : (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
