import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

@Suite struct JobStoreTests {
    @Test func aDueTickBecomesOneRunThatIsClaimedAndFinished() async throws {
        try await TestDatabase.with { test in
            let catalog = JobCatalog(database: test.database)
            let store = PostgresJobStore(database: test.database)
            let job = JobDefinition(name: "nightly", kind: "retrain", cron: "* * * * *", spec: "{\"horizon\":7}")
            #expect(try await catalog.apply([job], source: "file").map(\.change) == ["added"])
            #expect(try await store.fireTicks() == 0)
            let connection = try await test.connect()
            try await connection.execute(
                "UPDATE suyo.job SET next_fire_at = pg_catalog.now(), considered_until = pg_catalog.now() - interval '90 seconds'"
            )
            #expect(try await store.fireTicks() == 1)
            #expect(try await store.fireTicks() == 0)
            let worker = "00000000-0000-0000-0000-000000000001"
            let claimed = try #require(try await store.claim(kinds: ["retrain"], runID: nil, worker: worker))
            #expect(claimed.spec == "{\"horizon\": 7}")
            #expect(try await store.claim(kinds: ["retrain"], runID: nil, worker: worker) == nil)
            #expect(try await store.heartbeat(claimed, percent: 50, message: "half") == .held)
            #expect(try await store.finish(claimed, .completed(result: "{}"), notes: ["one"]))
            #expect(try await store.finish(claimed, .completed(result: "{}"), notes: ["one"]))
            let rows = try await connection.query(
                "SELECT state, (SELECT pg_catalog.count(*) FROM suyo.run_log) AS lines FROM suyo.run_history")
            #expect(try rows[0].decode("state", as: String.self) == "completed")
            #expect(try rows[0].decode("lines", as: Int.self) == 1)
        }
    }
}
