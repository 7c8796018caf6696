import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// A version is refitted from what was stored of it.
@Suite struct ReproductionTests {
    /// Two versions of the sample orders with holidays and events: one that chose its models, one that holds on to its own.
    private func with(_ body: (TestDatabase, Connection, _ chosen: Int64, _ held: Int64) async throws -> Void)
        async throws
    {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await SampleOrders.insert(into: connection)
            try await connection.execute(
                "INSERT INTO demand.holiday VALUES ('KR', '2026-03-01', 'Samiljeol'), ('KR', '2026-05-05', 'Children')")
            try await connection.execute(
                """
                INSERT INTO demand.event (event_id, item_id, name, kind, value, starts_on, ends_on, known_from)
                VALUES ('p1', 'apple', 'spring', 'promotion', 0.1, '2026-04-01', '2026-04-05', '2026-03-01'),
                    ('p2', 'apple', 'summer', 'promotion', 0.3, '2026-07-01', '2026-07-05', '2026-03-01'),
                    ('all', NULL, 'fair', 'other', NULL, '2026-05-20', '2026-05-21', NULL)
                """)
            let retraining = Retraining(
                reader: DemandStore(database: test.database), registry: ForecastStore(database: test.database),
                codeVersion: "test", threads: 2)
            var specification = PortfolioSpecification(frequency: .daily, horizon: 7)
            specification.holidayCalendar = "KR"
            func retrain() async throws -> Retraining.Outcome {
                try await retraining.run(
                    portfolio: "nightly", specification: specification,
                    permit: try await SampleOrders.claimRun(connection)
                ) { _ in }
            }
            let first = try await retrain()
            specification.model = "mean"
            let second = try await retrain()
            #expect(second.published.refusedVersionID != nil)
            try await body(test, connection, first.published.versionID, second.published.versionID)
        }
    }

    private func reproduce(
        _ version: Int64, _ test: TestDatabase, threads: Int
    ) async throws -> Reproduction.Outcome {
        try await Reproduction(snapshots: ModelRegistry(database: test.database), threads: threads).run(
            version: version)
    }

    @Test func theSameComesOutOnAnyNumberOfThreads() async throws {
        try await with { test, connection, chosen, held in
            for version in [chosen, held, chosen + 1] {
                for threads in [1, 2] {
                    let outcome = try await reproduce(version, test, threads: threads)
                    #expect(outcome.series == 3)
                    #expect(outcome.isSame, "\(version): \(outcome.differences)")
                }
            }
            // Whatever became of demand, holidays and events since.
            try await connection.execute("DELETE FROM demand.order_line")
            try await connection.execute("DELETE FROM demand.holiday")
            try await connection.execute("DELETE FROM demand.event")
            #expect(try await reproduce(chosen, test, threads: 2).isSame)
            let error = await #expect(throws: Refusal.self) { try await reproduce(999, test, threads: 1) }
            #expect(error?.description.contains("no model version 999") == true)
        }
    }

    @Test(arguments: [
        ("suyo.training_series", "\"values\" = \"values\"[1:10] || 1e6::float8 || \"values\"[12:]", "was trained on"),
        ("suyo.training_knowledge", "content = pg_catalog.replace(content, 'spring', 'autumn')", "have the hash"),
        ("suyo.training_knowledge", "content = pg_catalog.replace(content, 'Samil', 'Semil')", "have the hash"),
        ("suyo.model_version", "data_hash = 'x'", "was trained on x"),
        ("suyo.model_version", "shard_sizes = '{2}'", "more are stored"),
        ("suyo.model_version", "shard_sizes = '{4}'", "3 are stored"),
    ])
    func aSnapshotThatWasTamperedWithIsRefused(table: String, change: String, reason: String) async throws {
        try await with { test, connection, chosen, _ in
            // As only the owner can.
            try await connection.execute("ALTER TABLE \(unescaped: table) DISABLE TRIGGER immutable")
            try await connection.execute("UPDATE \(unescaped: table) SET \(unescaped: change)")
            let error = await #expect(throws: PipelineError.self) { try await reproduce(chosen, test, threads: 2) }
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test func whatDiffersIsNamed() async throws {
        try await with { test, connection, chosen, _ in
            try await connection.execute(
                "UPDATE forecast.series_forecast SET mean[3] = mean[3] + 1 WHERE item_id = 'pear'")
            let outcome = try await reproduce(chosen, test, threads: 1)
            #expect(!outcome.isSame)
            #expect(outcome.different == 1)
            #expect(outcome.differences.count == 1)
            #expect(outcome.differences[0].hasPrefix("pear ICN: mean 3 is "), "\(outcome.differences)")
        }
    }
}
