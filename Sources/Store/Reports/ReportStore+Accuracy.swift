internal import PostgresClient

/// How published forecasts turned out.
extension ReportStore {
    /// The matured accuracy of an item, by site and stage; of one lag, or of all together.
    ///
    /// For programs it is `forecast.accuracy`, by lag.
    public func maturedAccuracy(
        _ audience: Audience, item: String, site: String?, lag: Int?, stage: String?
    ) async throws -> ReportTable {
        let filter: Query = """

            WHERE item_id = \(item) AND (\(site)::text IS NULL OR site_id = \(site))
                AND (\(lag)::bigint IS NULL OR lag = \(lag)) AND (\(stage)::text IS NULL OR stage = \(stage))
            """
        if audience == .programs {
            return try await fetch(
                filter.wrapped(
                    "SELECT * FROM forecast.accuracy ", " ORDER BY portfolio, site_id, customer_id, lag, stage"))
        }
        return try await fetch(
            filter.wrapped(
                """
                SELECT portfolio, site_id AS site, stage, pg_catalog.sum(points)::bigint AS points,
                    pg_catalog.round((pg_catalog.sum(absolute_error)
                        / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 3) AS wape,
                    pg_catalog.round((pg_catalog.sum(bias * absolute_actual)
                        / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 3) AS bias,
                    pg_catalog.round((pg_catalog.sum(mase * points) / pg_catalog.sum(points))::numeric, 3) AS mase,
                    pg_catalog.round((pg_catalog.sum(coverage_80 * points) / pg_catalog.sum(points))::numeric, 2) AS in_80,
                    pg_catalog.max(last_bucket)::date AS through
                FROM forecast.accuracy
                """,
                " GROUP BY portfolio, site_id, stage ORDER BY 1, 2, pg_catalog.array_position(ARRAY['naive', 'model', 'final'], stage)"
            ))
    }

    /// The matured accuracy of whole portfolios by stage, over the last `buckets` closed ones: all series, then each demand
    /// class.
    public func maturedAccuracy(
        site: String?, lag: Int?, stage: String?, buckets: Int
    ) async throws -> ReportTable {
        try await fetch(
            """
            SELECT m.portfolio, coalesce(m.demand_class, 'all') AS class, m.stage, pg_catalog.sum(m.points)::bigint AS points,
                pg_catalog.round((pg_catalog.sum(m.absolute_error)
                    / nullif(pg_catalog.sum(m.absolute_actual), 0))::numeric, 3) AS wape,
                pg_catalog.round((pg_catalog.sum(m.signed_error)
                    / nullif(pg_catalog.sum(m.absolute_actual), 0))::numeric, 3) AS bias,
                pg_catalog.round((pg_catalog.sum(m.scaled_error)
                    / nullif(pg_catalog.sum(m.scaled_points), 0))::numeric, 3) AS mase,
                pg_catalog.round((pg_catalog.sum(m.inside_80) / pg_catalog.sum(m.points))::numeric, 2) AS in_80,
                pg_catalog.max(m.bucket_start)::date AS through
            FROM suyo.matured_sum AS m
            JOIN (
                SELECT portfolio, pg_catalog.min(bucket_start) AS since FROM (
                    SELECT portfolio, bucket_start, pg_catalog.dense_rank() OVER (
                        PARTITION BY portfolio ORDER BY bucket_start DESC) AS place
                    FROM (SELECT DISTINCT portfolio, bucket_start FROM suyo.matured_sum) AS days) AS ranked
                WHERE place <= \(buckets) GROUP BY portfolio) AS recent
                ON recent.portfolio = m.portfolio AND m.bucket_start >= recent.since
            WHERE (\(site)::text IS NULL OR m.site_id = \(site)) AND (\(lag)::bigint IS NULL OR m.lag = \(lag))
                AND (\(stage)::text IS NULL OR m.stage = \(stage))
            GROUP BY GROUPING SETS ((m.portfolio, m.stage), (m.portfolio, m.stage, m.demand_class))
            ORDER BY 1, m.demand_class NULLS FIRST,
                pg_catalog.array_position(ARRAY['naive', 'model', 'final'], m.stage)
            """)
    }
}
