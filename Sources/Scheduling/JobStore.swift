/// One attempt at a run that this worker has claimed.
public struct ClaimedRun: Sendable, Hashable {
    /// The run.
    public var runID: Int64
    /// The fence of this attempt; raised by every claim.
    public var fence: Int64
    /// Name of the job.
    public var jobName: String
    /// What it does.
    public var kind: String
    /// What the kind is told, as JSON.
    public var spec: String
    /// Which attempt this is, from 1.
    public var attempt: Int
    /// Attempts before the run has failed.
    public var maxAttempts: Int
    /// Seconds after which the attempt is ended; `nil` means never.
    public var timeoutSeconds: Double?

    /// A claimed run.
    public init(
        runID: Int64, fence: Int64, jobName: String, kind: String, spec: String, attempt: Int, maxAttempts: Int,
        timeoutSeconds: Double?
    ) {
        self.runID = runID
        self.fence = fence
        self.jobName = jobName
        self.kind = kind
        self.spec = spec
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.timeoutSeconds = timeoutSeconds
    }
}

/// How an attempt ended.
public enum AttemptEnd: Sendable, Hashable {
    /// Done; the result is JSON.
    case completed(result: String)
    /// Failed; `isWorthARetry` where another attempt may do better.
    case failed(error: String, isWorthARetry: Bool)
    /// Handed back because the worker stops; the attempt does not count.
    case interrupted
}

/// Where jobs, ticks and runs are kept.
public protocol JobStore: Sendable {
    /// Fires every tick that is due by the database's clock, each exactly once, and returns how many runs it enqueued.
    func fireTicks() async throws -> Int
    /// Takes back the runs of workers that died, and returns how many.
    func rescue() async throws -> Int
    /// Claims the next run of one of `kinds`, or the run named; `nil` where there is none.
    func claim(kinds: [String], runID: Int64?, worker: String) async throws -> ClaimedRun?
    /// Says that an attempt is alive and how far it is; `false` where it has lost its lease or was asked to stop.
    func heartbeat(_ run: ClaimedRun, percent: Double?, message: String?) async throws -> Bool
    /// Records how an attempt ended; `false` where it had lost its lease.
    func finish(_ run: ClaimedRun, _ end: AttemptEnd) async throws -> Bool
    /// Adds a line to the run's log.
    func log(_ run: ClaimedRun, level: String, message: String) async throws
}
