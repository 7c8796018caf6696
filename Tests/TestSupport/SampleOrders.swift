package import PostgresClient

/// Half a year of orders of three items.
package enum SampleOrders {
    /// Puts them into an empty database.
    package static func insert(into connection: Connection) async throws {
        try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul')")
        try await connection.execute(
            """
            INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
            SELECT 'test', pg_catalog.concat(item, '-', day), 1, item, 'ICN',
                (date '2026-01-01' + day + time '17:00') AT TIME ZONE 'Asia/Seoul',
                CASE item WHEN 'apple' THEN 20 + 5 * (day % 7) WHEN 'pear' THEN 3 + day % 5 ELSE 4 END
            FROM pg_catalog.generate_series(0, 179) AS day, pg_catalog.unnest(ARRAY['apple', 'pear', 'quince']) AS item
            WHERE item <> 'quince' OR day % 9 = 0
            """)
    }
}
