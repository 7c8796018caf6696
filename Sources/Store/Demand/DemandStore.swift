public import Forecasting
public import Pipeline
internal import PostgresClient
public import TimeSeries

/// Reads demand from the `demand` schema.
public struct DemandStore: DemandReader {
    private let database: Database

    /// A reader of one database.
    public init(database: Database) { self.database = database }

    /// How far demand has arrived.
    ///
    /// The last day with orders is complete when it is over by the database's clock and its last order came no earlier
    /// in the day than on the earliest tenth of the four weeks of order days before it; else the day before it is the last complete one.
    /// Orders dated in the future are left out of account.
    public func watermark() async throws -> DataWatermark? {
        let rows = try await database.transaction { connection in
            try await connection.query(
                """
                WITH newest AS (
                    SELECT pg_catalog.max(l.ordered_at) AS at FROM demand.order_line AS l
                    WHERE l.ordered_at <= pg_catalog.now() AND l.status = 'ordered'),
                per_day AS (
                    SELECT (l.ordered_at AT TIME ZONE s.time_zone)::date AS day,
                        pg_catalog.max((l.ordered_at AT TIME ZONE s.time_zone)::time) AS last_order,
                        pg_catalog.max((pg_catalog.now() AT TIME ZONE s.time_zone)::date) AS today
                    FROM demand.order_line AS l JOIN demand.site AS s USING (site_id), newest
                    WHERE l.ordered_at > newest.at - interval '60 days' AND l.ordered_at <= newest.at
                        AND l.status = 'ordered'
                    GROUP BY 1),
                latest AS (SELECT * FROM per_day ORDER BY day DESC LIMIT 1),
                usual AS (
                    SELECT pg_catalog.percentile_disc(0.1) WITHIN GROUP (ORDER BY p.last_order) AS earliest
                    FROM (SELECT * FROM per_day ORDER BY day DESC OFFSET 1 LIMIT 20) AS p)
                SELECT latest.day - date '1970-01-01' AS day, latest.day >= latest.today AS is_today,
                    coalesce(latest.last_order < usual.earliest, false) AS stops_early,
                    pg_catalog.to_char(latest.last_order, 'HH24:MI') AS last_order
                FROM latest, usual
                """)
        }
        guard let row = rows.first else { return nil }
        let day = CivilDate(daysSinceEpoch: try row.decode("day", as: Int.self))
        let dayBefore = CivilDate(daysSinceEpoch: day.daysSinceEpoch - 1)
        if try row.decode("is_today", as: Bool.self) {
            return DataWatermark(
                dataThrough: dayBefore, immatureReason: "\(day) is not over yet, so it is not counted.")
        }
        if try row.decode("stops_early", as: Bool.self) {
            let last = try row.decode("last_order", as: String.self)
            return DataWatermark(
                dataThrough: dayBefore,
                immatureReason:
                    "\(day) is not counted: its last order came at \(last), earlier than on almost every day before it."
            )
        }
        return DataWatermark(dataThrough: day)
    }

    /// Hands out every grain's history that a portfolio covers, in ascending order of key by bytes.
    public func withHistories<Result: Sendable>(
        of specification: PortfolioSpecification, through: CivilDate,
        _ body: @Sendable (any HistoryShards) async throws -> Result
    ) async throws -> Result {
        let query = HistoryQuery(specification: specification).query(through: through)
        return try await database.transaction { connection in
            // All of it is fetched, so it is planned for that.
            try await connection.execute("SET LOCAL cursor_tuple_fraction = 1")
            try await connection.execute(query.wrapped("DECLARE history NO SCROLL CURSOR FOR ", ""))
            return try await body(HistoryCursor(connection: connection))
        }
    }

    /// The days of a holiday calendar, ascending.
    public func holidays(calendar: String) async throws -> [Holiday] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT date - date '1970-01-01' AS day, name FROM demand.holiday WHERE calendar = \(calendar) ORDER BY date
                """
            ).map { row in
                Holiday(
                    date: CivilDate(daysSinceEpoch: try row.decode("day", as: Int.self)),
                    name: try row.decode("name", as: String.self))
            }
        }
    }
}

/// Histories as a server-side cursor gives them.
private struct HistoryCursor: HistoryShards {
    let connection: Connection

    func next(_ limit: Int) async throws -> (histories: [DemandHistory], total: Int) {
        let rows = try await connection.query(
            "FETCH FORWARD \(unescaped: limit == .max ? "ALL" : String(limit)) FROM history")
        let histories = try rows.map { row in
            DemandHistory(
                key: SeriesKey(
                    item: try row.decode("item_id", as: String.self),
                    site: try row.decode("site_id", as: String?.self),
                    customer: try row.decode("customer_id", as: String?.self)),
                instants: try row.decode("instants", as: [Double].self).map { Int($0) },
                quantities: try row.decode("quantities", as: [Double].self),
                introduced: try row.decode("introduced", as: Int?.self).map(CivilDate.init(daysSinceEpoch:)),
                discontinued: try row.decode("discontinued", as: Int?.self)
                    .map(CivilDate.init(daysSinceEpoch:)),
                stockDays: try row.decode("stock_days", as: [Double]?.self).map { $0.map { Int($0) } } ?? [],
                stock: try row.decode("stock", as: [Double]?.self) ?? [])
        }
        return (histories, try rows.first?.decode("total", as: Int.self) ?? 0)
    }
}
