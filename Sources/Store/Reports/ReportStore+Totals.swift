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
                WITH sum AS (
                    SELECT portfolio, level, site_id, category, item_id, customer_id, pg_catalog.max(series) AS series,
                        pg_catalog.min(bucket_start)::date AS first, pg_catalog.max(bucket_start)::date AS last,
                        pg_catalog.sum(mean) AS mean, pg_catalog.sum(final) AS final,
                        -- Of the whole horizon together: quantiles of single buckets do not add up.
                        (pg_catalog.array_agg(cumulative_p10 ORDER BY bucket_start DESC))[1] AS low,
                        (pg_catalog.array_agg(cumulative_p90 ORDER BY bucket_start DESC))[1] AS high
                    FROM forecast.total
                """,
                """
                     GROUP BY portfolio, level, site_id, category, item_id, customer_id)
                SELECT s.portfolio, coalesce(s.item_id, s.customer_id,
                        nullif(pg_catalog.concat_ws(' / ', s.site_id, s.category), ''),
                        CASE s.level WHEN 'company' THEN 'all' ELSE '(none)' END) AS \"group\",
                    s.series, s.first AS from, s.last AS to, pg_catalog.round(s.mean::numeric, 1) AS mean,
                    pg_catalog.round(s.low::numeric, 1) AS p10, pg_catalog.round(s.high::numeric, 1) AS p90,
                    pg_catalog.round(s.final::numeric, 1) AS final
                FROM sum AS s
                ORDER BY s.portfolio, s.site_id, s.category, s.item_id, s.customer_id
                """))
    }
}
