internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// The one query that turns order lines into dated demand per grain.
///
/// What counts: the quantity ordered, on the day requested (else ordered) in the site's zone. A line cancelled because
/// it could not be supplied is demand that was lost, and counts. A line that a customer cancelled does not; where a
/// system books a cancellation as a new line of negative quantity, the order it takes back (same customer, item, site
/// and quantity, the latest in the thirty days before) does not count either. Returns and internal lines never count.
struct HistoryQuery {
    var specification: PortfolioSpecification

    func query(through: CivilDate) -> Query {
        let bySite = specification.grain != .item
        let byCustomer = specification.grain == .itemSiteCustomer
        let site = bySite ? "l.site_id" : "NULL::text"
        let customer = byCustomer ? "l.customer_id" : "NULL::text"
        let instant =
            specification.frequency == .hourly
            ? """
            pg_catalog.floor(extract(epoch FROM CASE WHEN l.requested_on IS NULL THEN l.ordered_at AT TIME ZONE s.time_zone
                ELSE l.requested_on::timestamp END) / 3600)::bigint
            """
            : "coalesce(l.requested_on, (l.ordered_at AT TIME ZONE s.time_zone)::date) - date '1970-01-01'"
        let lastInstant =
            specification.frequency == .hourly ? through.daysSinceEpoch * 24 + 23 : through.daysSinceEpoch
        let scope = specification.scope
        return """
            WITH line AS (
                SELECT l.source, l.order_id, l.line_no, l.item_id, \(unescaped: site) AS site_id,
                    \(unescaped: customer) AS customer_id, \(unescaped: instant) AS instant, l.quantity
                FROM demand.order_line AS l
                JOIN demand.site AS s USING (site_id)
                LEFT JOIN demand.item AS i USING (item_id)
                WHERE (l.status = 'ordered'
                        OR (l.status = 'cancelled' AND l.cancel_reason IN ('supplier', 'stock-out') AND l.quantity > 0))
                    AND (pg_catalog.cardinality(\(scope.items)) = 0 OR l.item_id = ANY (\(scope.items)))
                    AND (pg_catalog.cardinality(\(scope.sites)) = 0 OR l.site_id = ANY (\(scope.sites)))
                    AND (pg_catalog.cardinality(\(scope.categories)) = 0 OR i.category = ANY (\(scope.categories)))),
            taken_back AS (
                SELECT DISTINCT ON (c.source, c.order_id, c.line_no) o.source, o.order_id, o.line_no
                FROM demand.order_line AS c
                JOIN demand.order_line AS o ON o.source = c.source AND o.item_id = c.item_id
                    AND o.site_id = c.site_id AND o.customer_id = c.customer_id AND o.quantity = -c.quantity
                    AND o.status = 'ordered'
                    AND o.ordered_at <= c.ordered_at AND o.ordered_at > c.ordered_at - interval '30 days'
                WHERE c.status = 'cancelled' AND c.quantity < 0
                ORDER BY c.source, c.order_id, c.line_no, o.ordered_at DESC, o.order_id, o.line_no),
            dated AS (
                SELECT item_id, site_id, customer_id, instant, pg_catalog.sum(quantity) AS quantity
                FROM line
                WHERE NOT EXISTS (SELECT FROM taken_back AS t
                        WHERE (t.source, t.order_id, t.line_no) = (line.source, line.order_id, line.line_no))
                    AND instant <= \(lastInstant)
                GROUP BY 1, 2, 3, 4),
            demanded AS (
                SELECT item_id, site_id, customer_id,
                    pg_catalog.array_agg(instant::float8 ORDER BY instant) AS instants,
                    pg_catalog.array_agg(quantity ORDER BY instant) AS quantities,
                    pg_catalog.sum(quantity) AS total
                FROM dated GROUP BY 1, 2, 3),
            chosen AS (
                SELECT * FROM demanded ORDER BY total DESC, item_id, site_id, customer_id LIMIT \(scope.top)),
            counted AS (
                SELECT l.item_id, \(unescaped: site) AS site_id,
                    (l.as_of AT TIME ZONE s.time_zone)::date - date '1970-01-01' AS day,
                    pg_catalog.sum(l.on_hand) AS on_hand
                FROM (
                    SELECT item_id, site_id, as_of, on_hand FROM demand.stock_level) AS l
                JOIN demand.site AS s USING (site_id)
                GROUP BY 1, 2, 3),
            stock AS (
                SELECT item_id, site_id, pg_catalog.array_agg(day::float8 ORDER BY day) AS stock_days,
                    pg_catalog.array_agg(on_hand ORDER BY day) AS stock
                FROM counted GROUP BY 1, 2)
            SELECT c.item_id, c.site_id, c.customer_id, c.instants, c.quantities,
                i.introduced_on - date '1970-01-01' AS introduced,
                i.discontinued_on - date '1970-01-01' AS discontinued, k.stock_days, k.stock,
                pg_catalog.count(*) OVER () AS total
            FROM chosen AS c
            LEFT JOIN demand.item AS i USING (item_id)
            LEFT JOIN stock AS k ON k.item_id = c.item_id AND k.site_id IS NOT DISTINCT FROM c.site_id
            ORDER BY c.item_id COLLATE "C", coalesce(c.site_id, '') COLLATE "C", coalesce(c.customer_id, '') COLLATE "C"
            """
    }
}
