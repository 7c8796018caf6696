import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// Limits on how many runs go on at once, against claims that come at the same moment.
@Suite struct RunLimitTests {
    /// What several workers with connections of their own claim at once, each until it gets nothing.
    private func claimed(_ workers: Int, _ fixture: JobFixture) async throws -> [ClaimedRun] {
        let databases = (0..<workers).map { _ in fixture.anotherDatabase() }
        let claimed = try await withThrowingTaskGroup(of: [ClaimedRun].self) { group in
            for database in databases {
                group.addTask {
                    let store = PostgresJobStore(database: database)
                    var mine: [ClaimedRun] = []
                    while let run = try await store.claim(
                        kinds: ["test", "other"], runID: nil, worker: JobFixture.worker)
                    {
                        mine.append(run)
                    }
                    return mine
                }
            }
            return try await group.reduce([], +)
        }
        for database in databases { await database.close() }
        return claimed
    }

    private func enqueue(_ count: Int, _ name: String, _ fixture: JobFixture) async throws {
        try await fixture.connection.execute(
            "SELECT suyo.run_now(\(name)) FROM pg_catalog.generate_series(1, \(count))")
    }

    @Test func noMoreThanTheLimitOfAKindAreEverClaimed() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("a") { $0.overlap = .allow }
            try await fixture.add("b") { ($0.overlap, $0.kind) = (.allow, "other") }
            try await fixture.catalog.limit(kind: "test", maxRuns: 3)
            try await enqueue(20, "a", fixture)
            try await enqueue(5, "b", fixture)
            let first = try await claimed(8, fixture)
            #expect(first.count { $0.kind == "test" } == 3)
            #expect(first.count { $0.kind == "other" } == 5)
            let waiting = try #require(
                try await fixture.connection.query("SELECT run_id FROM suyo.run WHERE state = 'available' LIMIT 1")
                    .first
            ).decode("run_id", as: Int64.self)
            #expect(try await fixture.catalog.standing(ofRun: waiting)?.isHeldBack == true)
            #expect(try await fixture.claim(runID: waiting) == nil)
            // Each that ends makes room for one, however it ends.
            let tests = first.filter { $0.kind == "test" }
            #expect(try await fixture.store.finish(tests[0], .completed(result: "{}"), notes: []))
            #expect(try await fixture.store.finish(tests[1], .failed(.data, error: "no"), notes: []))
            try await fixture.silence(tests[2], seconds: 16)
            #expect(try await fixture.catalog.cancel(run: tests[2].runID))
            #expect(try await fixture.store.rescue() == 1)
            #expect(try await claimed(8, fixture).count == 3)
        }
    }

    @Test func theLimitOfAllKindsCountsThemTogether() async throws {
        try await JobFixture.with { fixture in
            try await fixture.add("a") { $0.overlap = .allow }
            try await fixture.add("b") { ($0.overlap, $0.kind) = (.allow, "other") }
            try await enqueue(6, "a", fixture)
            try await enqueue(6, "b", fixture)
            try await fixture.catalog.limit(kind: "*", maxRuns: 5)
            try await fixture.catalog.limit(kind: "other", maxRuns: 2)
            let first = try await claimed(8, fixture)
            #expect(first.count == 5)
            #expect(first.count { $0.kind == "other" } <= 2)
            try await fixture.catalog.limit(kind: "*", maxRuns: 0)
            for run in first { #expect(try await fixture.store.finish(run, .completed(result: "{}"), notes: [])) }
            #expect(try await fixture.claim() == nil)
            try await fixture.catalog.limit(kind: "*", maxRuns: nil)
            // Of the other kind two, and all that are left of the first.
            #expect(try await claimed(8, fixture).count == 2 + 6 - first.count { $0.kind == "test" })
            let table = try await ReportStore(database: fixture.test.database).runLimits()
            #expect(table.rows.count == 1)
        }
    }
}
