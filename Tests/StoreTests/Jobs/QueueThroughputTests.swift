import Foundation
import PostgresClient
import Scheduling
import Store
import Testing

/// How many runs go through one database in a second: a measurement, made where it is asked for.
@Suite struct QueueThroughputTests {
    /// `SUYO_MEASURE_RUNS=20000 ops/test --filter QueueThroughputTests`
    static let runs = ProcessInfo.processInfo.environment["SUYO_MEASURE_RUNS"].flatMap { Int($0) }

    @Test(.enabled(if: runs != nil, "SUYO_MEASURE_RUNS is not set")) func runsThatDoNothing() async throws {
        let runs = try #require(QueueThroughputTests.runs)
        try await JobFixture.with { fixture in
            try await fixture.add { $0.overlap = .allow }
            try await fixture.connection.execute(
                "SELECT suyo.run_now('job') FROM pg_catalog.generate_series(1, \(runs))")
            let databases = (0..<8).map { _ in fixture.anotherDatabase() }
            let begun = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for database in databases {
                    group.addTask {
                        let store = PostgresJobStore(database: database)
                        while let run = try await store.claim(kinds: ["test"], runID: nil, worker: JobFixture.worker) {
                            _ = try await store.finish(run, .completed(result: "{}"), notes: [])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            for database in databases { await database.close() }
            #expect(
                try await fixture.count("SELECT pg_catalog.count(*) FROM suyo.run WHERE state = 'completed'") == runs)
            print("\(runs) runs claimed and completed, \(Int(Double(runs) / seconds)) a second")
        }
    }
}
