import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Forecasts that have to be there by a time of day, against a real PostgreSQL.
@Suite struct JobStorePublishByTests {
    private func status(_ fixture: JobFixture) async throws -> String? {
        try await fixture.text(
            """
            SELECT pg_catalog.concat_ws(' ', p.status, p.forecasts_of IS NOT NULL, pg_catalog.count(*) OVER ())
            FROM forecast.current_publication AS c JOIN forecast.publication AS p USING (portfolio)
            WHERE p.publication_id = c.publication_id
            """)
    }

    private func outcomes(_ fixture: JobFixture) async throws -> [String] {
        try await fixture.connection.query(
            "SELECT coalesce(outcome, 'undecided') AS outcome FROM suyo.publish_deadline ORDER BY fire_at"
        ).map { try $0.decode("outcome", as: String.self) }
    }

    /// A job with a tick a minute ago, and so long to publish after it.
    private func begin(_ fixture: JobFixture, within time: String = "1h", published: Bool = true) async throws {
        try await fixture.add {
            $0.kind = "retrain"
            $0.publishBy = time
        }
        if published {
            try await PublishedSeries(portfolio: "job", item: "A", issuedAt: "2026-01-01").insert(
                into: fixture.connection)
        }
        try await fixture.missMinutes(1)
    }

    private func letItPass(_ fixture: JobFixture) async throws {
        try await fixture.connection.execute("UPDATE suyo.publish_deadline SET due_at = fire_at")
        // No tick of the next minute comes between.
        try await fixture.connection.execute("UPDATE suyo.job SET next_fire_at = pg_catalog.now() + interval '1 hour'")
    }

    @Test func nothingHappensBeforeItIsDue() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            #expect(try await fixture.store.fireTicks() == 1)
            try await fixture.connection.execute("UPDATE suyo.job SET next_fire_at = 'infinity'")
            #expect(try await outcomes(fixture) == ["undecided"])
            #expect(try await status(fixture) == "champion f 1")
            let seconds = try #require(try await fixture.store.secondsToNextTick())
            #expect(seconds > 3000 && seconds <= 3600)
        }
    }

    @Test func theLastForecastIsPublishedOnceMoreMarkedStale() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            #expect(try await fixture.store.fireTicks() == 1)
            try await letItPass(fixture)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await outcomes(fixture) == ["stale"])
            #expect(try await status(fixture) == "stale t 1")
            // It is the same forecast, and readers see what it is.
            let shown = try await fixture.text(
                "SELECT pg_catalog.string_agg(pg_catalog.concat(mean, ' ', status), ', ' ORDER BY step) FROM forecast.current"
            )
            #expect(shown == "10 stale, 20 stale, 30 stale")
            let told = try await fixture.text(
                "SELECT payload ->> 'status' FROM forecast.outbox WHERE payload ->> 'action' = 'publish_by'")
            #expect(told == "stale")
            let line = try await fixture.text("SELECT message FROM suyo.run_log WHERE level = 'warning'")
            #expect(line?.hasPrefix("the last forecast was published once more, marked stale") == true)
            let exception = try await fixture.text("SELECT kind FROM forecast.exception WHERE portfolio = 'job'")
            #expect(exception == "stale")
            let since = try await fixture.text("SELECT (stale_since IS NOT NULL)::text FROM suyo.job_status")
            #expect(since == "true")
            // Once is enough.
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM forecast.publication") == 2)
        }
    }

    @Test func oneThatIsStaleAlreadyStaysAsItIs() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            _ = try await fixture.store.fireTicks()
            try await letItPass(fixture)
            _ = try await fixture.store.fireTicks()
            try await fixture.connection.execute(
                """
                INSERT INTO suyo.publish_deadline (job_id, fire_at, due_at)
                SELECT job_id, pg_catalog.now(), pg_catalog.now() FROM suyo.job
                """)
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["stale", "stale"])
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM forecast.publication") == 2)
        }
    }

    @Test func aForecastInTimeIsLeftAlone() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            _ = try await fixture.store.fireTicks()
            // What the run of the tick publishes.
            try await PublishedSeries(portfolio: "job", item: "A").insert(into: fixture.connection)
            try await fixture.connection.execute(
                """
                UPDATE forecast.publication SET run_id = (SELECT run_id FROM suyo.run)
                WHERE publication_id = (SELECT publication_id FROM forecast.current_publication)
                """)
            try await letItPass(fixture)
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["published"])
            #expect(try await status(fixture) == "champion f 1")
        }
    }

    @Test func aRunThatFoundNothingNewIsEnough() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            _ = try await fixture.store.fireTicks()
            let run = try #require(try await fixture.claim(["retrain"]))
            #expect(try await fixture.store.finish(run, .completed(result: "{}"), notes: []))
            try await letItPass(fixture)
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["published"])
            #expect(try await status(fixture) == "champion f 1")
        }
    }

    @Test func aTickThatWaitsForDataIsDueAsWell() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            try await fixture.connection.execute(
                """
                UPDATE suyo.job SET definition = definition || '{"ready_when": {"data_through": "today", "deadline": "1d"}}'
                """)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await outcomes(fixture) == ["undecided"])
            try await letItPass(fixture)
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["stale"])
            #expect(try await status(fixture) == "stale t 1")
        }
    }

    @Test func whereThereIsNoForecastThereIsNothingToMark() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture, published: false)
            _ = try await fixture.store.fireTicks()
            try await letItPass(fixture)
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["nothing"])
            let line = try await fixture.text("SELECT message FROM suyo.run_log WHERE level = 'warning'")
            #expect(line?.hasPrefix("no forecast was published by ") == true)
        }
    }

    @Test func aPublicationUnderWayIsWaitedFor() async throws {
        try await JobFixture.with { fixture in
            try await begin(fixture)
            _ = try await fixture.store.fireTicks()
            try await letItPass(fixture)
            let publisher = try await fixture.test.connect()
            try await publisher.execute("BEGIN")
            try await publisher.execute("UPDATE forecast.current_publication SET publication_id = publication_id")
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["undecided"])
            try await publisher.execute("COMMIT")
            _ = try await fixture.store.fireTicks()
            #expect(try await outcomes(fixture) == ["stale"])
        }
    }
}
