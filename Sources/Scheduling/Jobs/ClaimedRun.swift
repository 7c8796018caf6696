/// One attempt at a run that this worker has claimed.
public struct ClaimedRun: Sendable, Hashable, Codable {
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
    /// After which failures it is tried again, and when.
    public var retry: RetryPolicy
    /// Seconds after which the attempt is ended; `nil` means never.
    public var timeoutSeconds: Double?
    /// Seconds from when it was due to its first attempt; `nil` for the attempts after that.
    public var secondsLate: Double?

    /// A claimed run.
    public init(
        runID: Int64, fence: Int64, jobName: String, kind: String, spec: String, attempt: Int, maxAttempts: Int,
        retry: RetryPolicy = RetryPolicy(), timeoutSeconds: Double?, secondsLate: Double? = nil
    ) {
        self.runID = runID
        self.fence = fence
        self.jobName = jobName
        self.kind = kind
        self.spec = spec
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.retry = retry
        self.timeoutSeconds = timeoutSeconds
        self.secondsLate = secondsLate
    }

    /// Whether there is another attempt after one that ended so.
    public func isTriedAgain(after end: AttemptEnd) -> Bool {
        guard case .failed(let failure, _) = end else { return false }
        return retry.retries(failure, attempt: attempt, maxAttempts: maxAttempts)
    }
}

/// How an attempt ended.
public enum AttemptEnd: Sendable, Hashable {
    /// Done; the result is JSON.
    case completed(result: String)
    /// Failed; the run's ``ClaimedRun/retry`` says whether a failure of that class is tried again.
    case failed(FailureClass, error: String)
    /// Handed back because the worker stops; the attempt does not count.
    case interrupted
    /// Ended because a person, or a later tick, asked for it.
    case cancelled
    /// Ended without a trace, because the lease was lost: the run is another attempt's by now.
    case lost
}
