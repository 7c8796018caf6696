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
                        pg_catalog.sum(mean) AS mean, pg_catalog.sum(final) AS final
                    FROM forecast.total
                """,
                """
                     GROUP BY portfolio, level, site_id, category, item_id, customer_id)
                SELECT s.portfolio, coalesce(s.item_id, s.customer_id,
                        nullif(pg_catalog.concat_ws(' / ', s.site_id, s.category), ''),
                        CASE s.level WHEN 'company' THEN 'all' ELSE '(none)' END) AS \"group\",
                    s.series, s.first AS from, s.last AS to, pg_catalog.round(s.mean::numeric, 1) AS mean,
                    pg_catalog.round(q.low::numeric, 1) AS p10, pg_catalog.round(q.high::numeric, 1) AS p90,
                    pg_catalog.round(s.final::numeric, 1) AS final
                FROM sum AS s
                LEFT JOIN (
                    -- Of the whole horizon together: quantiles of single buckets do not add up.
                    SELECT p.portfolio, t.level, t.site_id, t.category,
                        t.cumulative_quantiles[cardinality(t.cumulative_quantiles) - 6] AS low,
                        t.cumulative_quantiles[cardinality(t.cumulative_quantiles) - 2] AS high
                    FROM forecast.current_publication AS c
                    JOIN forecast.publication AS p USING (publication_id)
                    JOIN forecast.total_forecast AS t ON t.publication_id = coalesce(p.forecasts_of, p.publication_id)
                    ) AS q ON q.portfolio = s.portfolio AND q.level = s.level
                    AND coalesce(q.site_id, '') = coalesce(s.site_id, '')
                    AND coalesce(q.category, '') = coalesce(s.category, '') AND (q.category IS NULL) = (s.category IS NULL)
                ORDER BY s.portfolio, s.site_id, s.category, s.item_id, s.customer_id
                """))
    }
}
