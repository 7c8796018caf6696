import Foundation
import PostgresClient
import TestSupport
import Testing

/// A database with half a year of orders and one retrain job, and the binary that works on it.
struct Company: Sendable {
    let test: TestDatabase
    let connection: Connection
    let suyo: SuyoProcess

    /// Makes one, runs `body` with it, and drops it.
    static func with(cron: String? = nil, _ body: (Company) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let company = Company(
                test: test, connection: connection, suyo: SuyoProcess(environment: ["SUYO_DATABASE_URL": test.url]))
            try await company.apply(
                """
                name: nightly
                kind: retrain
                \(cron.map { "cron: '\($0)'" } ?? "")
                spec: { frequency: daily, horizon: 7, origins: 2 }
                """)
            try await body(company)
        }
    }

    /// Makes the jobs those of one file.
    func apply(_ yaml: String) async throws {
        let folder = NSTemporaryDirectory() + "suyo-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try yaml.write(toFile: folder + "/job.yaml", atomically: true, encoding: .utf8)
        let applied = try await suyo.run(["jobs", "apply", folder])
        try #require(applied.code == 0, "\(applied.errors)")
    }

    /// Asks for a run.
    func enqueue(_ job: String = "nightly") async throws {
        try await connection.execute("SELECT suyo.run_now(\(job))")
    }

    /// Keeps everybody from a table while `body` runs.
    func hold(_ table: String, _ body: () async throws -> Void) async throws {
        let holder = try await test.connect()
        try await holder.execute("BEGIN")
        try await holder.execute("LOCK TABLE \(unescaped: table) IN ACCESS EXCLUSIVE MODE")
        try await body()
        try await holder.execute("ROLLBACK")
    }

    /// Waits until so many wait for a table that is held.
    func waitForWaiter(on table: String, count: Int = 1) async throws {
        try await waitUntil("an attempt waits for \(table)") {
            try await connection.query(
                "SELECT FROM pg_catalog.pg_locks WHERE NOT granted AND relation = \(table)::regclass"
            ).count == count
        }
    }

    /// Waits until every run there is is in that state.
    func waitForState(_ state: String) async throws {
        try await waitUntil("the run is \(state)") {
            try await text("SELECT pg_catalog.string_agg(DISTINCT state, ' ') FROM suyo.run") == state
        }
    }

    /// The first value of a query, as text; `nil` where there is no row, too.
    func text(_ query: Query) async throws -> String? {
        try await connection.query(query).first?.decode(0, as: String?.self)
    }
}
