internal import Pipeline
internal import PostgresClient
internal import TimeSeries

extension DemandStore {
    /// The sites whose orders stopped coming in before a day on which others' did, with the last day that did.
    ///
    /// A day without any order at a site is overdue when on every one of the same weekdays in the eight weeks before it
    /// (three at least) the site had five orders or more, no closure is known of the day, and it is no holiday of any
    /// calendar: then a feed stopped, and what looks like no demand is no knowledge. Once orders of a later day are there,
    /// nothing is overdue any more, and a day without one counts as such.
    static func lateSites(through day: CivilDate, _ connection: Connection) async throws -> [String: CivilDate] {
        var late: [String: CivilDate] = [:]
        for row in try await connection.query(
            """
            WITH seen AS (
                SELECT l.site_id, (l.ordered_at AT TIME ZONE s.time_zone)::date AS day,
                    pg_catalog.count(DISTINCT (l.source, l.order_id)) AS orders
                FROM demand.order_line AS l JOIN demand.site AS s USING (site_id)
                WHERE l.status = 'ordered' AND l.ordered_at <= pg_catalog.now()
                    AND l.ordered_at > (date '1970-01-01' + \(day.daysSinceEpoch)::integer)::timestamptz - interval '60 days'
                GROUP BY 1, 2),
            stopped AS (
                SELECT site_id, pg_catalog.max(day) AS last FROM seen GROUP BY 1
                HAVING pg_catalog.max(day) < date '1970-01-01' + \(day.daysSinceEpoch)::integer),
            missed AS (
                SELECT site_id, last, last + place AS day
                FROM stopped, pg_catalog.generate_series(1, date '1970-01-01' + \(day.daysSinceEpoch)::integer - last) AS place
                WHERE NOT EXISTS (SELECT FROM demand.holiday AS h WHERE h.date = last + place)
                    AND NOT EXISTS (SELECT FROM demand.event AS e
                        WHERE e.kind = 'closure' AND e.item_id IS NULL AND coalesce(e.site_id, site_id) = stopped.site_id
                            AND last + place BETWEEN e.starts_on AND e.ends_on)),
            overdue AS (
                SELECT m.site_id, m.day
                FROM missed AS m CROSS JOIN pg_catalog.generate_series(1, 8) AS week
                LEFT JOIN seen AS usual ON usual.site_id = m.site_id AND usual.day = m.day - 7 * week
                WHERE m.day - 7 * week <= m.last
                    AND m.day - 7 * week >= date '1970-01-01' + \(day.daysSinceEpoch)::integer - 58
                GROUP BY 1, 2
                HAVING pg_catalog.count(*) >= 3 AND pg_catalog.min(coalesce(usual.orders, 0)) >= 5)
            SELECT site_id, pg_catalog.min(day) - 1 - date '1970-01-01' AS arrived FROM overdue GROUP BY 1
            """)
        {
            late[try row.decode("site_id", as: String.self)] = CivilDate(
                daysSinceEpoch: try row.decode("arrived", as: Int.self))
        }
        return late
    }
}
