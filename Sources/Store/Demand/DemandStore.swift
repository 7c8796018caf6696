public import Forecasting
public import Pipeline
internal import PostgresClient
public import TimeSeries

/// Reads demand from the `demand` schema.
public struct DemandStore: DemandReader {
    private let database: Database

    /// A reader of one database.
    public init(database: Database) { self.database = database }

    /// How far demand has arrived, and at which sites not so far.
    ///
    /// A day is over when it is over at every site that has orders. The last day with orders stops early when on every
    /// one of the same weekdays in the eight weeks before it (three at least) five orders or more came at a later hour
    /// than its last one: then the file or the feed ended in the middle of it. A day is compared with its like, so that
    /// Sundays and short Saturdays count, and so do the days of a shop with few orders; where there is doubt, a day
    /// counts. Orders dated in the future are left out of account.
    public func watermark() async throws -> DataWatermark? {
        guard var watermark = try await commonWatermark() else { return nil }
        let day = watermark.dataThrough
        watermark.lateSites = try await database.transaction { try await DemandStore.lateSites(through: day, $0) }
        return watermark
    }

    private func commonWatermark() async throws -> DataWatermark? {
        let rows = try await database.transaction { connection in
            try await connection.query(
                """
                WITH newest AS (
                    SELECT pg_catalog.max(l.ordered_at) AS at FROM demand.order_line AS l
                    WHERE l.ordered_at <= pg_catalog.now() AND l.status = 'ordered'),
                recent AS (
                    SELECT l.source, l.order_id, l.ordered_at AT TIME ZONE coalesce(s.time_zone, 'UTC') AS at,
                        (pg_catalog.now() AT TIME ZONE coalesce(s.time_zone, 'UTC'))::date AS today
                    FROM demand.order_line AS l LEFT JOIN demand.site AS s USING (site_id), newest
                    WHERE l.ordered_at > newest.at - interval '58 days' AND l.ordered_at <= newest.at
                        AND l.status = 'ordered'),
                latest AS (
                    SELECT day, today,
                        -- Midnight is how a file writes a day without a time: such lines tell nothing of the hour.
                        (SELECT pg_catalog.max(at)::time FROM recent
                            WHERE at::date = day AND at::time <> time '00:00') AS last_order
                    FROM (SELECT pg_catalog.max(at)::date AS day, pg_catalog.min(today) AS today FROM recent) AS d),
                usual AS (
                    SELECT recent.at::date AS day, pg_catalog.count(DISTINCT (recent.source, recent.order_id))
                        FILTER (WHERE recent.at::time > latest.last_order) AS later
                    FROM recent, latest
                    WHERE recent.at::date < latest.day AND recent.at::date >= latest.day - 56
                        AND (latest.day - recent.at::date) % 7 = 0
                    GROUP BY 1)
                SELECT latest.day - date '1970-01-01' AS day, latest.today - date '1970-01-01' AS today,
                    pg_catalog.to_char(latest.last_order, 'HH24:MI') AS last_order,
                    (SELECT pg_catalog.count(*) >= 3 AND pg_catalog.min(later) >= 5 FROM usual) AS stops_early
                FROM latest WHERE latest.day IS NOT NULL
                """)
        }
        guard let row = rows.first else { return nil }
        let day = CivilDate(daysSinceEpoch: try row.decode("day", as: Int.self))
        let today = CivilDate(daysSinceEpoch: try row.decode("today", as: Int.self))
        if day >= today {
            return DataWatermark(
                dataThrough: CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1),
                immatureReason: "\(today) is not over yet, so it is not counted.")
        }
        if try row.decode("stops_early", as: Bool.self) {
            let last = try row.decode("last_order", as: String.self)
            return DataWatermark(
                dataThrough: CivilDate(daysSinceEpoch: day.daysSinceEpoch - 1),
                immatureReason:
                    "\(day) is not counted: its last order came at \(last), and on each such weekday before it five orders or more came later."
            )
        }
        return DataWatermark(dataThrough: day)
    }

    /// Hands out every grain's history that a portfolio covers, in ascending order of key by bytes.
    public func withHistories<Result: Sendable>(
        of specification: PortfolioSpecification, through: CivilDate,
        _ body: @Sendable (any HistoryShards) async throws -> Result
    ) async throws -> Result {
        let query = HistoryQuery(specification).query(through: through)
        return try await database.transaction { connection in
            for setting in HistoryQuery.preparation { try await connection.execute(setting) }
            try await connection.execute(query.wrapped("DECLARE history NO SCROLL CURSOR FOR ", ""))
            return try await body(HistoryCursor(connection: connection))
        }
    }

    /// The histories of the items that new ones are said to be like, by new item, like item and place.
    ///
    /// An item is new here where it was first ordered within three seasons before the last day, or never.
    public func likeHistories(
        of specification: PortfolioSpecification, through: CivilDate
    ) async throws -> [LikeItemHistory] {
        let buckets = 3 * max(specification.season, 8)
        let pairs = try await database.transaction { connection in
            try await connection.query(
                """
                WITH pair AS (
                    SELECT DISTINCT ON (1, 2) coalesce(u.item_id, k.item_id) COLLATE "C" AS item_id,
                        coalesce(v.item_id, k.like_item_id) COLLATE "C" AS like_item_id,
                        k.factor * coalesce(u.factor, 1) / coalesce(v.factor, 1) AS factor
                    FROM demand.like_item AS k
                    LEFT JOIN demand.succession AS u ON u.predecessor_id = k.item_id
                    LEFT JOIN demand.succession AS v ON v.predecessor_id = k.like_item_id
                    ORDER BY 1, 2, 3)
                SELECT p.item_id, p.like_item_id, p.factor FROM pair AS p
                WHERE p.item_id <> p.like_item_id AND (
                    NOT EXISTS (SELECT FROM demand.order_line AS l
                        WHERE l.item_id = p.item_id AND l.status = 'ordered' AND l.quantity > 0)
                    OR EXISTS (SELECT FROM demand.order_line AS l
                        WHERE l.item_id = p.item_id AND l.status = 'ordered' AND l.quantity > 0 GROUP BY l.site_id
                        HAVING pg_catalog.min(l.ordered_at) > \(unescaped: HistoryQuery.date(through))
                            - \(buckets)::integer * demand.bucket_length(\(specification.frequency.rawValue))))
                ORDER BY 1, 2
                """)
        }.map { row in
            (
                item: try row.decode("item_id", as: String.self), like: try row.decode("like_item_id", as: String.self),
                factor: try row.decode("factor", as: Double.self)
            )
        }
        if pairs.isEmpty { return [] }
        var wider = specification
        wider.scope = PortfolioSpecification.Scope()
        wider.scope.items = Set(pairs.map(\.like)).sorted()
        wider.scope.sites = specification.scope.sites
        let histories = try await withHistories(of: wider, through: through) { try await $0.next(.max).histories }
        let found = Dictionary(grouping: histories, by: \.key.item)
        return pairs.flatMap { pair in
            (found[pair.like] ?? []).map { LikeItemHistory(item: pair.item, factor: pair.factor, history: $0) }
        }
    }

    /// Says of an order, or of one line of it, whether it was a one-off, and returns how many lines that were.
    ///
    /// Throws ``Refusal`` with the valid choices where there is no such order; nothing is changed then.
    public func markOneOff(
        order: String, line: Int?, source: String?, isOneOff: Bool, reason: String
    ) async throws -> Int {
        try await database.transactionOrRefusal { connection in
            try await connection.query(
                """
                SELECT demand.mark_one_off(\(order)::text, \(reason)::text, \(line)::integer, \(source)::text, \(isOneOff))
                """)[0].decode(0, as: Int.self)
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

    /// The events known by the database's clock, by their codes.
    public func events() async throws -> EventBook {
        let rows = try await database.transaction { connection in
            try await connection.query(
                """
                SELECT item_id, site_id, coalesce(name, event_id) AS name, kind, value,
                    starts_on - date '1970-01-01' AS first_day, ends_on - date '1970-01-01' AS last_day,
                    known_from - date '1970-01-01' AS known_from
                FROM demand.event
                -- Where it is tomorrow already, tomorrow's news are known.
                WHERE known_from IS NULL OR known_from <= (pg_catalog.now() AT TIME ZONE 'UTC')::date + 1
                ORDER BY event_id COLLATE "C"
                """)
        }
        return EventBook(
            try rows.map { row in
                let kind = try row.decode("kind", as: String.self)
                return EventBook.Entry(
                    item: try row.decode("item_id", as: String?.self),
                    site: try row.decode("site_id", as: String?.self),
                    event: DemandEvent(
                        name: try row.decode("name", as: String.self), kind: DemandEvent.Kind(rawValue: kind) ?? .other,
                        firstDay: CivilDate(daysSinceEpoch: try row.decode("first_day", as: Int.self)),
                        lastDay: CivilDate(daysSinceEpoch: try row.decode("last_day", as: Int.self)),
                        knownFrom: try row.decode("known_from", as: Int?.self)
                            .map(CivilDate.init(daysSinceEpoch:)),
                        value: try row.decode("value", as: Double?.self)))
            })
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
                opened: try row.decode("opened", as: Int?.self).map(CivilDate.init(daysSinceEpoch:)),
                discontinued: try row.decode("discontinued", as: Int?.self)
                    .map(CivilDate.init(daysSinceEpoch:)),
                category: try row.decode("category", as: String?.self),
                isLike: try row.decode("is_like", as: Bool.self),
                stockDays: try row.decode("stock_days", as: [Double]?.self).map { $0.map { Int($0) } } ?? [],
                stock: try row.decode("stock", as: [Double]?.self) ?? [],
                outages: zip(
                    try row.decode("outage_begins", as: [Double]?.self) ?? [],
                    try row.decode("outage_ends", as: [Double]?.self) ?? []
                ).map { $0..<$1 })
        }
        return (histories, try rows.first?.decode("total", as: Int.self) ?? 0)
    }
}
