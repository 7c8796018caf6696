internal import Intake
internal import Pipeline
public import Scheduling

/// Runs of kind `import`: a company's own tables are read, and what is new, corrected or gone is taken in.
public struct ImportHandler: RunHandler {
    /// The kind.
    public let kind = "import"
    private let read:
        @Sendable (_ spec: String, _ progress: @escaping @Sendable (Double, String) -> Void) async throws
            -> (result: String, notes: [String])
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler that reads by `read`; `classify` says what kind of failure an error of its is.
    public init(
        read:
            @escaping @Sendable (_ spec: String, _ progress: @escaping @Sendable (Double, String) -> Void) async throws
            -> (result: String, notes: [String]),
        classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        self.read = read
        self.classify = classify
    }

    /// Reads the source that the spec is.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        try await read(run.spec, progress)
    }

    /// What kind of failure an error is: one of the definition stays as it is until somebody changes it.
    public func failureClass(of error: any Error) -> FailureClass {
        error is IntakeError ? .configuration : classify(error)
    }
}
