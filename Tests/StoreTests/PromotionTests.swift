import PostgresClient
import Store
import TestSupport
import Testing

/// Which version is in use, and how to go back.
@Suite struct PromotionTests {
    /// Three versions of `nightly`, each published in its turn with its own number of units, the last one champion.
    private func with(_ body: (TestDatabase, Connection, [Int64]) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for units in [10.0, 20, 30] {
                try await PublishedSeries(item: "apple", site: "ICN", mean: [units]).insert(into: connection)
                try await connection.execute(
                    """
                    INSERT INTO suyo.promotion_log (portfolio, version_id, previous_version_id, action, reason)
                    SELECT 'nightly', pg_catalog.max(v.version_id), pg_catalog.max(c.version_id), 'promote', 'retrained'
                    FROM suyo.model_version AS v LEFT JOIN suyo.champion AS c ON true
                    """)
                try await connection.execute(
                    """
                    INSERT INTO suyo.champion
                    SELECT 'nightly', pg_catalog.max(version_id), pg_catalog.now() FROM suyo.model_version
                    ON CONFLICT (portfolio) DO UPDATE SET version_id = excluded.version_id
                    """)
            }
            let versions = try await connection.query("SELECT version_id FROM suyo.model_version ORDER BY 1")
            try await body(test, connection, try versions.map { try $0.decode(0, as: Int64.self) })
        }
    }

    private func number(_ query: Query, _ connection: Connection) async throws -> Double {
        try await connection.query(query)[0].decode(0, as: Double.self)
    }

    private func refusal(_ body: () async throws -> Void) async throws -> String {
        let error = try await #require(throws: Refusal.self) { try await body() }
        return error.description
    }

    @Test func aRollbackBringsBackTheChampionBeforeAndItsForecasts() async throws {
        try await with { test, connection, versions in
            let registry = ModelRegistry(database: test.database)
            let rows = try await number("SELECT pg_catalog.count(*)::float8 FROM forecast.series_forecast", connection)
            let before = try await connection.query("SELECT pg_catalog.clock_timestamp()::text")[0].decode(
                0, as: String.self)
            let change = try await registry.rollBack(portfolio: nil, to: nil, reason: "too high")
            #expect(change.versionID == versions[1])
            #expect(change.previousVersionID == versions[2])
            #expect(!change.isStale)
            #expect(try await number("SELECT mean FROM forecast.current", connection) == 20)
            #expect(try await number("SELECT mean FROM forecast.get('apple')", connection) == 20)
            #expect(
                try await number(
                    "SELECT mean FROM forecast.get('apple', NULL, NULL, \(before)::timestamptz)", connection) == 30)
            // No forecast was copied.
            #expect(
                try await number("SELECT pg_catalog.count(*)::float8 FROM forecast.series_forecast", connection) == rows
            )
            let log = try await connection.query(
                "SELECT action, reason, version_id FROM suyo.promotion_log ORDER BY promotion_id DESC LIMIT 1")[0]
            #expect(try log.decode("action", as: String.self) == "rollback")
            #expect(try log.decode("reason", as: String.self) == "too high")
            #expect(
                try await number(
                    "SELECT (payload ->> 'version_id')::float8 FROM forecast.outbox ORDER BY outbox_id DESC LIMIT 1",
                    connection) == Double(versions[1]))

            // Once more goes further back, not forth again.
            #expect(
                try await registry.rollBack(portfolio: "nightly", to: nil, reason: "still").versionID == versions[0])
            #expect(try await number("SELECT mean FROM forecast.current", connection) == 10)
            #expect(
                try await refusal { _ = try await registry.rollBack(portfolio: "nightly", to: nil, reason: "x") }
                    .contains("first champion"))
            // And forth by name.
            _ = try await registry.promote(version: versions[2], reason: "it was the import")
            #expect(try await number("SELECT mean FROM forecast.current", connection) == 30)
        }
    }

    @Test func forecastsThatKnowLessSayTheyAreStale() async throws {
        try await with { test, connection, versions in
            try await connection.execute(
                "UPDATE forecast.publication SET data_through = '2026-03-05' WHERE version_id = \(versions[2])")
            let change = try await ModelRegistry(database: test.database).rollBack(
                portfolio: "nightly", to: versions[0], reason: "x")
            #expect(change.isStale)
            #expect(change.dataThrough == "2026-02-28")
            let status = try await connection.query("SELECT status FROM forecast.current")[0]
            #expect(try status.decode(0, as: String.self) == "stale")
        }
    }

    @Test func aRefusalNamesTheChoicesAndChangesNothing() async throws {
        try await with { test, connection, versions in
            let registry = ModelRegistry(database: test.database)
            #expect(
                try await refusal { _ = try await registry.promote(version: 999, reason: "x") }
                    .contains("\(versions[2]) of nightly, \(versions[1]) of nightly"))
            #expect(
                try await refusal { _ = try await registry.promote(version: versions[2], reason: "x") }
                    .contains("already"))
            #expect(
                try await refusal { _ = try await registry.promote(version: versions[0], reason: " ") }
                    .contains("needs a reason"))
            #expect(
                try await refusal { _ = try await registry.rollBack(portfolio: "daily", to: nil, reason: "x") }
                    .contains("there are nightly"))
            #expect(
                try await refusal { _ = try await registry.rollBack(portfolio: nil, to: versions[2], reason: "x") }
                    .contains("those are \(versions[1]), \(versions[0])"))
            try await connection.execute("DELETE FROM forecast.series_forecast WHERE mean = '{10}'")
            #expect(
                try await refusal { _ = try await registry.promote(version: versions[0], reason: "x") }
                    .contains("no forecasts any more; versions of nightly that have are \(versions[2]), \(versions[1])")
            )
            #expect(try await number("SELECT mean FROM forecast.current", connection) == 30)
            #expect(try await number("SELECT pg_catalog.count(*)::float8 FROM suyo.promotion_log", connection) == 3)
        }
    }

    @Test func theHistoryTellsWhoWasChampionThen() async throws {
        try await with { test, connection, versions in
            let then = try await connection.query("SELECT pg_catalog.clock_timestamp()::text")[0].decode(
                0, as: String.self)
            _ = try await ModelRegistry(database: test.database).rollBack(portfolio: nil, to: nil, reason: "x")
            let reports = ReportStore(database: test.database)
            func champion(_ asOf: String?) async throws -> [String] {
                let table = try await reports.history(.people, portfolio: "nightly", limit: 10, asOf: asOf)
                return table.rows.filter { $0.last?.text == "champion" }.map { $0[0].text }
            }
            #expect(try await champion(nil) == ["\(versions[1])"])
            #expect(try await champion(then) == ["\(versions[2])"])
            #expect(try await reports.history(.people, portfolio: nil, limit: 10, asOf: "2020-01-01").rows.isEmpty)
            await #expect(throws: ReportError.self) {
                try await reports.history(.people, portfolio: nil, limit: 10, asOf: "yesterday-ish")
            }
        }
    }
}
