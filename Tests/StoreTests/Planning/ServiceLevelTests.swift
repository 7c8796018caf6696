import Foundation
import Intake
import Pipeline
import PostgresClient
import SampleCompany
import Store
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// Whether a company that orders what it is told keeps its shelves as full as it wanted to.
@Suite struct ServiceLevelTests {
    private static let lastDay = CivilDate(year: 2026, month: 11, day: 25)
    private static let weeks = 16
    /// The Monday on which the company begins to order so.
    private static let start = CivilDate(year: 2026, month: 8, day: 3).daysSinceEpoch

    private struct Pair: Hashable {
        var item: String
        var site: String
    }

    /// Every Monday: the week's orders come in, the portfolio is retrained and published, the shelves are counted, and
    /// what forecast.replenishment suggests is ordered, to arrive after a lead time drawn from the item's mean and
    /// deviation. The demand is the sample company's, met or owed.
    @Test func theServiceAchievedIsTheServiceWanted() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await takeInCompany(test.database)
            let demand = try await demandByDay(connection)
            try await connection.execute(
                """
                CREATE TABLE public.later AS SELECT * FROM demand.order_line
                WHERE ordered_at >= (date '1970-01-01' + \(ServiceLevelTests.start)::integer) AT TIME ZONE 'Asia/Seoul'
                """)
            try await connection.execute(
                "DELETE FROM demand.order_line AS l USING public.later AS w WHERE l.order_id = w.order_id")
            var shelves: [Pair: SimulatedShelf] = [:]
            var targets: [Double] = []
            for week in 0..<ServiceLevelTests.weeks {
                let monday = ServiceLevelTests.start + 7 * week
                // A shelf found empty would make that week's demand unknown; here it is known, met or not.
                try await connection.execute("DELETE FROM demand.stock_level")
                try await retrain(test.database, connection)
                try await count(shelves, on: monday, connection)
                for row in try await connection.query(
                    """
                    SELECT item_id, site_id, suggested_quantity, order_up_to, lead_time_days, lead_time_sd, service_level
                    FROM forecast.replenishment WHERE order_up_to IS NOT NULL ORDER BY item_id, site_id
                    """)
                {
                    let pair = Pair(item: try row.decode(0, as: String.self), site: try row.decode(1, as: String.self))
                    guard var shelf = shelves[pair] else {
                        guard week == 0 else { continue }
                        shelves[pair] = SimulatedShelf(holding: try row.decode(3, as: Double.self).rounded(.up))
                        continue
                    }
                    var random = SplitMix(seed: UInt64(week) << 32 | UInt64(targets.count))
                    let days = try row.decode(4, as: Double.self) + row.decode(5, as: Double.self) * random.normal()
                    shelf.order(
                        try row.decode(2, as: Double.self), on: monday, arrivingAfter: max(1, Int(days.rounded())))
                    shelves[pair] = shelf
                    targets.append(try row.decode(6, as: Double.self))
                }
                for day in monday..<monday + 7 {
                    for pair in shelves.keys { shelves[pair]?.pass(day, demand: demand[pair]?[day] ?? 0) }
                }
                try await connection.execute(
                    """
                    INSERT INTO demand.order_line SELECT * FROM public.later
                    WHERE ordered_at >= (date '1970-01-01' + \(monday)::integer) AT TIME ZONE 'Asia/Seoul'
                        AND ordered_at < (date '1970-01-01' + \(monday + 7)::integer) AT TIME ZONE 'Asia/Seoul'
                    """)
            }
            let cycles = shelves.values.reduce((all: 0, served: 0)) {
                ($0.all + $1.cycles.all, $0.served + $1.cycles.served)
            }
            let achieved = Double(cycles.served) / Double(cycles.all)
            let wanted = targets.reduce(0, +) / Double(targets.count)
            #expect(cycles.all > 1_500)
            #expect(
                abs(achieved - wanted) < 0.02, "\(achieved) of \(cycles.all) cycles were served; \(wanted) was wanted")
            // Of what is wanted more is there at once than of the cycles is without any want.
            let filled =
                shelves.values.reduce(0) { $0 + $1.units.served }
                / shelves.values.reduce(0) { $0 + $1.units.wanted }
            #expect(filled > wanted, "\(filled)")
        }
    }

    private func takeInCompany(_ database: Database) async throws {
        let folder = NSTemporaryDirectory() + "suyo-planning-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in try SampleCompany(seed: 1, endingOn: ServiceLevelTests.lastDay).writeFiles(to: folder)
        where file.kind != "stock" {
            let plan = try IntakePlan(kind: try #require(IntakeKind(rawValue: file.kind)), mapping: nil)
            let reader = Mutex(try IntakeReader(path: file.path, plan: plan))
            _ = try await IntakeStore(database: database).take(
                plan, fileName: file.kind, dryRun: false, rows: { try reader.withLock { try $0.next() } },
                contentHash: { reader.withLock { $0.contentHash } })
        }
    }

    /// What is wanted of each item at each site on each day of the simulation.
    private func demandByDay(_ connection: Connection) async throws -> [Pair: [Int: Double]] {
        var result: [Pair: [Int: Double]] = [:]
        for row in try await connection.query(
            """
            SELECT item_id, site_id, coalesce(requested_on, (ordered_at AT TIME ZONE 'Asia/Seoul')::date)
                - date '1970-01-01', pg_catalog.sum(quantity)
            FROM demand.order_line WHERE status = 'ordered' OR cancel_reason IN ('supplier', 'stock-out')
            GROUP BY 1, 2, 3
            """)
        {
            let pair = Pair(item: try row.decode(0, as: String.self), site: try row.decode(1, as: String.self))
            result[pair, default: [:]][try row.decode(2, as: Int.self)] = try row.decode(3, as: Double.self)
        }
        return result
    }

    private func retrain(_ database: Database, _ connection: Connection) async throws {
        var specification = PortfolioSpecification(frequency: .daily, horizon: 42)
        specification.holidayCalendar = "KR"
        let permit = try await SampleOrders.claimRun(connection)
        _ = try await Retraining(
            reader: DemandStore(database: database), registry: ForecastStore(database: database), codeVersion: "test"
        ).run(portfolio: "nightly", specification: specification, permit: permit) { _ in }
    }

    /// Puts the shelves' stock where a warehouse's system puts it; before the first order each is empty.
    private func count(_ shelves: [Pair: SimulatedShelf], on day: Int, _ connection: Connection) async throws {
        if shelves.isEmpty {
            try await connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
                SELECT item_id, site_id, (date '1970-01-01' + \(day)::integer) AT TIME ZONE 'Asia/Seoul', 0
                FROM forecast.replenishment
                """)
            return
        }
        let pairs = Array(shelves.keys)
        try await connection.execute(
            """
            INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand, on_order, reserved)
            SELECT item_id, site_id, (date '1970-01-01' + \(day)::integer) AT TIME ZONE 'Asia/Seoul', greatest(net, 0), on_order,
                greatest(-net, 0)
            FROM unnest(\(pairs.map(\.item))::text[], \(pairs.map(\.site))::text[],
                \(pairs.map { shelves[$0]?.net ?? 0 })::float8[], \(pairs.map { shelves[$0]?.onOrder ?? 0 })::float8[])
                AS shelf (item_id, site_id, net, on_order)
            """)
    }
}

/// Sebastiano Vigna's SplitMix64, so that every run draws the same lead times.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A standard normal number: the sum of twelve uniform ones less six.
    mutating func normal() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}
