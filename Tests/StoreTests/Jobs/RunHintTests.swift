import PostgresClient
import Scheduling
import Store
import Synchronization
import TestSupport
import Testing

/// Hints that runs were enqueued, over a real connection.
@Suite struct RunHintTests {
    @Test func aRunThatIsEnqueuedIsHintedAt() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add()
            let (proofs, proved) = AsyncStream.makeStream(of: Void.self)
            let (hints, hinted) = AsyncStream.makeStream(of: Void.self)
            let listening = Task {
                try await PostgresRunHints(database: fixture.test.database).listen(
                    established: { proved.yield() }, hint: { hinted.yield() })
            }
            for await _ in proofs { break }
            _ = try await fixture.catalog.enqueue("job")
            for await _ in hints { break }
            listening.cancel()
            try? await listening.value
        }
    }

    @Test func theNextTickIsKnownToTheMoment() async throws {
        try await JobFixture.with { fixture in
            #expect(try await fixture.store.secondsToNextTick() == nil)
            try await fixture.add("person", cron: nil)
            #expect(try await fixture.store.secondsToNextTick() == nil)
            try await fixture.add("minutely")
            let seconds = try #require(try await fixture.store.secondsToNextTick())
            #expect(seconds <= 60)
            try await fixture.connection.execute(
                "UPDATE suyo.job SET next_fire_at = pg_catalog.now() + interval '1 hour' WHERE name = 'minutely'")
            let later = try #require(try await fixture.store.secondsToNextTick())
            #expect(later > 3500 && later <= 3600)
        }
    }
}
