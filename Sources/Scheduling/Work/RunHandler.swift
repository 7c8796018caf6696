/// What one kind of job does.
public protocol RunHandler: Sendable {
    /// The kind.
    var kind: String { get }
    /// Works on a run and returns its result as JSON; `progress` takes a share from 0 to 1 and what is being done.
    ///
    /// Its writes must match the run's fence. It stops, with any error, once its task is cancelled.
    func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String])
    /// What kind of failure an error of ``run(_:progress:)`` is, by which it is decided whether to try again.
    func failureClass(of error: any Error) -> FailureClass
}
