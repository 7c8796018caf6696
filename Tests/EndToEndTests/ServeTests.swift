import Foundation
import PostgresClient
import TestSupport
import Testing

/// The daemon as systemd would run it: every tick once, however many of it there are, and a clean stop.
@Suite struct ServeTests {
    @Test func twoDaemonsFireEachTickOnceAndStopCleanly() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            let suyo = SuyoProcess(environment: ["SUYO_DATABASE_URL": test.url])
            let jobs = NSTemporaryDirectory() + "suyo-jobs-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: jobs, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: jobs) }
            try """
            name: each-second
            kind: forecast
            cron: "* * * * * *"
            overlap: allow
            spec: { frequency: daily, horizon: 3, origins: 1, model: naive }
            """.write(toFile: jobs + "/job.yaml", atomically: true, encoding: .utf8)
            #expect(try await suyo.run(["jobs", "apply", jobs]).code == 0)

            async let first = suyo.background(["serve", "--log-format", "json"]) { signal in
                try await waitForTicks(connection)
                try signal(.terminate)
            }
            async let second = suyo.background(["serve"]) { signal in
                try await waitForTicks(connection)
                try signal(.terminate)
            }
            for outcome in try await [first, second] {
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("serving") && outcome.errors.contains("stopped"), "\(outcome.errors)")
            }
            // Each fired tick has one run, each run one tick, and no instant is there twice.
            let rows = try await connection.query(
                """
                SELECT (SELECT pg_catalog.count(*) FROM suyo.tick WHERE outcome = 'enqueued') AS fired,
                    (SELECT pg_catalog.count(DISTINCT run_id) FROM suyo.tick WHERE outcome = 'enqueued') AS runs,
                    (SELECT pg_catalog.count(*) FROM suyo.run WHERE reason = 'tick') AS enqueued,
                    (SELECT pg_catalog.count(DISTINCT fire_at) FROM suyo.tick WHERE outcome = 'enqueued') AS instants,
                    (SELECT pg_catalog.count(*) FROM suyo.run WHERE state = 'running') AS running,
                    (SELECT pg_catalog.count(*) FROM suyo.model_version) AS versions
                """)
            let fired = try rows[0].decode("fired", as: Int.self)
            #expect(fired >= 3)
            for column in ["runs", "enqueued", "instants"] {
                #expect(try rows[0].decode(column, as: Int.self) == fired, "\(column)")
            }
            #expect(try rows[0].decode("running", as: Int.self) == 0)
            // Only the first run had anything new to forecast; two at the same moment may both have.
            #expect((1...2).contains(try rows[0].decode("versions", as: Int.self)))
        }
    }

    @Test func aJobDeclaredFromSQLIsRunBySchedule() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            try await connection.execute(
                """
                SELECT suyo.schedule('from-sql', 'retrain', '* * * * * *', 'Asia/Seoul',
                    '{"horizon": 2, "model": "naive", "origins": 1}')
                """)
            let suyo = SuyoProcess(environment: ["SUYO_DATABASE_URL": test.url])
            let outcome = try await suyo.background(["serve"]) { signal in
                try await waitUntil("a forecast is current") {
                    try await connection.query("SELECT FROM forecast.current LIMIT 1").count == 1
                }
                try signal(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    private func waitForTicks(_ connection: Connection) async throws {
        try await waitUntil("three runs are completed") {
            let rows = try await connection.query(
                "SELECT pg_catalog.count(*) FROM suyo.run WHERE state = 'completed'")
            return try rows[0].decode(0, as: Int.self) >= 3
        }
    }
}
