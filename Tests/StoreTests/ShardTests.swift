import Foundation
import Forecasting
import JobHandlers
import Pipeline
import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing
import TimeSeries

/// Retrains that share their work.
@Suite struct ShardTests {
    /// Another worker, that sees to each shard the moment it is offered.
    private struct Exchange: ShardExchange {
        let store: ShardStore
        let offered: @Sendable (Int64) async throws -> Void

        func helpers(of permit: WritePermit, as engine: EngineIdentity) async throws -> Int {
            try await store.helpers(of: permit, as: engine)
        }
        func offer(_ shard: TrainingShard, under permit: WritePermit) async throws -> Int64 {
            let run = try await store.offer(shard, under: permit)
            try await offered(run)
            return run
        }
        func states(of runs: [Int64]) async throws -> [Int64: ShardState] { try await store.states(of: runs) }
        func withdraw(_ run: Int64) async throws -> Bool { try await store.withdraw(run) }
        func take(_ run: Int64) async throws -> ShardOutcome { try await store.take(run) }
    }

    private struct Fixture {
        let test: TestDatabase
        let connection: Connection
        var shards: ShardStore { ShardStore(database: test.database) }
        var jobs: PostgresJobStore { PostgresJobStore(database: test.database) }
        let workerID = UUID().uuidString.lowercased()

        /// Nine series, one of them out of stock now and then, and a worker that could train shards.
        static func with(_ body: (Fixture) async throws -> Void) async throws {
            try await TestDatabase.with { test in
                let fixture = Fixture(test: test, connection: try await test.connect())
                try await SampleOrders.insert(into: fixture.connection)
                try await fixture.connection.execute(
                    """
                    INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                    SELECT 'more', pg_catalog.concat(n, '-', order_id), line_no, item_id || n, site_id, ordered_at,
                        quantity * n + line_no
                    FROM demand.order_line, pg_catalog.generate_series(2, 3) AS n
                    """)
                try await fixture.connection.execute(
                    """
                    INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
                    SELECT 'apple', 'ICN', timestamptz '2026-03-01 00:00+09' + n * interval '1 day',
                        CASE WHEN n % 10 = 0 THEN 0 ELSE 5 END FROM pg_catalog.generate_series(0, 60) AS n
                    """)
                try await fixture.register("test")
                try await body(fixture)
            }
        }

        func register(_ codeVersion: String, processor: String = ForecastEngine.processor) async throws {
            try await jobs.register(
                WorkerIdentity(
                    workerID: codeVersion == "test" ? workerID : UUID().uuidString.lowercased(), host: "there",
                    processID: 1, codeVersion: codeVersion, processor: processor, kinds: ["retrain", "shard"]))
        }

        func claim() async throws -> ClaimedRun? {
            try await jobs.claim(kinds: ["shard"], runID: nil, worker: workerID)
        }

        /// Works on every shard there is.
        func help(codeVersion: String = "test") async throws {
            let handler = ShardHandler(
                source: shards, codeVersion: codeVersion, threads: 1, classify: { _ in .internal })
            let worker = Worker(store: jobs, handlers: [handler])
            while let run = try await claim() { _ = try await worker.work(on: run) }
        }

        /// Retrains in shards of three, the ones after the first offered.
        func retrain(
            _ name: String, sharing: Bool = true, offered: @escaping @Sendable (Int64) async throws -> Void = { _ in }
        ) async throws -> Retraining.Outcome {
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                exchange: sharing ? Exchange(store: shards, offered: offered) : nil, codeVersion: "test", threads: 2,
                shardSize: 3, sharesFrom: .zero)
            var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            specification.origins = 2
            return try await retraining.run(
                portfolio: name, specification: specification, permit: try await claimRetrain()
            ) { _ in }
        }

        /// A retrain with a worker that is alive for the next hour.
        func claimRetrain() async throws -> WritePermit {
            let permit = try await SampleOrders.claimRun(connection)
            try await connection.execute(
                """
                UPDATE suyo.lease SET heartbeat_at = pg_catalog.now() + interval '1 hour' WHERE run_id = \(permit.runID)
                """)
            return permit
        }

