public import Pipeline
internal import PostgresClient

/// Deletes what is old, in transactions so small that nobody waits for them.
///
/// Each of them may be repeated, and none needs the others: an attempt that is cut off leaves the rest to the next.
public struct HistoryStore: Sendable {
    private let database: Database

    /// The history of one database.
    public init(database: Database) { self.database = database }

    /// Rows deleted in one transaction.
    private static let batch = 5000

    /// Deletes what is older than a specification keeps.
    public func prune(
        _ keep: PruneSpecification, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> PruneOutcome {
        var outcome = PruneOutcome()
        _ = try await count("SELECT suyo.make_history_partitions()")
        progress(0.05, "dropping old logs and ticks")
        outcome.deleted["lines of log"] = try await count(
            "SELECT suyo.drop_history('run_log', \(unescaped: HistoryStore.days(keep.logsDays)))")
        outcome.deleted["ticks"] = try await count(
            "SELECT suyo.drop_history('tick', \(unescaped: HistoryStore.days(keep.runsDays)))")
        outcome.deleted["runs"] = try await inBatches(
            "SELECT suyo.delete_runs(\(unescaped: HistoryStore.days(keep.runsDays)), \(HistoryStore.batch)::integer)")
        outcome.deleted["deadlines"] = try await count(
            "SELECT suyo.delete_deadlines(\(unescaped: HistoryStore.days(keep.runsDays)))")
        outcome.deleted["shards"] = try await count("SELECT suyo.delete_shards()")
        progress(0.3, "deleting old versions")
        outcome.deleted["versions"] = try await count(
            "SELECT pg_catalog.count(*) FROM suyo.prune(NULL, \(Int64(keep.versions))::integer)")
        outcome.deleted["sets of events"] = try await count("SELECT suyo.delete_knowledge()")
        progress(0.6, "deleting old scores")
        outcome.deleted["scores"] = try await inBatches(
            """
            SELECT suyo.delete_matured((\(unescaped: HistoryStore.days(keep.accuracyDays))) AT TIME ZONE 'UTC',
                \(HistoryStore.batch)::integer)
            """)
        outcome.deleted["events"] = try await count(
            "SELECT suyo.delete_events(\(unescaped: HistoryStore.days(keep.eventsDays)))")
        outcome.deleted["workers"] = try await count(
            "SELECT suyo.delete_workers(\(unescaped: HistoryStore.days(keep.logsDays)))")
        progress(1, "done")
        return outcome
    }

    /// So many days ago, by the database's clock.
    private static func days(_ number: Int) -> String {
        "pg_catalog.now() - pg_catalog.make_interval(days => \(number))"
    }

    private func count(_ query: Query) async throws -> Int {
        try await database.transaction { connection in
            try await connection.query(query)[0].decode(0, as: Int.self)
        }
    }

    /// Repeats what deletes so many at most until there are no more.
    private func inBatches(_ query: Query) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let deleted = try await count(query)
            total += deleted
            if deleted < HistoryStore.batch { return total }
        }
    }
}
