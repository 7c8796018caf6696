/// Says that there may be work, before a worker would look by itself.
///
/// Only a hint: it may come late, twice, for nothing or not at all, as through a pooler that passes no notifications on.
public protocol RunHints: Sendable {
    /// Calls `hint` whenever a run was enqueued, until the task is cancelled or a graceful shutdown begins.
    ///
    /// Calls `established` once it has proved, by a notification of its own, that hints arrive. Throws where they do
    /// not, or no longer; to be called again later.
    func listen(established: @Sendable () -> Void, hint: @Sendable () -> Void) async throws
}
