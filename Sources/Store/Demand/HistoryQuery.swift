package import Pipeline
package import PostgresClient
package import TimeSeries

/// The one query that turns order lines into dated demand per grain.
///
/// What counts: the quantity ordered, on the day requested (else ordered) in the site's zone; a site nobody has told us
/// of is in UTC. A line cancelled because it could not be supplied is demand that was lost, and counts. A line that a
/// customer cancelled does not; where a system books that as a new line of negative quantity, it takes back one order
/// (``takenBack``). Returns, internal lines, what people marked as a one-off (`demand.one_off_line`) and orders dated in
/// the future never count.
///
/// Demand and stock under a code that was replaced count for the newest one (`demand.succession`), in its units. It can
/// be ordered since the first of its codes could be.
///
/// An item that is said to be like others and was never ordered has an empty history wherever those were, if it is
/// introduced by the end of the horizon.
///
/// Where the movements of an item at a site are known, it is out of stock from the instant at which nothing is left
/// (`demand.stock_balance`) to the next at which something is. Else it is out of stock on a day at a site where the
/// highest stock counted there that day is nothing; where the grain is the item alone, every site that counts it must
/// have counted nothing.
package struct HistoryQuery {
    private let specification: PortfolioSpecification

    /// The query of one portfolio.
    package init(_ specification: PortfolioSpecification) { self.specification = specification }

    /// Said first, in the same transaction. All of it is fetched, so it is planned for that; and right after a first
    /// import the planner has no statistics, takes the tables for tiny, and a loop over everything for cheap. Sorted and
    /// grouped in memory it takes half the time; a server that allows more anyway goes on doing so.
    package static let preparation: [Query] = [
        "SET LOCAL cursor_tuple_fraction = 1", "SET LOCAL enable_nestloop = off",
        """
        SELECT pg_catalog.set_config('work_mem', pg_catalog.concat(greatest(32768,
            pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) / 1024), 'kB'), true)
        """,
    ]

    /// The query, up to a last local day.
    package func query(through: CivilDate) -> Query {
        let bySite = specification.grain != .item
        let byCustomer = specification.grain == .itemSiteCustomer
        let site = bySite ? "l.site_id" : "NULL::text"
        let customer = byCustomer ? "l.customer_id" : "NULL::text"
        let isHourly = specification.frequency == .hourly
        let instant = isHourly ? HistoryQuery.hour : HistoryQuery.day
        let lastInstant = isHourly ? through.daysSinceEpoch * 24 + 23 : through.daysSinceEpoch
        let scope = specification.scope
        return """
            WITH \(unescaped: HistoryQuery.takenBack),
            replaced AS MATERIALIZED (SELECT * FROM demand.succession),
            -- A code in the scope means the item, whichever of its codes that is.
            wanted AS (
                SELECT coalesce(u.item_id, w.code) AS item_id
                FROM pg_catalog.unnest(\(scope.items)) AS w (code)
                LEFT JOIN replaced AS u ON u.predecessor_id = w.code),
            line AS (
                SELECT l.source, l.order_id, l.line_no, coalesce(u.item_id, l.item_id) AS item_id,
                    \(unescaped: site) AS site_id, \(unescaped: customer) AS customer_id,
                    \(unescaped: instant) AS instant, l.quantity * coalesce(u.factor, 1) AS quantity
                FROM demand.order_line AS l
                LEFT JOIN replaced AS u ON u.predecessor_id = l.item_id
                LEFT JOIN demand.site AS s USING (site_id)
                LEFT JOIN demand.item AS i ON i.item_id = coalesce(u.item_id, l.item_id)
                WHERE (l.status = 'ordered'
                        OR (l.status = 'cancelled' AND l.cancel_reason IN ('supplier', 'stock-out')))
                    AND l.quantity > 0 AND l.ordered_at <= pg_catalog.now()
                    AND (pg_catalog.cardinality(\(scope.items)) = 0
                        OR coalesce(u.item_id, l.item_id) IN (SELECT item_id FROM wanted))
                    AND (pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites)))
                    AND (pg_catalog.cardinality(\(scope.categories)) = 0 OR i.category = ANY (\(scope.categories)))),
            dated AS (
                SELECT item_id, site_id, customer_id, instant, pg_catalog.sum(quantity) AS quantity
                FROM line
                WHERE NOT EXISTS (SELECT FROM taken_back AS t
                        WHERE t.source = line.source AND t.order_id = line.order_id AND t.line_no = line.line_no)
                    AND NOT EXISTS (SELECT FROM demand.one_off_line AS o
                        WHERE o.source = line.source AND o.order_id = line.order_id AND o.line_no = line.line_no)
                    AND instant <= \(lastInstant)
                GROUP BY 1, 2, 3, 4),
            demanded AS (
                SELECT item_id, site_id, customer_id,
                    pg_catalog.array_agg(instant::float8 ORDER BY instant) AS instants,
                    pg_catalog.array_agg(quantity ORDER BY instant) AS quantities,
                    pg_catalog.sum(quantity) AS total
                FROM dated GROUP BY 1, 2, 3),
            alike AS MATERIALIZED (
                SELECT DISTINCT coalesce(u.item_id, k.item_id) AS item_id, k.like_item_id
                FROM demand.like_item AS k LEFT JOIN replaced AS u ON u.predecessor_id = k.item_id),
            -- Introduced, or about to be, and never sold yet: where those that it is like are sold.
            unsold AS (
                SELECT DISTINCT k.item_id, \(unescaped: site) AS site_id
                FROM alike AS k
                JOIN demand.item AS i USING (item_id)
                JOIN demand.order_line AS l ON l.item_id = k.like_item_id AND l.status = 'ordered' AND l.quantity > 0
                WHERE \(!byCustomer) AND i.introduced_on <= \(unescaped: HistoryQuery.date(through))
                        + \(specification.horizon)::integer * demand.bucket_length(\(specification.frequency.rawValue))
                    AND NOT EXISTS (SELECT FROM demand.order_line AS o
                        LEFT JOIN replaced AS u ON u.predecessor_id = o.item_id
                        WHERE coalesce(u.item_id, o.item_id) = k.item_id AND o.status = 'ordered' AND o.quantity > 0)
                    AND (pg_catalog.cardinality(\(scope.items)) = 0 OR k.item_id IN (SELECT item_id FROM wanted))
                    AND (pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites)))
                    AND (pg_catalog.cardinality(\(scope.categories)) = 0 OR i.category = ANY (\(scope.categories)))),
            chosen AS (
                (SELECT * FROM demanded ORDER BY total DESC, item_id, site_id, customer_id LIMIT \(scope.top))
                UNION ALL
                SELECT item_id, site_id, NULL, '{}', '{}', 0 FROM unsold),
            opened AS (
                SELECT \(unescaped: site) AS site_id,
                    pg_catalog.min((l.at AT TIME ZONE coalesce(s.time_zone, 'UTC'))::date) - date '1970-01-01' AS day
                FROM (SELECT site_id, pg_catalog.min(ordered_at) AS at FROM demand.order_line GROUP BY 1) AS l
                LEFT JOIN demand.site AS s USING (site_id)
                WHERE pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites))
                GROUP BY 1),
            code AS (
                SELECT item_id, item_id AS code, 1::float8 AS factor FROM chosen GROUP BY 1
                UNION ALL
                SELECT u.item_id, u.predecessor_id, u.factor FROM replaced AS u
                WHERE u.item_id IN (SELECT item_id FROM chosen)),
            -- Whose stock is known at all, and of which there are movements: those tell when nothing was there.
            shelved AS (
                SELECT DISTINCT c.item_id, \(unescaped: site) AS site_id, c.code, l.site_id AS place
                FROM (SELECT DISTINCT item_id, site_id FROM demand.stock_movement
                    UNION SELECT DISTINCT item_id, site_id FROM demand.stock_level
                    WHERE EXISTS (SELECT FROM demand.stock_movement)) AS l
                JOIN code AS c ON c.code = l.item_id
                WHERE pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites))),
            tracked AS (
                SELECT DISTINCT s.item_id, s.site_id FROM shelved AS s
                JOIN demand.stock_movement AS m ON m.item_id = s.code AND m.site_id = s.place),
            empty_shelf AS (
                SELECT b.item_id AS code, b.site_id AS place, b.balance,
                    extract(epoch FROM b.at AT TIME ZONE coalesce(s.time_zone, 'UTC'))::float8 / 86400 AS begins,
                    extract(epoch FROM coalesce(pg_catalog.lead(b.at) OVER (PARTITION BY b.item_id, b.site_id
                            ORDER BY b.at, b.counted IS NULL, b.movement_id), pg_catalog.now())
                        AT TIME ZONE coalesce(s.time_zone, 'UTC'))::float8 / 86400 AS ends
                FROM demand.stock_balance AS b LEFT JOIN demand.site AS s USING (site_id)),
            without AS (
                SELECT s.item_id, s.site_id, e.begins, e.ends
                FROM shelved AS s JOIN empty_shelf AS e ON e.code = s.code AND e.place = s.place
                WHERE e.balance <= 1e-9 AND e.ends > e.begins),
            edge AS (
                SELECT item_id, site_id, begins AS at, 1 AS step FROM without
                UNION ALL
                SELECT item_id, site_id, ends, -1 FROM without),
            swept AS (
                SELECT item_id, site_id, at AS begins, pg_catalog.lead(at) OVER in_order AS ends,
                    pg_catalog.sum(step) OVER in_order AS empty
                FROM edge WINDOW in_order AS (PARTITION BY item_id, site_id ORDER BY at, step ROWS UNBOUNDED PRECEDING)),
            outage AS (
                SELECT w.item_id, w.site_id, pg_catalog.array_agg(w.begins ORDER BY w.begins) AS begins,
                    pg_catalog.array_agg(w.ends ORDER BY w.begins) AS ends
                FROM swept AS w
                -- Nothing is there where nothing is left under any code at any place.
                JOIN (SELECT item_id, site_id, pg_catalog.count(*) AS shelves FROM shelved GROUP BY 1, 2) AS n
                    ON n.item_id = w.item_id AND coalesce(n.site_id, '') = coalesce(w.site_id, '')
                WHERE w.empty >= n.shelves AND w.ends > w.begins
                GROUP BY 1, 2),
            found_empty AS MATERIALIZED (
                SELECT DISTINCT c.item_id, l.site_id, \(unescaped: HistoryQuery.dayCounted) AS day
                FROM demand.stock_level AS l
                JOIN code AS c ON c.code = l.item_id
                LEFT JOIN demand.site AS s USING (site_id)
                WHERE l.on_hand <= 0),
            counted_by_code AS (
                SELECT c.item_id, c.factor, l.site_id, \(unescaped: HistoryQuery.dayCounted) AS day,
                    pg_catalog.max(l.on_hand) AS on_hand
                FROM demand.stock_level AS l
                JOIN code AS c ON c.code = l.item_id
                LEFT JOIN demand.site AS s USING (site_id)
                WHERE (pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites)))
                    AND NOT EXISTS (SELECT FROM tracked AS t
                        WHERE t.item_id = c.item_id AND coalesce(t.site_id, l.site_id) = l.site_id)
                    \(unescaped: bySite && specification.frequency == .daily ? HistoryQuery.onDaysFoundEmpty : "")
                GROUP BY c.item_id, c.code, c.factor, l.site_id, day),
            counted AS (
                -- A code below zero takes nothing from another's.
                SELECT item_id, site_id, day, coalesce(pg_catalog.sum(on_hand * factor) FILTER (WHERE on_hand > 0),
                    pg_catalog.max(on_hand)) AS on_hand
                FROM counted_by_code GROUP BY 1, 2, 3),
            begun AS (
                -- Where one of several codes does not say since when, demand itself does.
                SELECT c.item_id, CASE WHEN pg_catalog.bool_and(i.introduced_on IS NOT NULL)
                    THEN pg_catalog.min(i.introduced_on) END AS introduced_on
                FROM code AS c LEFT JOIN demand.item AS i ON i.item_id = c.code GROUP BY 1),
            \(unescaped: bySite ? HistoryQuery.shelfOfSite : HistoryQuery.shelfOfItem),
            stock AS (
                SELECT item_id, site_id, pg_catalog.array_agg(day::float8 ORDER BY day) AS stock_days,
                    pg_catalog.array_agg(on_hand ORDER BY day) AS stock
                FROM shelf GROUP BY 1, 2)
            SELECT c.item_id, c.site_id, c.customer_id, c.instants, c.quantities,
                b.introduced_on - date '1970-01-01' AS introduced, o.day AS opened,
                i.discontinued_on - date '1970-01-01' AS discontinued, i.category, k.stock_days, k.stock,
                c.item_id IN (SELECT item_id FROM alike) AS is_like, a.begins AS outage_begins, a.ends AS outage_ends,
                pg_catalog.count(*) OVER () AS total
            FROM chosen AS c
            LEFT JOIN demand.item AS i USING (item_id)
            LEFT JOIN begun AS b USING (item_id)
            LEFT JOIN opened AS o ON coalesce(o.site_id, '') = coalesce(c.site_id, '')
            LEFT JOIN stock AS k ON k.item_id = c.item_id AND coalesce(k.site_id, '') = coalesce(c.site_id, '')
            LEFT JOIN outage AS a ON a.item_id = c.item_id AND coalesce(a.site_id, '') = coalesce(c.site_id, '')
            ORDER BY c.item_id COLLATE "C", coalesce(c.site_id, '') COLLATE "C", coalesce(c.customer_id, '') COLLATE "C"
            """
    }

    /// A day as SQL.
    package static func date(_ day: CivilDate) -> String { "(date '1970-01-01' + \(day.daysSinceEpoch))" }

    /// The local day demand falls on, as days since 1970-01-01.
    private static let day = """
        coalesce(l.requested_on, (l.ordered_at AT TIME ZONE coalesce(s.time_zone, 'UTC'))::date) - date '1970-01-01'
        """

    /// The local day a count was made on, in the same way.
    private static let dayCounted = """
        (l.as_of AT TIME ZONE coalesce(s.time_zone, 'UTC'))::date - date '1970-01-01'
        """

    /// Where a bucket is a day at a site, a day tells nothing unless some count of it found nothing: of years of daily counts
    /// next to none are left to be grouped.
    private static let onDaysFoundEmpty = """
        AND (c.item_id, l.site_id, \(dayCounted)) IN (SELECT item_id, site_id, day FROM found_empty)
        """

    /// The local hour demand falls on: the hour of the order, on the day requested.
    private static let hour = """
        pg_catalog.floor(extract(epoch FROM coalesce(
            l.requested_on + (l.ordered_at AT TIME ZONE coalesce(s.time_zone, 'UTC'))::time,
            l.ordered_at AT TIME ZONE coalesce(s.time_zone, 'UTC'))) / 3600)::bigint
        """

    /// The orders that cancellations booked as lines of negative quantity take back.
    ///
    /// Each takes back one order of the same source, item, site, customer and quantity: the latest before it that no
    /// other has taken back, if it is no older than thirty days. They pair like brackets, an order opening and a
    /// cancellation closing: an order is closed by the next event at its own depth if that is a cancellation. A
    /// cancellation by the supplier or for want of stock takes nothing back, since that demand was there.
    private static let takenBack = """
        cancelled AS MATERIALIZED (
            SELECT source, order_id, line_no, item_id, site_id, coalesce(customer_id, '') AS customer_id, ordered_at,
                -quantity AS size, true AS closes
            FROM demand.order_line
            WHERE status = 'cancelled' AND quantity < 0
                AND coalesce(cancel_reason, 'customer') IN ('customer', 'duplicate')),
        event AS (
            SELECT * FROM cancelled
            UNION ALL
            SELECT source, order_id, line_no, item_id, site_id, coalesce(customer_id, ''), ordered_at, quantity, false
            FROM demand.order_line
            WHERE status = 'ordered' AND (source, item_id, site_id, coalesce(customer_id, ''), quantity) IN (
                SELECT source, item_id, site_id, customer_id, size FROM cancelled)),
        nested AS (
            SELECT *, pg_catalog.sum(CASE WHEN closes THEN -1 ELSE 1 END) OVER (
                    PARTITION BY source, item_id, site_id, customer_id, size
                    ORDER BY ordered_at, closes, order_id, line_no ROWS UNBOUNDED PRECEDING)
                + CASE WHEN closes THEN 1 ELSE 0 END AS depth
            FROM event),
        paired AS (
            SELECT *, pg_catalog.lead(closes) OVER same_depth AS is_closed,
                pg_catalog.lead(ordered_at) OVER same_depth AS closed_at
            FROM nested
            WINDOW same_depth AS (
                PARTITION BY source, item_id, site_id, customer_id, size, depth
                ORDER BY ordered_at, closes, order_id, line_no)),
        taken_back AS (
            SELECT source, order_id, line_no FROM paired
            WHERE NOT closes AND is_closed AND closed_at < ordered_at + interval '30 days')
        """

    private static let shelfOfSite = "shelf AS (SELECT * FROM counted)"

    /// A day on which only some of the sites counted, and those counted nothing, says nothing.
    private static let shelfOfItem = """
        shelf AS (
            SELECT c.item_id, NULL::text AS site_id, c.day, pg_catalog.max(c.on_hand) AS on_hand
            FROM counted AS c
            JOIN (SELECT item_id, pg_catalog.count(DISTINCT site_id) AS sites FROM counted GROUP BY 1) AS n
                USING (item_id)
            GROUP BY c.item_id, c.day, n.sites
            HAVING pg_catalog.max(c.on_hand) > 0 OR pg_catalog.count(*) = n.sites)
        """
}
