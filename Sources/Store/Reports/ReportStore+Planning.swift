internal import PostgresClient

/// What planners look at.
extension ReportStore {
    /// What to order: of one item or all, at one site or everywhere, and only what is due or everything.
    public func replenishment(
        _ audience: Audience, item: String?, site: String?, onlyDue: Bool
    ) async throws -> ReportTable {
        let columns =
            audience == .programs
            ? "*"
            : """
            item_id AS item, site_id AS site, class, pg_catalog.round(position::numeric, 1) AS position,
            pg_catalog.round(reorder_point::numeric, 1) AS reorder_at,
            pg_catalog.trim_scale(suggested_quantity::numeric) AS order,
            pg_catalog.to_char(projected_stock_out_on, 'YYYY-MM-DD') AS lasts_until,
            pg_catalog.round(stock_out_probability::numeric, 2) AS risk, note
            """
        return try await fetch(
            """
            SELECT \(unescaped: columns) FROM forecast.replenishment
            WHERE (\(item)::text IS NULL OR item_id = \(item)) AND (\(site)::text IS NULL OR site_id = \(site))
                AND (NOT \(onlyDue)::boolean OR suggested_quantity > 0)
            ORDER BY stock_out_probability DESC NULLS LAST, projected_stock_out_on, item_id, site_id
            """)
    }

    /// What planners have to look at, what is critical and oldest first.
    public func exceptions(_ audience: Audience, includingAcknowledged: Bool) async throws -> ReportTable {
        let columns =
            audience == .programs
            ? "*"
            : """
            exception_id AS id, severity, pg_catalog.replace(kind, '_', ' ') AS kind,
            coalesce(item_id, portfolio) AS item, site_id AS site, pg_catalog.to_char(since, 'MM-DD') AS since, text,
            acknowledged_by AS seen_by
            """
        return try await fetch(
            """
            SELECT \(unescaped: columns) FROM forecast.exception
            WHERE \(includingAcknowledged)::boolean OR acknowledged_at IS NULL
            ORDER BY severity = 'critical' DESC, forecast.exception.since, exception_id
            """)
    }

    /// The policies that count, the most general first.
    public func policies(_ audience: Audience) async throws -> ReportTable {
        let columns =
            audience == .programs
            ? "*"
            : """
            policy_id AS id, item_id AS item, category, class, site_id AS site, service_level AS service,
            service_kind AS of, review_days AS review, cover_days AS cover, lead_time_days AS lead, pack_size AS pack,
            minimum_quantity AS minimum, maximum_quantity AS maximum, reason
            """
        return try await fetch(
            """
            SELECT \(unescaped: columns) FROM forecast.planning_policy WHERE ended_at IS NULL
            ORDER BY item_id NULLS FIRST, category NULLS FIRST, class NULLS FIRST, site_id NULLS FIRST
            """)
    }
}
