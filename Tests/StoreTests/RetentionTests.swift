import Pipeline
import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// What is old goes, and nothing else.
@Suite struct RetentionTests {
    /// A job with a run, its tick and its log so many days ago, each named by its age.
    private func insert(days: [Int], _ connection: Connection) async throws {
        for age in days {
            try await connection.execute(
                """
                WITH run AS (
                    INSERT INTO suyo.run (job_id, job_name, kind, state, reason, result, finished_at)
                    SELECT job_id, name, \(String(age)), 'completed', 'tick', '{}',
                        pg_catalog.now() - pg_catalog.make_interval(days => \(Int64(age))::integer)
                    FROM suyo.job RETURNING *),
                line AS (
                    INSERT INTO suyo.run_log (run_id, attempt, at, level, message)
                    SELECT run_id, 1, finished_at, 'info', kind FROM run)
                INSERT INTO suyo.tick (job_id, fire_at, outcome, run_id)
                SELECT job_id, finished_at, 'enqueued', run_id FROM run
                """)
        }
    }

    private func ages(_ query: Query, _ connection: Connection) async throws -> [String] {
        try await connection.query(query).map { try $0.decode(0, as: String.self) }
    }

    @Test func oldHistoryGoesAndTheRestStays() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            try await fixture.add()
            try await insert(days: [1000, 500, 300, 150, 10, 0], connection)
            var keep = PruneSpecification()
            keep.runsDays = 400
            let outcome = try await HistoryStore(database: fixture.test.database).prune(keep) { _, _ in }
            #expect(outcome.deleted["lines of log"] == 4)
            #expect(outcome.deleted["ticks"] == 2)
            #expect(outcome.deleted["runs"] == 2)
            let lines = try await ages("SELECT message FROM suyo.run_log ORDER BY at", connection)
            #expect(lines == ["10", "0"])
            let runs = try await ages("SELECT kind FROM suyo.run ORDER BY run_id", connection)
            #expect(runs == ["300", "150", "10", "0"])
            // Again, there is nothing.
            let again = try await HistoryStore(database: fixture.test.database).prune(keep) { _, _ in }
            #expect(again.notes == ["Nothing was old enough to delete."])
        }
    }

    @Test func whatBelongsToNoJobGoesToo() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            try await fixture.add()
            try await connection.execute(
                """
                INSERT INTO suyo.run (job_name, kind, state, reason, finished_at)
                SELECT 'webhook', 'webhook', 'completed', 'incident', pg_catalog.now() - age
                FROM unnest(ARRAY[interval '1000 days', interval '1 day']) AS age
                """)
            try await connection.execute(
                """
                INSERT INTO suyo.publish_deadline (job_id, fire_at, due_at, decided_at, outcome)
                SELECT job_id, pg_catalog.now() - age, pg_catalog.now() - age, pg_catalog.now() - age, 'published'
                FROM suyo.job, unnest(ARRAY[interval '1000 days', interval '1 day']) AS age
                """)
            let outcome = try await HistoryStore(database: fixture.test.database).prune(PruneSpecification()) { _, _ in
            }
            #expect(outcome.deleted["runs"] == 1)
            #expect(outcome.deleted["deadlines"] == 1)
        }
    }

    @Test func aMonthThatIsOverIsDroppedWhole() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            try await fixture.add()
            // As it was made 14 months ago, month by month.
            try await connection.execute(
                """
                CREATE TABLE suyo_history.tick_2020_01 PARTITION OF suyo.tick
                FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')
                """)
            try await connection.execute(
                """
                INSERT INTO suyo.tick (job_id, fire_at, outcome, reason)
                SELECT job_id, '2020-01-15Z', 'skipped', 'test' FROM suyo.job
                """)
            let outcome = try await HistoryStore(database: fixture.test.database).prune(PruneSpecification()) { _, _ in
            }
            #expect(outcome.deleted["ticks"] == 1)
            let left = try await ages(
                "SELECT c.relname::text FROM pg_catalog.pg_class AS c WHERE c.relname ~ '^tick_2020_01'", connection)
            #expect(left == [])
            // This month's ticks have a partition of their own, and so have those of the coming ones.
            try await insert(days: [0], connection)
            let part = try await ages("SELECT tableoid::pg_catalog.regclass::text FROM suyo.tick", connection)
            #expect(part.allSatisfy { $0.hasPrefix("suyo_history.tick_20") })
            let months = try await connection.query(
                "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE relname ~ '^run_log_20[0-9]{2}_[0-9]{2}$'")
            #expect(try months[0].decode(0, as: Int.self) >= 4)
        }
    }

    @Test func whatMadeSomethingThatIsKeptStays() async throws {
        try await JobFixture.with { fixture in
            let connection = fixture.connection
            try await fixture.add()
            try await insert(days: [900, 800, 700], connection)
            try await PublishedSeries(portfolio: "job", item: "A").insert(into: connection)
            try await connection.execute(
                "UPDATE forecast.publication SET run_id = (SELECT run_id FROM suyo.run WHERE kind = '900')")
            _ = try await HistoryStore(database: fixture.test.database).prune(PruneSpecification()) { _, _ in }
            // The first published what is current, and the last is how the job stands.
            let runs = try await ages("SELECT kind FROM suyo.run ORDER BY run_id", connection)
            #expect(runs == ["900", "700"])
        }
    }

    @Test func eventsWaitForEveryConsumer() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                """
                INSERT INTO forecast.outbox (topic, portfolio, payload, created_at)
                SELECT 'forecast_published', 'p', '{}', pg_catalog.now() - pg_catalog.make_interval(days => age)
                FROM pg_catalog.unnest(ARRAY[300, 200, 150, 1]) AS age
                """)
            func left() async throws -> Int {
                try await connection.query("SELECT pg_catalog.count(*) FROM forecast.outbox")[0].decode(0, as: Int.self)
            }
            try await connection.execute("SELECT forecast.subscribe('wms', from_start => true)")
            let store = HistoryStore(database: test.database)
            _ = try await store.prune(PruneSpecification()) { _, _ in }
            #expect(try await left() == 4)
            try await connection.execute("SELECT forecast.acknowledge_events('wms', 2)")
            _ = try await store.prune(PruneSpecification()) { _, _ in }
            #expect(try await left() == 2)
            try await connection.execute("SELECT forecast.acknowledge_events('wms', 4)")
            _ = try await store.prune(PruneSpecification()) { _, _ in }
            #expect(try await left() == 1)
        }
    }

    @Test(arguments: [
        (#"{"logs_days": 0}"#, "logs_days is 0; it must lie between 1 and 36500"),
        (#"{"log_days": 3}"#, "spec has no key 'log_days'; there are logs_days, runs_days"),
        (#"{"runs_days": 30}"#, "runs_days is 30; runs are kept at least as long as what they said, logs_days 90"),
        (#"{"versions": "all"}"#, "all whole numbers"),
    ]) func aSpecThatIsWrongSaysWhy(json: String, reason: String) {
        let error = #expect(throws: PipelineError.self) { try PruneSpecification(json: json) }
        #expect("\(error as Any)".contains(reason))
    }
}
