/// Hands shards of a retrain to whichever worker has time, on whichever host, and takes back what came of them.
public protocol ShardExchange: Sendable {
    /// How many workers on other hosts could train a shard now and would get the same; 0 while any of them would not,
    /// since a shard is offered to all.
    func helpers(of permit: WritePermit, as engine: EngineIdentity) async throws -> Int
    /// Offers a shard; returns the number of the run that trains it, which is of kind `shard`.
    ///
    /// Throws ``PipelineError/staleAttempt`` where the permit's fence is no longer the run's.
    func offer(_ shard: TrainingShard, under permit: WritePermit) async throws -> Int64
    /// How shards stand that were offered; one that is not known any more is free.
    func states(of runs: [Int64]) async throws -> [Int64: ShardState]
    /// Takes a shard back that nobody is at; `false` where somebody is, or has done it.
    func withdraw(_ run: Int64) async throws -> Bool
    /// What came of a shard that is trained, and forgets it.
    func take(_ run: Int64) async throws -> ShardOutcome
}

/// How a shard stands that was offered.
public enum ShardState: Sendable, Hashable {
    /// Nobody is at it: nobody yet, or nobody any more.
    case free
    /// A worker is at it.
    case underWay
    /// What came of it is there.
    case trained
}

/// The other side of ``ShardExchange``: who trains shards for others.
public protocol ShardSource: Sendable {
    /// The shard that a run of kind `shard` is about; `nil` where nobody waits for it any more.
    func shard(of permit: WritePermit) async throws -> TrainingShard?
    /// Hands over what came of it.
    ///
    /// Throws ``PipelineError/staleAttempt`` where the permit's fence is no longer the run's.
    func deliver(_ outcome: ShardOutcome, under permit: WritePermit) async throws
}
