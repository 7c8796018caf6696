import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// Large orders: found, marked by people with a reason, and left out of what models are trained on.
@Suite struct OneOffOrderTests {
    /// Sixty days of an item that sells three a day, and one order of 900 with two lines.
    private func with(_ body: (OrderFixture) async throws -> Void) async throws {
        try await OrderFixture.with { fixture in
            try await fixture.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                SELECT 'erp', n::text, 1, 'A', 'ICN', timestamptz '2025-01-01 10:00+09' + n * interval '1 day', 3
                FROM pg_catalog.generate_series(0, 59) AS n
                """)
            try await fixture.connection.execute(
                """
                INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                VALUES ('erp', 'big', 1, 'A', 'ICN', '2025-02-01 11:00+09', 900),
                    ('erp', 'big', 2, 'B', 'ICN', '2025-02-01 11:00+09', 7)
                """)
            try await body(fixture)
        }
    }

    private func mark(
        _ order: String, line: Int? = nil, source: String? = nil, isOneOff: Bool = true, reason: String = "a fair",
        _ fixture: OrderFixture
    ) async throws -> Int {
        try await fixture.store.markOneOff(
            order: order, line: line, source: source, isOneOff: isOneOff, reason: reason)
    }

    private func total(_ fixture: OrderFixture) async throws -> [Double] {
        try await fixture.histories().map { $0.quantities.reduce(0, +) }
    }

    @Test func aLargeLineIsFoundAndMarkedAndUnmarked() async throws {
        try await with { fixture in
            let reports = ReportStore(database: fixture.test.database)
            let before = try await reports.largeLines(limit: 10)
            #expect(
                before.rows.map { $0.map(\.text).prefix(7).joined(separator: " ") } == [
                    "big 1 A ICN 2025-02-01 900 300"
                ])
            #expect(try await total(fixture) == [1080, 7])
            #expect(try await mark("big", line: 1, fixture) == 1)
            #expect(try await total(fixture) == [180, 7])
            let marked = try await reports.largeLines(limit: 10)
            #expect(marked.rows.map { $0.last?.text } == ["a fair"])
            // The line is still there, ordered and shipped: it is only no demand to expect again.
            #expect(try await mark("big", isOneOff: false, reason: "they come each month", fixture) == 2)
            #expect(try await total(fixture) == [1080, 7])
            let log = try await fixture.connection.query("SELECT pg_catalog.count(*) FROM demand.one_off_mark")
            #expect(try log[0].decode(0, as: Int.self) == 3)
        }
    }

    @Test func whatCannotBeMeantIsRefused() async throws {
        try await with { fixture in
            try await fixture.order(1, "big", at: "2025-02-02 10:00+09", source: "shop")
            for (order, line, reason, why) in [
                ("small", nil, "x", "there is no line ordered by 'small'"), ("1", 9, "x", "with the number 9"),
                ("1", nil, "  ", "a mark needs a reason"), ("big", nil, "x", "there is an order 'big' in erp, shop"),
            ] {
                let error = await #expect(throws: Refusal.self) {
                    try await mark(order, line: line, reason: reason, fixture)
                }
                #expect(error?.description.contains(why) == true, "\(error as Any)")
            }
            #expect(try await mark("big", source: "shop", fixture) == 1)
        }
    }
}
