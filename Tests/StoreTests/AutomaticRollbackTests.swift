import Monitoring
import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing

/// A version that turns out worse than the one before it gives way by itself.
@Suite struct AutomaticRollbackTests {
    /// Version 1 forecasts from 1 March on, versions 2, 3 and 4 from 2, 3 and 4 March on; each was champion in its turn. Three
    /// buckets have closed, with 60 points of each version and an actual sum of 100 on each: version 1 was off by `first` on
    /// each, the others by `later`.
    private func with(
        first: Double, later: Double, _ body: (TestDatabase, Connection, AccuracyStore) async throws -> Void
    ) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for version in 1...4 {
                try await PublishedSeries(
                    item: "apple", site: "ICN", firstBucket: "2026-03-0\(version)",
                    mean: [Double](repeating: Double(version), count: 14)
                ).insert(into: connection)
                _ = try await connection.query(
                    "SELECT suyo.set_champion('nightly', \(version)::bigint, 'promote', 'retrained')")
            }
            try await close(["2026-03-02", "2026-03-03", "2026-03-04"], versions: 1...1, error: first, connection)
            try await close(["2026-03-02", "2026-03-03", "2026-03-04"], versions: 2...2, error: later, connection)
            try await close(["2026-03-03", "2026-03-04"], versions: 3...3, error: later, connection)
            try await close(["2026-03-04"], versions: 4...4, error: later, connection)
            try await body(test, connection, AccuracyStore(database: test.database))
        }
    }

    private func close(
        _ buckets: [String], versions: ClosedRange<Int>, error: Double, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO suyo.matured_sum (portfolio, bucket_start, version_id, demand_class, lag, stage, points,
                absolute_actual, absolute_error, signed_error, scaled_points, scaled_error, squared_scaled_error)
            SELECT 'nightly', bucket::timestamp, version, 'smooth', bucket::date - date '2026-03-01' - version + 2, 'model',
                60, 100, \(error), 0, 60, 0, 0
            FROM pg_catalog.unnest(\(buckets)) AS bucket,
                pg_catalog.generate_series(\(versions.lowerBound), \(versions.upperBound)) AS version
            """)
    }

    private func rules(buckets: Int = 3, tolerance: Double = 0.1) -> RollbackRules {
        var rules = RollbackRules()
        rules.buckets = buckets
        rules.tolerance = tolerance
        return rules
    }

    private func champion(_ connection: Connection) async throws -> Int64 {
        try await connection.query("SELECT version_id FROM suyo.champion")[0].decode(0, as: Int64.self)
    }

    @Test func whatIsWorseThanTheVersionBeforeGivesWay() async throws {
        try await with(first: 20, later: 30) { _, connection, store in
            let why = try await store.rollBackIfWorse(portfolio: "nightly", rules: rules())
            #expect(
                why
                    == "Rolled back from version 4 to 1: over the last 3 closed buckets what was published since has WAPE 30.0 %, version 1 on the same 20.0 %; 10.0 % more is tolerated."
            )
            #expect(try await champion(connection) == 1)
            // Its own forecasts are current, in a publication of its own that says how old they are; the log and the outbox tell.
            let row = try await connection.query("SELECT DISTINCT version_id, mean FROM forecast.current")
            #expect(try row.map { try $0.decode("version_id", as: Int64.self) } == [1])
            #expect(try row.map { try $0.decode("mean", as: Double.self) } == [1])
            let last = try await connection.query(
                "SELECT action, reason FROM suyo.promotion_log ORDER BY promotion_id DESC LIMIT 1")[0]
            #expect(try last.decode("action", as: String.self) == "rollback")
            #expect(try last.decode("reason", as: String.self) == why)
            #expect(
                try await connection.query(
                    "SELECT FROM forecast.outbox WHERE payload ->> 'action' = 'rollback' AND payload ->> 'reason' = \(why)"
                )
                .count == 1)
            // The same buckets are no reason to go back once more.
            _ = try await connection.query("SELECT suyo.set_champion('nightly', 4, 'promote', 'retrained')")
            #expect(try await store.rollBackIfWorse(portfolio: "nightly", rules: rules()) == nil)
        }
    }

    @Test(arguments: [(20.0, 21.9), (20, 20), (20, 10)]) func whatIsAsGoodStays(first: Double, later: Double)
        async throws
    {
        try await with(first: first, later: later) { _, connection, store in
            let why = try await store.rollBackIfWorse(portfolio: "nightly", rules: rules())
            #expect(why == nil)
            #expect(try await champion(connection) == 4)
        }
    }

    @Test func tooFewBucketsTooFewPointsAndNoVersionBeforeAreNoReason() async throws {
        try await with(first: 20, later: 90) { _, connection, store in
            var off = rules()
            off.isOff = true
            #expect(try await store.rollBackIfWorse(portfolio: "nightly", rules: off) == nil)
            #expect(try await store.rollBackIfWorse(portfolio: "nightly", rules: rules(buckets: 4)) == nil)
            #expect(try await store.rollBackIfWorse(portfolio: "nightly", rules: rules(tolerance: 4)) == nil)
            #expect(try await store.rollBackIfWorse(portfolio: "elsewhere", rules: rules()) == nil)
            try await connection.execute("UPDATE suyo.matured_sum SET points = 30")
            #expect(try await store.rollBackIfWorse(portfolio: "nightly", rules: rules()) == nil)
            #expect(try await champion(connection) == 4)
        }
    }
}
