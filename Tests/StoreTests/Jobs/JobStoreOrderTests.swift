import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Ticks that wait for other jobs, against a real PostgreSQL.
@Suite struct JobStoreOrderTests {
    /// A job that waits for another; both are due each minute.
    private func add(
        _ fixture: JobFixture, deadline: String = "1h", otherwise: JobDefinition.After.Otherwise = .skip
    ) async throws {
        try await fixture.add("import")
        try await fixture.add("train") {
            $0.after = .init(jobs: ["import"], deadline: deadline, otherwise: otherwise)
        }
    }

    private func waitsFor(_ fixture: JobFixture) async throws -> String? {
        try await fixture.text("SELECT waits_for FROM suyo.job_status WHERE name = 'train'")
    }

    /// Makes what waits due again at once, as the next look would.
    private func lookAgain(_ fixture: JobFixture) async throws -> Int {
        try await fixture.connection.execute(
            "UPDATE suyo.job SET next_fire_at = pg_catalog.now() WHERE waits_for IS NOT NULL")
        return try await fixture.store.fireTicks()
    }

    private func trains(_ fixture: JobFixture) async throws -> [String] {
        try await fixture.connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', t.outcome, t.reason) AS line FROM suyo.tick AS t JOIN suyo.job AS j USING (job_id)
            WHERE j.name = 'train' ORDER BY t.fire_at
            """
        ).map { try $0.decode("line", as: String.self) }
    }

    @Test func aTickWaitsUntilTheRunBeforeItHasCompleted() async throws {
        try await JobFixture.with { fixture in
            try await add(fixture)
            try await fixture.missMinutes(1)
            // Both are due: the import fires, and the other waits, whichever is looked at first.
            #expect(try await fixture.store.fireTicks() == 1)
            _ = try await lookAgain(fixture)
            #expect(try await waitsFor(fixture) == "import (run 1 is available)")
            #expect(try await trains(fixture) == [])
            let run = try #require(try await fixture.claim())
            #expect(run.jobName == "import")
            #expect(try await lookAgain(fixture) == 0)
            #expect(try await waitsFor(fixture) == "import (run 1 is running)")
            #expect(try await fixture.store.finish(run, .completed(result: "{}"), notes: []))
            #expect(try await lookAgain(fixture) == 1)
            #expect(try await waitsFor(fixture) == nil)
            #expect(try await trains(fixture) == ["enqueued"])
        }
    }

    @Test(arguments: [JobDefinition.After.Otherwise.skip, .run])
    func whatWaitedInVainDoesAsTheJobSays(_ otherwise: JobDefinition.After.Otherwise) async throws {
        try await JobFixture.with { fixture in
            try await add(fixture, deadline: "2m", otherwise: otherwise)
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
            let run = try #require(try await fixture.claim())
            #expect(try await fixture.store.finish(run, .failed(.data, error: "no file"), notes: []))
            // A failed run may be tried again by a person: until the deadline there is hope.
            #expect(try await lookAgain(fixture) == 0)
            #expect(try await waitsFor(fixture) == "import (run 1 is failed)")
            // Four minutes later; the import had ticks meanwhile, and failed again.
            try await fixture.connection.execute(
                """
                UPDATE suyo.job SET considered_until = considered_until - interval '4 minutes', next_fire_at = pg_catalog.now()
                WHERE name = 'train'
                """)
            #expect(try await fixture.store.fireTicks() == (otherwise == .run ? 1 : 0))
            let last = try #require(try await trains(fixture).last)
            switch otherwise {
            case .skip: #expect(last == "skipped after: by its deadline not done: import (run 1 is failed)")
            case .run:
                #expect(last == "enqueued fired at its deadline without import (run 1 is failed)")
                #expect(
                    try await fixture.text("SELECT message FROM suyo.run_log WHERE level = 'warning'")
                        == "fired at its deadline without import (run 1 is failed)")
            }
        }
    }

    @Test func aRunThatAPersonAskedForAfterwardsCountsAsWell() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("import", cron: nil)
            try await fixture.add("train") { $0.after = .init(jobs: ["import"]) }
            let early = try await fixture.begin("import")
            #expect(try await fixture.store.finish(early, .completed(result: "{}"), notes: []))
            try await fixture.connection.execute(
                "UPDATE suyo.run SET scheduled_for = scheduled_for - interval '1 hour'")
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 0)
            #expect(try await waitsFor(fixture) == "import (not run yet)")
            let run = try await fixture.begin("import")
            #expect(try await fixture.store.finish(run, .completed(result: "{}"), notes: []))
            #expect(try await lookAgain(fixture) == 1)
        }
    }

    @Test func aJobThatHadNoTickIsNotWaitedFor() async throws {
        try await JobFixture.with { fixture in
            // Never due on a day there is, but scheduled.
            try await fixture.add("import", cron: "0 0 29 2 *")
            try await fixture.add("train") { $0.after = .init(jobs: ["import"]) }
            try await fixture.missMinutes(1)
            #expect(try await fixture.store.fireTicks() == 1)
            #expect(try await trains(fixture) == ["enqueued"])
        }
    }

    @Test func circlesAndUnknownJobsAreRefusedByName() async throws {
        try await JobFixture.with { fixture in
            func job(_ name: String, _ after: [String]) -> JobDefinition {
                var job = JobDefinition(name: name, kind: "test", cron: "@daily")
                job.after = after.isEmpty ? nil : .init(jobs: after)
                return job
            }
            func refusal(_ jobs: [JobDefinition]) async throws -> String? {
                do {
                    _ = try await fixture.catalog.apply(jobs, source: "file")
                    return nil
                } catch let error as JobDefinition.Invalid {
                    return error.description
                }
            }
            #expect(
                try await refusal([job("a", ["c"]), job("b", ["a"]), job("c", ["b"])])
                    == "jobs wait for each other in a circle (after): a → c → b → a.")
            #expect(
                try await refusal([job("a", ["nobody"])])
                    == "the job 'a' waits for 'nobody' (after), and there is no such job.")
            #expect(try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.job") == 0)
            #expect(try await refusal([job("a", []), job("b", ["a"]), job("c", ["a", "b"])]) == nil)
            // A job that another waits for cannot be taken away under it, from SQL no circle made either.
            #expect(
                try await refusal([job("b", ["a"]), job("c", ["b"])])
                    == "the job 'b' waits for 'a' (after), and there is no such job.")
            try await fixture.connection.execute(
                #"SELECT suyo.schedule('{"name":"d","kind":"test","cron":"@daily","after":["c"]}')"#)
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.connection.execute(
                    #"SELECT suyo.schedule('{"name":"e","kind":"test","after":{"jobs":["e"]}}')"#)
            }
            #expect(error?.message == "jobs wait for each other in a circle (after): e → e")
            #expect(try await fixture.catalog.definition(named: "d")?.after == .init(jobs: ["c"]))
        }
    }
}
