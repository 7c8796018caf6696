/// Why the private PostgreSQL cannot be had.
public struct PrivateDatabaseError: Error, Sendable, CustomStringConvertible {
    /// One sentence: what, where, what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
