import PostgresClient
import Store
import TestSupport
import Testing

/// Overrides: what a planner changes in the published forecasts.
@Suite struct OverrideTests {
    /// Three daily steps from 2026-03-01: 10, 20, 30 at ICN and 1, 2, 3 at PUS.
    private func published(_ body: (Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await PublishedSeries(portfolio: "icn", item: "A", site: "ICN", mean: [10, 20, 30]).insert(
                into: connection)
            try await PublishedSeries(portfolio: "pus", item: "B", site: "PUS", mean: [0, 0, 0]).insert(
                into: connection)
            try await connection.execute("INSERT INTO demand.item (item_id, category) VALUES ('A', 'drinks')")
            try await body(connection)
        }
    }

    private func finals(_ connection: Connection, _ source: String = "forecast.current") async throws -> [Double] {
        try await connection.query(
            "SELECT final FROM \(unescaped: source) WHERE item_id = 'A' ORDER BY bucket_start"
        ).map { try $0.decode(0, as: Double.self) }
    }

    private func adjust(_ connection: Connection, _ arguments: String) async throws -> Int64 {
        try await connection.query("SELECT forecast.adjust(\(unescaped: arguments))")[0].decode(0, as: Int64.self)
    }

    @Test func aTotalIsSplitAsTheMeansStandToEachOther() async throws {
        try await published { connection in
            let number = try await adjust(connection, "'A', 'ICN', '2026-03-01', '2026-03-02', 60, 'spot'")
            #expect(try await finals(connection) == [20, 40, 30])
            #expect(try await finals(connection, "forecast.get('A')") == [20, 40, 30])
            let numbers = try await connection.query(
                "SELECT override_id FROM forecast.current WHERE item_id = 'A' ORDER BY step"
            ).map { try $0.decode(0, as: Int64?.self) }
            #expect(numbers == [number, number, nil])
            // The later one counts; a delta and a percentage start from the mean.
            _ = try await adjust(connection, "'A', NULL, '2026-03-02', NULL, -5, 'less', kind => 'delta'")
            _ = try await adjust(
                connection, "NULL, NULL, '2026-03-03', NULL, 50, 'more', 'percent', category => 'drinks'")
            #expect(try await finals(connection) == [20, 15, 45])
            // Never below 0, and evenly where there is nothing to go by.
            _ = try await adjust(connection, "'A', NULL, '2026-03-01', '2026-03-01', -99, 'none', 'delta'")
            #expect(try await finals(connection) == [0, 15, 45])
            _ = try await adjust(connection, "'B', 'PUS', '2026-03-01', '2026-03-03', 9, 'opening'")
            let even = try await connection.query("SELECT final FROM forecast.get('B')")
                .map { try $0.decode(0, as: Double.self) }
            #expect(even == [3, 3, 3])
        }
    }

