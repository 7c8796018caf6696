import PostgresClient
import Store
import TestSupport
import Testing

/// What planners have to look at: opened at one threshold, closed at another.
@Suite struct ExceptionTests {
    /// The item A at ICN: 10 a day with a deviation of 5, four days of lead time; 60 there.
    private func stocked(_ body: (Connection) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('A', 4)")
            try await connection.execute(
                "INSERT INTO demand.stock_level VALUES ('A', 'ICN', '2026-03-01 00:00+00', 60)")
            try await publish(connection)
            try await body(connection)
        }
    }

    private func publish(_ connection: Connection, mean: Double = 10, issuedAt: String? = nil) async throws {
        try await PublishedSeries(
            item: "A", site: "ICN", mean: [Double](repeating: mean, count: 28), issuedAt: issuedAt, deviation: 5
        ).insert(into: connection)
    }

    /// What is open after another look.
    private func open(_ connection: Connection) async throws -> [String] {
        try await connection.execute("SELECT forecast.refresh_exceptions()")
        return try await connection.query(
            """
            SELECT pg_catalog.concat_ws(' ', kind, severity, item_id, site_id) FROM forecast.exception
            ORDER BY exception_id
            """
        ).map { try $0.decode(0, as: String.self) }
    }

    private func set(onHand: Double, _ connection: Connection) async throws {
        try await connection.execute("UPDATE demand.stock_level SET on_hand = \(onHand)")
    }

    @Test func aStockOutOpensAtOneHalfAndClosesBelowThreeTenths() async throws {
        try await stocked { connection in
            #expect(try await open(connection) == [])
            // Four days' demand is 40 with a deviation of 10: 0.46, 0.54, 0.34, 0.27.
            try await set(onHand: 41, connection)
            #expect(try await open(connection) == [])
            try await set(onHand: 39, connection)
            #expect(try await open(connection) == ["about_to_run_out warning A ICN"])
            let first = try await connection.query("SELECT exception_id FROM forecast.exception")[0]
                .decode(0, as: Int64.self)
            try await set(onHand: 44, connection)
            #expect(try await open(connection) == ["about_to_run_out warning A ICN"])
            try await set(onHand: 20, connection)
            #expect(try await open(connection) == ["about_to_run_out critical A ICN"])
            let same = try await connection.query(
                "SELECT exception_id, text FROM forecast.exception")[0]
            #expect(try same.decode("exception_id", as: Int64.self) == first)
            #expect(
                try same.decode("text", as: String.self)
                    == "runs out with probability 0.98 before an order arrives: 20 there, until 2026-03-03, lead time 4 days"
            )
            try await set(onHand: 46.2, connection)
            #expect(try await open(connection) == [])
            try await set(onHand: 41, connection)
            #expect(try await open(connection) == [])
        }
    }

    @Test func overstockIsMeasuredByTheLevelAndAPack() async throws {
        try await stocked { connection in
            // The level is 137.28 and the pack 1: twice that is 276.6, and one and a half 207.4.
            for (onHand, isOpen) in [(276.0, false), (277, true), (208, true), (207, false), (276, false)] {
                try await set(onHand: onHand, connection)
                #expect(try await open(connection) == (isOpen ? ["overstock warning A ICN"] : []), "\(onHand)")
            }
            try await set(onHand: 1000, connection)
            #expect(try await open(connection) == ["overstock critical A ICN"])
        }
    }

    @Test func aJumpStaysUntilItIsAcknowledged() async throws {
        try await stocked { connection in
            // The total of 28 days is 280, and half its 80 % band 1.28 · 5 · √28 = 33.9.
            try await publish(connection, mean: 11.2)
            #expect(try await open(connection) == [])
            try await publish(connection, mean: 12.5)
            #expect(try await open(connection) == ["forecast_jump warning A ICN"])
            // The next one is like it.
            try await publish(connection, mean: 12.5)
            #expect(try await open(connection) == ["forecast_jump warning A ICN"])
            let number = try await connection.query("SELECT exception_id FROM forecast.exception")[0]
                .decode(0, as: Int64.self)
            func acknowledge() async throws -> Bool {
                try await connection.query("SELECT forecast.acknowledge(\(number), 'new customer')")[0]
                    .decode(0, as: Bool.self)
            }
            #expect(try await acknowledge())
            #expect(try await acknowledge() == false)
            #expect(try await open(connection) == [])
            let kept = try await connection.query("SELECT acknowledgement FROM forecast.exception_episode")
            #expect(try kept[0].decode(0, as: String.self) == "new customer")
        }
    }

    @Test func stockWithoutAForecastOrALeadTimeIsMissingData() async throws {
        try await stocked { connection in
            try await connection.execute(
                "INSERT INTO demand.stock_level VALUES ('B', 'ICN', '2026-03-01', 5), ('C', 'ICN', '2026-03-01', 0)")
            #expect(try await open(connection) == ["no_data warning B ICN"])
            try await connection.execute("DELETE FROM demand.lead_time")
            #expect(try await open(connection) == ["no_data warning B ICN", "no_data warning A ICN"])
            try await PublishedSeries(portfolio: "other", item: "B", site: "ICN").insert(into: connection)
            try await connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('A', 4), ('B', 1)")
            #expect(try await open(connection).filter { $0.hasPrefix("no_data") } == [])
        }
    }

    @Test func aForecastIsStaleTwoHoursAfterItsNextWasDue() async throws {
        try await stocked { connection in
            try await connection.execute(
                """
                INSERT INTO suyo.job (name, source, kind, definition, next_fire_at)
                VALUES ('nightly', 'test', 'retrain', '{}', pg_catalog.now() - interval '1 hour')
                """)
            #expect(try await open(connection) == [])
            try await connection.execute("UPDATE suyo.job SET next_fire_at = pg_catalog.now() - interval '3 hours'")
            #expect(try await open(connection) == ["stale warning"])
            try await connection.execute("UPDATE suyo.job SET next_fire_at = pg_catalog.now() - interval '2 days'")
            #expect(try await open(connection) == ["stale critical"])
            try await connection.execute("UPDATE suyo.job SET next_fire_at = pg_catalog.now() + interval '1 day'")
            #expect(try await open(connection) == [])
            // One that only people run is never due.
            try await connection.execute("UPDATE suyo.job SET next_fire_at = 'infinity'")
            #expect(try await open(connection) == [])
            // A tick since it was issued was to make another.
            try await publish(connection, issuedAt: "2026-01-02 00:00+00")
            try await connection.execute(
                """
                INSERT INTO suyo.tick (job_id, fire_at, outcome, reason)
                SELECT job_id, '2026-01-03 00:00+00', 'skipped', 'test' FROM suyo.job
                """)
            #expect(try await open(connection) == ["stale critical"])
            try await publish(connection)
            #expect(try await open(connection) == [])
        }
    }

    @Test func acknowledgingNeedsAReasonAndAnException() async throws {
        try await stocked { connection in
            for (call, text) in [("1, ' '", "needs a reason"), ("4711, 'x'", "there is no exception 4711")] {
                let error = try await #require(throws: PostgresError.self) {
                    try await connection.execute("SELECT forecast.acknowledge(\(unescaped: call))")
                }
                #expect("\(error)".contains(text), "\(error)")
            }
        }
    }

    @Test func aReaderReadsAndAPlannerPlans() async throws {
        try await stocked { connection in
            try await set(onHand: 0, connection)
            let calls = [
                "SELECT * FROM forecast.refresh_exceptions()", "SELECT forecast.acknowledge(1, 'x')",
                "SELECT forecast.set_policy('A', service_level => 0.9, reason => 'x')",
                "SELECT forecast.withdraw_policy(2)",
                "SELECT forecast.classify_items()",
            ]
            let reads = [
                "SELECT * FROM forecast.replenishment", "SELECT * FROM forecast.exception",
                "SELECT * FROM forecast.planning_policy",
            ]
            let writes = [
                "INSERT INTO forecast.planning_policy (service_level, reason) VALUES (0.9, 'x')",
                "UPDATE forecast.planning_policy SET service_level = 0.5", "DELETE FROM forecast.exception_episode",
                "UPDATE forecast.exception_episode SET acknowledged_at = NULL", "DELETE FROM forecast.item_class",
            ]
            for (role, may, mayNot) in [
                ("suyo_planner", reads + calls, writes), ("suyo_operator", reads + calls, writes),
                ("suyo_reader", reads, writes + calls), ("suyo_service", reads + calls, []),
                ("suyo_ingest", [], reads + writes + calls),
            ] {
                try await connection.execute("SET ROLE \(unescaped: role)")
                for statement in may {
                    do { try await connection.execute("\(unescaped: statement)") } catch {
                        Issue.record("\(role) may not \(statement): \(error)")
                    }
                }
                for statement in mayNot {
                    let error = await #expect(throws: PostgresError.self, "\(role) may \(statement)") {
                        try await connection.execute("\(unescaped: statement)")
                    }
                    #expect(error?.code == .insufficientPrivilege)
                }
                try await connection.execute("RESET ROLE")
            }
        }
    }
}
