internal import PostgresClient

/// Forecasts added up.
extension ReportStore {
    /// The current forecast on a level (company, site, category, site_category, item or customer): for people each group's
    /// buckets together, for programs `forecast.total` bucket by bucket.
    public func totals(
        _ audience: Audience, level: String, portfolio: String?, site: String?, category: String?
    ) async throws -> ReportTable {
        let filter: Query = """

            WHERE level = \(level) AND (\(portfolio)::text IS NULL OR portfolio = \(portfolio))
                AND (\(site)::text IS NULL OR site_id = \(site))
                AND (\(category)::text IS NULL OR category = \(category))
            """
        if audience == .programs {
            return try await fetch(
                filter.wrapped(
                    "SELECT * FROM forecast.total ",
                    " ORDER BY portfolio, site_id, category, item_id, customer_id, bucket_start"))
        }
        return try await fetch(
            filter.wrapped(
                """
                SELECT portfolio, coalesce(item_id, customer_id, nullif(pg_catalog.concat_ws(' / ', site_id, category), ''),
                        CASE level WHEN 'company' THEN 'all' ELSE '(none)' END) AS \"group\",
                    pg_catalog.max(series) AS series, pg_catalog.min(bucket_start)::date AS from,
                    pg_catalog.max(bucket_start)::date AS to, pg_catalog.round(pg_catalog.sum(mean)::numeric, 1) AS mean,
                    pg_catalog.round(pg_catalog.sum(final)::numeric, 1) AS final
                FROM forecast.total
                """,
                """
                 GROUP BY portfolio, level, site_id, category, item_id, customer_id
                ORDER BY portfolio, site_id, category, item_id, customer_id
                """))
    }
}