        /// Everything that is stored of a version, as text.
        func everything(of version: Int64) async throws -> [String] {
            var all: [String] = []
            for table in [
                """
                SELECT pg_catalog.to_jsonb(s) - 'version_id' AS row FROM suyo.version_series AS s
                WHERE version_id = \(version)
                """,
                """
                SELECT pg_catalog.to_jsonb(f) - 'publication_id' AS row FROM forecast.series_forecast AS f
                JOIN forecast.publication AS p USING (publication_id) WHERE p.version_id = \(version)
                """,
                """
                SELECT pg_catalog.to_jsonb(f) - 'publication_id' AS row FROM forecast.total_forecast AS f
                JOIN forecast.publication AS p USING (publication_id) WHERE p.version_id = \(version)
                """,
                """
                SELECT pg_catalog.jsonb_build_object('data', data_hash, 'metrics', metrics, 'shards', shard_sizes) AS row
                FROM suyo.model_version WHERE version_id = \(version)
                """,
            ] as [Query] {
                let rows = try await connection.query(
                    table.wrapped("SELECT row::text FROM (", ") AS stored ORDER BY 1"))
                #expect(!rows.isEmpty)
                all += try rows.map { try $0.decode(0, as: String.self) }
            }
            return all
        }
    }

    private func expect(_ expected: [String], of outcome: Retraining.Outcome, _ fixture: Fixture) async throws {
        let found = try await fixture.everything(of: outcome.published.versionID)
        #expect(found.count == expected.count)
        for (one, other) in zip(found, expected) where one != other {
            let place = zip(one, other).prefix { $0 == $1 }.count
            Issue.record("…\(one.dropFirst(place - 60).prefix(160)) and …\(other.dropFirst(place - 60).prefix(160))")
        }
    }

    private func shared(_ outcome: Retraining.Outcome) -> [String] {
        outcome.notes.filter { $0.hasPrefix("Other workers") }
    }

    @Test func theSameComesOutWhoeverTrains() async throws {
        try await Fixture.with { fixture in
            let alone = try await fixture.retrain("alone", sharing: false)
            #expect(shared(alone) == [])
            let together = try await fixture.retrain("together") { _ in try await fixture.help() }
            #expect(shared(together) == ["Other workers trained 2 of 3 shards."])
            let expected = try await fixture.everything(of: alone.published.versionID)
            try await expect(expected, of: together, fixture)
            // Nothing is left but the runs.
            let left = try await fixture.connection.query(
                """
                SELECT (SELECT pg_catalog.count(*) FROM suyo.shard)::text || (
                    SELECT pg_catalog.string_agg(DISTINCT ' ' || state, '') FROM suyo.run WHERE kind = 'shard')
                """)
            #expect(try left[0].decode(0, as: String.self) == "0 completed")
            // Against the champion, the gate sees the same pairs.
            let again = try await fixture.retrain("together") { _ in try await fixture.help() }
            let aloneAgain = try await fixture.retrain("alone", sharing: false)
            #expect(again.gate == aloneAgain.gate)
            #expect(shared(again) == shared(together))
        }
    }

    @Test func whatNobodyTakesIsTrainedAtHome() async throws {
        try await Fixture.with { fixture in
            let alone = try await fixture.retrain("alone", sharing: false)
            let together = try await fixture.retrain("together")
            #expect(shared(together) == [])
            let expected = try await fixture.everything(of: alone.published.versionID)
            try await expect(expected, of: together, fixture)
            let states = try await fixture.connection.query(
                "SELECT state, pg_catalog.count(*) FROM suyo.run WHERE kind = 'shard' GROUP BY 1")
            #expect(try states.map { try $0.decode(0, as: String.self) } == ["cancelled"])
        }
    }

    @Test func aHelperThatDiesIsMadeUpFor() async throws {
        try await Fixture.with { fixture in
            let alone = try await fixture.retrain("alone", sharing: false)
            let together = try await fixture.retrain("together") { _ in
                let run = try #require(try await fixture.claim())
                #expect(try await fixture.shards.shard(of: WritePermit(runID: run.runID, fence: run.fence)) != nil)
                try await fixture.test.connect().execute(
                    "UPDATE suyo.lease SET heartbeat_at = '2020-01-01Z' WHERE run_id = \(run.runID)")
            }
            #expect(shared(together) == [])
            let expected = try await fixture.everything(of: alone.published.versionID)
            try await expect(expected, of: together, fixture)
        }
    }

    @Test func aHelperThatComesBackTooLateChangesNothing() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.retrain("together") { _ in
                let run = try #require(try await fixture.claim())
                let permit = WritePermit(runID: run.runID, fence: run.fence)
                let shard = try #require(try await fixture.shards.shard(of: permit))
                let outcome = try await shard.train(threads: 1)
                let connection = try await fixture.test.connect()
                try await connection.execute(
                    "UPDATE suyo.lease SET heartbeat_at = '2020-01-01Z' WHERE run_id = \(run.runID)")
                _ = try await fixture.jobs.rescue()
                await #expect(throws: PipelineError.self) {
                    try await fixture.shards.deliver(outcome, under: permit)
                }
            }
        }
    }

    @Test func whereTheRetrainIsOverNobodyTrains() async throws {
        try await Fixture.with { fixture in
            struct Stopped: Error {}
            await #expect(throws: Stopped.self) {
                try await fixture.retrain("together") { _ in throw Stopped() }
            }
            // Its attempt ends, and the shard that was offered is still there to be claimed.
            try await fixture.connection.execute("DELETE FROM suyo.lease")
            let run = try #require(try await fixture.claim())
            let left = try await fixture.shards.shard(of: WritePermit(runID: run.runID, fence: run.fence))
            #expect(left == nil)
            let gone = try await fixture.connection.query("SELECT suyo.delete_shards()")
            #expect(try gone[0].decode(0, as: Int.self) == 1)
        }
    }

    @Test func onlyTheSameCodeOnTheSameProcessorHelps() async throws {
        try await Fixture.with { fixture in
            let permit = try await SampleOrders.claimRun(fixture.connection)
            func helpers() async throws -> Int {
                try await fixture.shards.helpers(of: permit, as: .here("test"))
            }
            #expect(try await helpers() == 1)
            try await fixture.register("test 2", processor: "Abacus")
            #expect(try await helpers() == 0)
            // One that got hold of a shard all the same refuses it, and it is trained at home.
            try await fixture.connection.execute("DELETE FROM suyo.worker WHERE processor = 'Abacus'")
            try await fixture.connection.execute("DELETE FROM suyo.lease")
            let outcome = try await fixture.retrain("together") { _ in try await fixture.help(codeVersion: "old") }
            #expect(shared(outcome) == [])
            let failures = try await fixture.connection.query(
                "SELECT DISTINCT failure FROM suyo.run WHERE kind = 'shard' AND state = 'failed'")
            #expect(try failures.map { try $0.decode(0, as: String.self) } == ["configuration"])
        }
    }
}
