import PostgresClient
import Scheduling
import Store
import TestSupport
import Testing

/// A database with jobs in it, and the short ways to move its jobs through time.
///
/// No test waits for the clock: what is due is made so by moving what stands in the tables back, by the database's clock.
struct JobFixture: Sendable {
    static let worker = "00000000-0000-0000-0000-000000000001"

    let test: TestDatabase
    let connection: Connection
    var store: PostgresJobStore { PostgresJobStore(database: test.database) }
    var catalog: JobCatalog { JobCatalog(database: test.database) }

    static func with(_ body: (JobFixture) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            try await body(JobFixture(test: test, connection: try await test.connect()))
        }
    }

    /// A store with connections of its own, as another daemon has.
    func anotherDatabase() -> Database { Database(target: test.target, size: 2) }

    /// Applies one job.
    func add(
        _ name: String = "job", cron: String? = "* * * * *", _ change: (inout JobDefinition) -> Void = { _ in }
    ) async throws {
        var job = JobDefinition(name: name, kind: "test", cron: cron)
        change(&job)
        _ = try await catalog.apply([job], source: "test \(name)")
    }

    /// Makes it as if no daemon had looked at any job since whole minutes ago: that many of its minutes are due.
    func missMinutes(_ minutes: Int) async throws {
        // To the second after a minute, so that the test may run across the start of one and still be right.
        try await connection.execute(
            """
            UPDATE suyo.job SET considered_until = pg_catalog.date_trunc('minute', pg_catalog.now())
                    - pg_catalog.make_interval(mins => \(minutes)::int),
                next_fire_at = pg_catalog.date_trunc('minute', pg_catalog.now())
                    - pg_catalog.make_interval(mins => \(minutes - 1)::int)
            """)
    }

    /// Claims the next run.
    func claim(_ kinds: [String] = ["test"], runID: Int64? = nil) async throws -> ClaimedRun? {
        try await store.claim(kinds: kinds, runID: runID, worker: JobFixture.worker)
    }

    /// Enqueues a run of a job and claims it.
    func begin(_ name: String = "job") async throws -> ClaimedRun {
        let runID = try #require(try await catalog.enqueue(name))
        return try #require(try await claim(runID: runID))
    }

    /// Makes it as if a lease had had no heartbeat for some seconds.
    func silence(_ run: ClaimedRun, seconds: Int) async throws {
        try await connection.execute(
            """
            UPDATE suyo.lease SET heartbeat_at = pg_catalog.now() - pg_catalog.make_interval(secs => \(Double(seconds)))
            WHERE run_id = \(run.runID)
            """)
    }

    func count(_ query: Query) async throws -> Int {
        try await connection.query(query)[0].decode(0, as: Int.self)
    }

    func text(_ query: Query) async throws -> String? {
        try await connection.query(query)[0].decode(0, as: String?.self)
    }

    func state(of run: ClaimedRun) async throws -> String? {
        try await text("SELECT state FROM suyo.run WHERE run_id = \(run.runID)")
    }

    /// How many ticks there are by outcome and reason, ascending.
    func ledger() async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', pg_catalog.sum(tick_count), outcome, reason) AS line
            FROM suyo.tick GROUP BY outcome, reason ORDER BY outcome, reason
            """
        ).map { try $0.decode("line", as: String.self) }
    }
}