    @Test func anOverrideSurvivesTheNextPublicationAndIsWithdrawn() async throws {
        try await published { connection in
            let number = try await adjust(connection, "'A', 'ICN', '2026-03-02', NULL, 99, 'spot'")
            let before = try await connection.query("SELECT pg_catalog.clock_timestamp()::text")[0]
                .decode(0, as: String.self)
            try await PublishedSeries(
                portfolio: "icn", item: "A", site: "ICN", firstBucket: "2026-03-02", mean: [5, 6]
            ).insert(into: connection)
            #expect(try await finals(connection) == [99, 6])
            func withdraw() async throws -> Bool {
                try await connection.query("SELECT forecast.withdraw(\(number), 'cancelled')")[0]
                    .decode(0, as: Bool.self)
            }
            #expect(try await withdraw())
            #expect(try await withdraw() == false)
            #expect(try await finals(connection) == [5, 6])
            // What was believed then is still answered.
            #expect(
                try await finals(connection, "forecast.get('A', as_of => '\(before)')") == [10, 99, 30])
            await #expect(throws: PostgresError.self) {
                try await connection.execute("UPDATE forecast.override SET value = 1")
            }
        }
    }

    @Test func whatExpiredCountsNoMore() async throws {
        try await published { connection in
            _ = try await adjust(
                connection,
                "'A', 'ICN', '2026-03-02', NULL, 99, 'spot', expires_at => pg_catalog.now() + interval '1 day'")
            #expect(try await finals(connection) == [10, 99, 30])
            #expect(
                try await finals(connection, "forecast.get('A', as_of => pg_catalog.now() + interval '2 days')")
                    == [10, 20, 30])
        }
    }

    @Test func whatIsWrongIsNamedAndChangesNothing() async throws {
        try await published { connection in
            let lock = try await adjust(connection, "'A', 'ICN', '2026-03-03', NULL, 40, 'contract', locked => true")
            for (arguments, text) in [
                ("'A', 'ICN', '2026-03-01', NULL, 5, ' '", "needs a reason"),
                ("'A', 'ICN', '2026-03-01', NULL, 5", "needs a reason"),
                ("'Z', NULL, '2026-03-01', NULL, 5, 'x'", "no forecast of an item 'Z'; there are such as A, B"),
                ("'A', 'LHR', '2026-03-01', NULL, 5, 'x'", "no current forecast has item 'A' and site 'LHR'"),
                (
                    "'A', 'ICN', '2026-03-01', '2026-03-04', 5, 'x'",
                    "2026-03-04 lies beyond the horizon: the forecast goes from 2026-03-01 to 2026-03-03"
                ),
                ("'A', 'ICN', '2026-02-01', '2026-02-02', 5, 'x'", "no bucket begins from 2026-02-01 to 2026-02-02"),
                ("'A', 'ICN', '2026-03-02', '2026-03-01', 5, 'x'", "no buckets from 2026-03-02 to 2026-03-01"),
                ("'A', 'ICN', '2026-03-01', NULL, -5, 'x'", "a value of -5 is none"),
                ("'A', 'ICN', '2026-03-01', NULL, 'NaN', 'x'", "a value of NaN is none"),
                ("'A', 'ICN', '2026-03-01', NULL, -101, 'x', 'percent'", "a value of -101 is none"),
                ("'A', 'ICN', '2026-03-01', NULL, 5, 'x', 'double'", "there are absolute, delta and percent"),
                (
                    "'A', 'ICN', '2026-03-01', '2026-03-03', 5, 'x'",
                    "the bucket of 2026-03-03 is locked by override \(lock)"
                ),
            ] {
                let error = try await #require(throws: PostgresError.self) {
                    _ = try await adjust(connection, arguments)
                }
                #expect("\(error)".contains(text), "\(error)")
            }
            #expect(try await finals(connection) == [10, 20, 40])
        }
    }

    @Test func aPlannerOverridesAndAReaderDoesNot() async throws {
        try await published { connection in
            let call = "'A', 'ICN', '2026-03-01', NULL, 12, 'spot'"
            try await connection.execute("SET ROLE suyo_planner")
            let number = try await adjust(connection, call)
            #expect(try await finals(connection) == [12, 20, 30])
            let seen = try await connection.query("SELECT reason FROM forecast.override")
                .map { try $0.decode(0, as: String.self) }
            #expect(seen == ["spot"])
            for statement in [
                "INSERT INTO forecast.override_withdrawal VALUES (1, 'x')", "DELETE FROM forecast.override_cell",
                "UPDATE forecast.override SET value = 1", "SELECT forecast.make_current(1)",
            ] {
                await #expect(throws: PostgresError.self, "\(statement)") {
                    try await connection.execute("\(unescaped: statement)")
                }
            }
            try await connection.execute("SET ROLE suyo_reader")
            // A reader sees what came of it.
            #expect(try await finals(connection) == [12, 20, 30])
            for call in ["adjust(\(call))", "withdraw(\(number), 'x')"] {
                let error = try await #require(throws: PostgresError.self) {
                    try await connection.execute("SELECT forecast.\(unescaped: call)")
                }
                #expect(error.code == .insufficientPrivilege)
            }
        }
    }
}
