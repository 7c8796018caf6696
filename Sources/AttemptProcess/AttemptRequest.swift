public import Scheduling

/// What an attempt in a process of its own is told: one line of JSON on its standard input.
///
/// Not arguments or variables, which others on the machine can read: the connection string may hold a password.
public struct AttemptRequest: Sendable, Hashable, Codable {
    /// The run, and the fence that its writes must carry.
    public var run: ClaimedRun
    /// The database, as a connection string; empty for what the `PG*` variables say.
    public var database: String
    /// Cores to train on; `nil` for all.
    public var threads: Int?
    /// Version of the code, for the lineage of what it makes.
    public var codeVersion: String
    /// Megabytes of memory it may take; `nil` for as much as there is.
    public var memoryLimit: Int?

    /// A request.
    public init(run: ClaimedRun, database: String, threads: Int?, codeVersion: String, memoryLimit: Int?) {
        self.run = run
        self.database = database
        self.threads = threads
        self.codeVersion = codeVersion
        self.memoryLimit = memoryLimit
    }
}

/// What an attempt in a process of its own reports: lines of JSON on its standard output.
enum AttemptMessage: Sendable, Hashable, Codable {
    /// How far it is, from 0 to 1, and what it does.
    case progress(fraction: Double, message: String)
    /// It is done; the result is JSON.
    case completed(result: String, notes: [String])
    /// It failed.
    case failed(FailureClass, error: String)
}
