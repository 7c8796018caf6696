import Pipeline
import PostgresClient
import Store
import TestSupport
import Testing
import TimeSeries

/// Order lines, stock and what becomes of them, in a database of one test's own.
struct OrderFixture {
    let test: TestDatabase
    let connection: Connection
    var store: DemandStore { DemandStore(database: test.database) }

    /// A fixture with the sites ICN (Asia/Seoul) and LHR (Europe/London).
    static func with(_ body: (OrderFixture) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul'), ('LHR', 'Europe/London')")
            try await body(OrderFixture(test: test, connection: connection))
        }
    }

    /// Adds a line, its quantity first.
    func order(
        _ quantity: Double, _ order: String, at: String, item: String = "A", site: String = "ICN",
        customer: String? = "K", requested: String? = nil, status: String = "ordered", reason: String? = nil,
        source: String = "erp"
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, customer_id, ordered_at,
                requested_on, status, cancel_reason, quantity)
            VALUES (\(source), \(order), 1, \(item), \(site), \(customer), \(at)::timestamptz, \(requested)::date,
                \(status), \(reason), \(quantity))
            """)
    }

    /// Adds a stock count.
    func stock(_ onHand: Double, at: String, item: String = "A", site: String = "ICN") async throws {
        try await connection.execute(
            """
            INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
            VALUES (\(item), \(site), \(at)::timestamptz, \(onHand))
            """)
    }

    /// Every history through a day, the whole company's unless told otherwise.
    func histories(
        _ grain: PortfolioSpecification.Grain = .itemSite, _ frequency: Frequency = .daily,
        scope: PortfolioSpecification.Scope = .init(), through: String = "2025-12-31"
    ) async throws -> [DemandHistory] {
        var specification = PortfolioSpecification(frequency: frequency, horizon: 7)
        specification.grain = grain
        specification.scope = scope
        return try await store.withHistories(of: specification, through: CivilDate(through)!) { shards in
            // One at a time, so that the cursor is seen to go on.
            var all: [DemandHistory] = []
            while true {
                let (histories, total) = try await shards.next(1)
                guard let history = histories.first else { return all }
                #expect(total > all.count)
                all.append(history)
            }
        }
    }

    /// The demand of the only history there is, as `2025-03-02: 5.0` per day.
    func demand(_ grain: PortfolioSpecification.Grain = .itemSite, through: String = "2025-12-31") async throws
        -> [String]
    {
        let histories = try await histories(grain, through: through)
        return histories.count == 1 ? histories[0].demand : histories.map { "another history: \($0.key)" }
    }
}

extension DemandHistory {
    /// Demand as `2025-03-02: 5.0` per day.
    var demand: [String] {
        zip(instants, quantities).map { "\(CivilDate(daysSinceEpoch: $0)): \($1)" }
    }

    /// Stock as `2025-03-02: 5.0` per day.
    var counts: [String] { zip(stockDays, stock).map { "\(CivilDate(daysSinceEpoch: $0)): \($1)" } }
}
