/// Why an attempt failed, as far as it matters for whether another may do better.
public enum FailureClass: String, Sendable, Codable, CaseIterable {
    /// Something that passes by itself, such as another system that did not answer.
    case transient
    /// The database, or the way to it, failed in a manner that passes.
    case database
    /// The attempt's process, or the worker with it, ended without saying why.
    case crash
    /// The attempt took longer than `timeout_seconds`.
    case timeout
    /// The attempt needed more memory than it may have.
    case memory
    /// What was read cannot be worked on, such as a portfolio without demand.
    case data
    /// The job's spec, or what this program was told, is wrong.
    case configuration
    /// What nobody foresaw: most likely a mistake in this program.
    case `internal`

    /// Whether a job may ask for another attempt: the same data and the same spec come to the same end.
    public var mayBeRetried: Bool { self != .data && self != .configuration }
}
