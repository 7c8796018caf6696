import Foundation
import PostgresClient
import TestSupport
import Testing

/// `kill -9` of a retrain, wherever it is, leaves the forecasts that were current, and nothing half-written.
@Suite struct KilledRetrainTests {
    /// Tables whose lock holds the retrain up at one point after another, from its first read to the flip.
    static let points = [
        "demand.order_line", "demand.series", "suyo.model_version", "suyo.training_series", "suyo.version_series",
        "forecast.publication", "forecast.series_forecast", "suyo.promotion_log", "suyo.champion",
        "forecast.current_publication", "forecast.outbox",
    ]

    @Test func whatWasCurrentStaysCurrent() async throws {
        try await TestDatabase.with { test in
            let (suyo, connection) = try await prepared(test)
            #expect(try await suyo.run(["jobs", "run", "nightly"]).code == 0)
            let before = try await state(connection)
            #expect(before.hasPrefix("1 "))
            try await connection.execute("UPDATE demand.order_line SET quantity = quantity * 3")
            for point in KilledRetrainTests.points {
                try await kill(suyo, heldUpAt: point, test)
                let after = try await state(connection)
                #expect(after == before, "killed at \(point)")
                // As it is a quarter of a minute later: the next one need not wait for the dead one's lease to run out.
                try await connection.execute("UPDATE suyo.lease SET heartbeat_at = heartbeat_at - interval '1 hour'")
            }
            // And a whole one goes through afterwards.
            #expect(try await suyo.run(["jobs", "run", "nightly"]).code == 0)
            #expect(try await state(connection) != before)
        }
    }

    @Test func aRunThatPublishedAndDiedBeforeItSaidSoPublishesOnce() async throws {
        try await TestDatabase.with { test in
            let (suyo, connection) = try await prepared(test)
            // Recording the end of a run deletes its lease; publishing does not.
            try await connection.execute(
                """
                CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(4711); RETURN old; END $$
                """)
            try await connection.execute(
                "CREATE TRIGGER hold BEFORE DELETE ON suyo.lease FOR EACH ROW EXECUTE FUNCTION public.hold()")
            let holder = try await test.connect()
            try await holder.execute("SELECT pg_catalog.pg_advisory_lock(4711)")
            let outcome = try await suyo.background(["jobs", "run", "nightly"]) { signal in
                try await waitUntil("the run's end is being recorded") {
                    // The view shows other tests' databases as well.
                    try await count(
                        """
                        pg_catalog.pg_locks AS l JOIN pg_catalog.pg_database AS d ON d.oid = l.database
                        WHERE NOT l.granted AND l.locktype = 'advisory' AND l.objid = 4711
                            AND d.datname = pg_catalog.current_database()
                        """, connection) > 0
                }
                try signal(.kill)
            }
            #expect(outcome.code == 137)
            try await holder.execute("SELECT pg_catalog.pg_advisory_unlock(4711)")
            try await connection.execute("DROP TRIGGER hold ON suyo.lease")
            try await waitForNobody(connection)
            let published = try await state(connection)
            #expect(published.hasPrefix("1 "))
            // The lease is old, as it is after a quarter of a minute; the next worker takes the run up.
            try await connection.execute("UPDATE suyo.lease SET heartbeat_at = heartbeat_at - interval '1 hour'")
            let daemon = try await suyo.background(["serve"]) { signal in
                try await waitUntil("the run is completed") {
                    try await count("suyo.run WHERE state = 'completed'", connection) == 1
                }
                try signal(.terminate)
            }
            #expect(daemon.code == 0, "\(daemon.errors)")
            #expect(try await state(connection) == published)
        }
    }

    private func prepared(_ test: TestDatabase) async throws -> (SuyoProcess, Connection) {
        let connection = try await test.connect()
        try await SampleOrders.insert(into: connection)
        let suyo = SuyoProcess(environment: ["SUYO_DATABASE_URL": test.url])
        let jobs = NSTemporaryDirectory() + "suyo-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: jobs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: jobs) }
        try "name: nightly\nkind: retrain\nspec: { frequency: daily, horizon: 7, origins: 2 }\n"
            .write(toFile: jobs + "/nightly.yaml", atomically: true, encoding: .utf8)
        let applied = try await suyo.run(["jobs", "apply", jobs])
        #expect(applied.code == 0, "\(applied.errors)")
        return (suyo, connection)
    }

    private func kill(_ suyo: SuyoProcess, heldUpAt table: String, _ test: TestDatabase) async throws {
        let holder = try await test.connect()
        let watcher = try await test.connect()
        try await holder.execute("BEGIN")
        try await holder.execute("LOCK TABLE \(unescaped: table) IN ACCESS EXCLUSIVE MODE")
        let outcome = try await suyo.background(["jobs", "run", "nightly"]) { signal in
            try await waitForWaiter(on: table, watcher)
            try signal(.kill)
        }
        #expect(outcome.code == 137, "\(outcome.errors)")
        try await holder.execute("ROLLBACK")
        try await waitForNobody(watcher)
    }

    private func waitForWaiter(on table: String, _ connection: Connection) async throws {
        try await waitUntil("a retrain waits for \(table)") {
            try await count(
                "pg_catalog.pg_locks WHERE NOT granted AND relation = '\(table)'::regclass", connection) > 0
        }
    }

    /// Waits until the server has noticed that the killed process is gone.
    private func waitForNobody(_ connection: Connection) async throws {
        try await waitUntil("the killed process' connections are gone") {
            try await count(
                """
                pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()
                AND application_name = 'suyo' AND state = 'active' AND pid <> pg_catalog.pg_backend_pid()
                """, connection) == 0
        }
    }

    private func count(_ what: String, _ connection: Connection) async throws -> Int {
        try await connection.query("SELECT pg_catalog.count(*) FROM \(unescaped: what)")[0].decode(0, as: Int.self)
    }

    /// Everything a retrain writes, as one text: numbers of rows, the champion, and the forecasts themselves.
    private func state(_ connection: Connection) async throws -> String {
        try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', (SELECT pg_catalog.count(*) FROM suyo.model_version),
                (SELECT pg_catalog.count(*) FROM suyo.version_series), (SELECT pg_catalog.count(*) FROM demand.series),
                (SELECT pg_catalog.count(*) FROM forecast.publication),
                (SELECT pg_catalog.count(*) FROM forecast.series_forecast),
                (SELECT pg_catalog.count(*) FROM suyo.promotion_log), (SELECT pg_catalog.count(*) FROM forecast.outbox),
                (SELECT pg_catalog.max(version_id) FROM suyo.champion),
                (SELECT pg_catalog.md5(pg_catalog.string_agg(f::text, '' ORDER BY item_id, step)) FROM forecast.current AS f))
            """)[0].decode(0, as: String.self)
    }
}
