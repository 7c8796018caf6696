/// Whether an attempt still holds its run.
public enum LeaseState: Sendable, Hashable {
    /// It does.
    case held
    /// It does, and somebody asked it to stop.
    case cancelRequested
    /// It does not: it stopped showing signs of life, and the run was taken back.
    case lost
}

/// Where jobs, ticks and runs are kept.
///
/// The protocol between attempts: a claim raises the run's fence and takes a lease of ``Lease/seconds``; heartbeats
/// renew it. Whoever finds a lease that ran out takes the run back and raises the fence once more, so that nothing the
/// old attempt writes from then on matches. An attempt that cannot renew its lease stops by itself before that.
public protocol JobStore: Sendable {
    /// Says that a process works on runs, or still does; to be repeated every few seconds.
    func register(_ worker: WorkerIdentity) async throws
    /// Fires the ticks that are due by the database's clock, each exactly once, and returns how many runs it enqueued.
    ///
    /// Where it leaves some for the next call, ``secondsToNextTick()`` is not positive.
    func fireTicks() async throws -> Int
    /// Seconds from now to the next tick, by the database's clock; `nil` where none is known.
    func secondsToNextTick() async throws -> Double?
    /// Takes back the runs of workers that died, and returns how many.
    func rescue() async throws -> Int
    /// Claims the next run of one of `kinds`, or the run named; `nil` where there is none that may start now.
    ///
    /// `worker` is its UUID.
    func claim(kinds: [String], runID: Int64?, worker: String) async throws -> ClaimedRun?
    /// Says that an attempt is alive and how far it is, from 0 to 100.
    func heartbeat(_ run: ClaimedRun, percent: Double?, message: String?) async throws -> LeaseState
    /// Records how an attempt ended and what it had to say; `false` where it had lost its lease.
    ///
    /// May be repeated where the answer to an earlier call was lost: it is recorded once, and each says `true`.
    func finish(_ run: ClaimedRun, _ end: AttemptEnd, notes: [String]) async throws -> Bool
    /// Adds a line to the run's log: `debug`, `info`, `warning` or `error`.
    func log(_ run: ClaimedRun, level: String, message: String) async throws
}
