import PostgresClient
import Store
import TestSupport
import Testing

/// Old versions are thinned out, and nothing that is still needed goes.
@Suite struct PruningTests {
    /// Versions 1 to 6 of an apple, each of a series of its own data, the last one champion and current; all buckets of those
    /// before have matured.
    private func with(_ body: (TestDatabase, Connection, ModelRegistry) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for version in 1...6 {
                try await PublishedSeries(
                    item: "apple", site: "ICN", firstBucket: "2026-03-0\(version)", mean: [Double(version), 1]
                ).insert(into: connection)
                try await connection.execute(
                    "INSERT INTO suyo.training_series VALUES (\("hash \(version)"), '2026-01-01', '{1,2}')")
                try await connection.execute(
                    """
                    INSERT INTO suyo.version_series (version_id, item_id, site_id, content_hash, model, demand_class,
                        parameter_names, parameters, state, observations, scored, candidates, candidate_losses, step_errors,
                        notes)
                    VALUES (\(version), 'apple', 'ICN', \("hash \(version)"), 'mean', 'smooth', '{}', '{}', '{}', 2, 0, '{}', '{}',
                        '{}', '{}')
                    """)
                _ = try await connection.query(
                    "SELECT suyo.set_champion('nightly', \(version)::bigint, 'promote', 'retrained')")
            }
            try await mature("2026-03-06", connection)
            try await body(test, connection, ModelRegistry(database: test.database))
        }
    }

    private func mature(_ bucket: String, _ connection: Connection) async throws {
        try await connection.execute("DELETE FROM suyo.matured_sum")
        try await connection.execute(
            """
            INSERT INTO suyo.matured_sum (portfolio, bucket_start, version_id, demand_class, lag, stage, points,
                absolute_actual, absolute_error, signed_error, scaled_points, scaled_error, squared_scaled_error)
            VALUES ('nightly', \(bucket)::timestamp, 5, 'smooth', 1, 'model', 1, 1, 1, 0, 1, 0, 0)
            """)
    }

    private func versions(_ table: ReportTable) -> [String] { table.rows.map { $0[0].text } }

    private func whole(_ connection: Connection) async throws -> String {
        try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' / ',
                (SELECT pg_catalog.string_agg(version_id::text, ' ' ORDER BY version_id) FROM suyo.version_series),
                (SELECT pg_catalog.string_agg(p.version_id::text, ' ' ORDER BY p.version_id) FROM forecast.series_forecast
                    JOIN forecast.publication AS p USING (publication_id)),
                (SELECT pg_catalog.string_agg(pg_catalog.right(content_hash, 1), ' ' ORDER BY 1)
                    FROM (SELECT content_hash FROM suyo.training_series ORDER BY 1) AS t))
            """)[0].decode(0, as: String.self)
    }

    @Test func aDryRunNamesThemAndChangesNothing() async throws {
        try await with { _, connection, registry in
            let table = try await registry.prune(portfolio: nil, keep: 2, isDryRun: true)
            #expect(versions(table) == ["1", "2", "3", "4"])
            #expect(table.rows.allSatisfy { Double($0[4].text) ?? 0 > 100 })
            #expect(try await whole(connection) == "1 2 3 4 5 6 / 1 2 3 4 5 6 / 1 2 3 4 5 6")
            #expect(versions(try await registry.prune(portfolio: "elsewhere", keep: 1, isDryRun: true)).isEmpty)
        }
    }

    @Test func forecastsModelsAndTheirDataGoAndTheRecordsStay() async throws {
        try await with { _, connection, registry in
            // The data of version 1 are also those of version 6.
            try await connection.execute("ALTER TABLE suyo.version_series DISABLE TRIGGER immutable")
            try await connection.execute("UPDATE suyo.version_series SET content_hash = 'hash 1' WHERE version_id = 6")
            #expect(
                versions(try await registry.prune(portfolio: "nightly", keep: 2, isDryRun: false)) == [
                    "1", "2", "3", "4",
                ])
            #expect(try await whole(connection) == "5 6 / 5 6 / 1 5 6")
            #expect(
                try await connection.query("SELECT FROM suyo.model_version").count == 6)
            #expect(try await connection.query("SELECT FROM suyo.promotion_log").count == 6)
            #expect(versions(try await registry.prune(portfolio: "nightly", keep: 2, isDryRun: false)).isEmpty)
            let error = await #expect(throws: Refusal.self) { try await registry.promote(version: 3, reason: "x") }
            #expect(
                error?.description.contains("no forecasts any more; versions of nightly that have are 6, 5") == true)
        }
    }

    @Test func whatIsStillNeededStays() async throws {
        try await with { _, connection, registry in
            // Current is version 2 once more; version 4 holds on to the models of 3; of version 5 a bucket has yet to close.
            _ = try await registry.promote(version: 2, reason: "x")
            try await connection.execute("ALTER TABLE suyo.model_version DISABLE TRIGGER immutable")
            try await connection.execute("UPDATE suyo.model_version SET holds_version_id = 3 WHERE version_id = 4")
            try await mature("2026-03-05", connection)
            #expect(versions(try await registry.prune(portfolio: nil, keep: 1, isDryRun: false)) == ["1", "4"])
            #expect(try await whole(connection) == "2 3 5 6 / 2 3 5 6 / 2 3 5 6")
            // With the one that held on to it gone, so may it.
            #expect(versions(try await registry.prune(portfolio: nil, keep: 1, isDryRun: false)) == ["3"])
            #expect(try await connection.query("SELECT FROM forecast.current").count == 2)
        }
    }
}
