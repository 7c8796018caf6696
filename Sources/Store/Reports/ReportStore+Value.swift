internal import PostgresClient

/// What forecasting is worth: to a manager after a pilot of some months.
extension ReportStore {
    /// Which of what has matured a report on value looks at.
    public struct ValueScope: Sendable {
        /// Months back from the last closed bucket of each portfolio, 1 or more.
        public var months: Int
        /// Only this portfolio: a pilot is the `scope` of one retrain job.
        public var portfolio: String?
        /// Only this site.
        public var site: String?

        /// The last months of everything, or of a portfolio or site.
        public init(months: Int, portfolio: String? = nil, site: String? = nil) {
            self.months = months
            self.portfolio = portfolio
            self.site = site
        }
    }

    /// The error of every published forecast that has matured, beside what one would have gone by without Suyo: last
    /// year's figure (364 days before, so that weekdays agree; for months and longer, the same bucket of the year
    /// before) and the seasonal naive known when the forecast was made.
    ///
    /// Buckets without a seasonal naive are left out, so that all are measured on the same ones; last year's figure is
    /// measured where there is one. `less_than_naive` is the share of the seasonal naive's error on the same buckets that
    /// a stage does away with. `at_cost` counts the items with a unit cost.
    public func valueByStage(_ audience: Audience, _ scope: ValueScope) async throws -> ReportTable {
        try await fetch(
            matured(scope).wrapped(
                "WITH ",
                """
                ,
                measured AS (
                    SELECT m.portfolio, m.actual, m.unit_cost, last.year, p.*
                    FROM matured AS m
                    CROSS JOIN LATERAL (
                        SELECT pg_catalog.count(*) AS points,
                            pg_catalog.sum(pg_catalog.abs(m.actual - f.naive)) AS naive,
                            pg_catalog.sum(pg_catalog.abs(m.actual - f.mean)) AS model,
                            pg_catalog.sum(pg_catalog.abs(m.actual - f.final)) AS final,
                            pg_catalog.sum(f.naive - m.actual) AS naive_bias,
                            pg_catalog.sum(f.mean - m.actual) AS model_bias,
                            pg_catalog.sum(f.final - m.actual) AS final_bias
                        FROM unnest(m.naive, m.mean, m.final) AS f (naive, mean, final)
                        WHERE f.naive <> 'NaN') AS p
                    LEFT JOIN demand.series AS s ON s.portfolio = m.portfolio AND s.frequency = m.frequency
                        AND s.item_id = m.item_id AND coalesce(s.site_id, '') = coalesce(m.site_id, '')
                        AND coalesce(s.customer_id, '') = coalesce(m.customer_id, '')
                    CROSS JOIN LATERAL (SELECT nullif(s.adjusted[demand.bucket_place(m.frequency, s.first_bucket,
                        m.bucket_start - CASE WHEN m.frequency IN ('hourly', 'daily', 'weekly')
                            THEN interval '364 days' ELSE interval '1 year' END)], 'NaN') AS year) AS last
                    WHERE p.points > 0),
                staged AS (
                    SELECT m.portfolio, m.unit_cost, v.*, m.naive AS naive_error, m.points * pg_catalog.abs(m.actual) AS demand
                    FROM measured AS m
                    CROSS JOIN LATERAL (VALUES
                        (1, 'last year', m.points, m.points * pg_catalog.abs(m.actual - m.year),
                            m.points * (m.year - m.actual)),
                        (2, 'naive', m.points, m.naive, m.naive_bias),
                        (3, 'model', m.points, m.model, m.model_bias),
                        (4, 'final', m.points, m.final, m.final_bias)) AS v (place, stage, points, error, bias)
                    WHERE v.error IS NOT NULL)
                SELECT portfolio, stage, pg_catalog.sum(points)::bigint AS forecasts,
                    pg_catalog.sum(error) / nullif(pg_catalog.sum(demand), 0) AS wape,
                    pg_catalog.sum(bias) / nullif(pg_catalog.sum(demand), 0) AS bias,
                    1 - pg_catalog.sum(error) / nullif(pg_catalog.sum(naive_error), 0) AS less_than_naive,
                    pg_catalog.sum(error) / pg_catalog.sum(points) AS error_per_forecast,
                    pg_catalog.sum(error * unit_cost) / pg_catalog.sum(points) FILTER (WHERE unit_cost IS NOT NULL)
                        AS at_cost
                FROM staged GROUP BY portfolio, place, stage ORDER BY portfolio, place
                """
            ).rounded(
                audience,
                columns: """
                    portfolio, stage, forecasts, pg_catalog.round(wape::numeric, 3) AS wape,
                    pg_catalog.round(bias::numeric, 3) AS bias,
                    pg_catalog.round((100 * less_than_naive)::numeric) || ' %' AS less_than_naive,
                    pg_catalog.round(error_per_forecast::numeric, 2) AS error,
                    pg_catalog.round(at_cost::numeric, 2) AS at_cost
                    """))
    }

    /// What stock each would have taken to serve as planned, by simulation over what really came.
    ///
    /// For each item, site and publication, demand of lead time and review together is compared with the sum of what was
    /// forecast for it. The safety stock that a method needs is the quantile of these errors at the service level of the
    /// item; the share of cycles that would have run out is that with the safety stock of the model. Only series with ten
    /// such cycles or more count, since a quantile of fewer is none.
    public func valueInStock(_ audience: Audience, _ scope: ValueScope) async throws -> ReportTable {
        try await fetch(
            matured(scope).wrapped(
                "WITH ",
                """
                ,
                plan AS MATERIALIZED (
                    SELECT item_id, site_id, service_level, lead_time_days + review_days AS days
                    FROM forecast.replenishment WHERE lead_time_days IS NOT NULL),
                planned AS (
                    SELECT m.portfolio, m.item_id, m.site_id, m.bucket_start, m.frequency, m.actual, m.lags, m.mean,
                        m.naive, m.unit_cost, r.service_level,
                        greatest(1, pg_catalog.ceil(86400 * r.days
                            / extract(epoch FROM demand.bucket_length(m.frequency))))::integer AS steps
                    FROM matured_or_missing AS m
                    JOIN plan AS r ON r.item_id = m.item_id AND r.site_id = m.site_id
                    WHERE m.customer_id IS NULL),
                cycle AS MATERIALIZED (
                    SELECT p.portfolio, p.item_id, p.site_id, p.service_level, p.unit_cost,
                        pg_catalog.sum(p.actual - f.mean) AS model, pg_catalog.sum(p.actual - f.naive) AS naive
                    FROM planned AS p
                    CROSS JOIN LATERAL unnest(p.lags, p.mean, p.naive) AS f (lag, mean, naive)
                    WHERE f.lag <= p.steps
                    GROUP BY p.portfolio, p.item_id, p.site_id, p.service_level, p.unit_cost, p.steps,
                        p.bucket_start - f.lag * demand.bucket_length(p.frequency)
                    HAVING pg_catalog.count(*) = p.steps
                        AND pg_catalog.bool_and(p.actual <> 'NaN' AND f.naive <> 'NaN')),
                needed AS (
                    SELECT portfolio, item_id, site_id, unit_cost, service_level,
                        greatest(0, pg_catalog.percentile_cont(service_level) WITHIN GROUP (ORDER BY model)) AS model,
                        greatest(0, pg_catalog.percentile_cont(service_level) WITHIN GROUP (ORDER BY naive)) AS naive
                    FROM cycle GROUP BY portfolio, item_id, site_id, unit_cost, service_level
                    HAVING pg_catalog.count(*) >= 10),
                served AS (
                    SELECT n.portfolio, n.item_id, n.site_id, pg_catalog.count(*) AS cycles,
                        pg_catalog.count(*) FILTER (WHERE c.model > n.model) AS model_short,
                        pg_catalog.count(*) FILTER (WHERE c.naive > n.model) AS naive_short
                    FROM needed AS n JOIN cycle AS c USING (portfolio, item_id, site_id)
                    GROUP BY n.portfolio, n.item_id, n.site_id)
                SELECT n.portfolio, v.method, pg_catalog.count(*) AS series, pg_catalog.sum(s.cycles)::bigint AS cycles,
                    pg_catalog.sum(n.service_level * s.cycles) / pg_catalog.sum(s.cycles) AS service_level,
                    pg_catalog.sum(v.stock) AS safety_stock, pg_catalog.sum(v.stock * n.unit_cost) AS at_cost,
                    pg_catalog.sum(v.short)::float8 / pg_catalog.sum(s.cycles)::float8 AS run_outs
                FROM needed AS n
                JOIN served AS s USING (portfolio, item_id, site_id)
                CROSS JOIN LATERAL (VALUES (1, 'naive', n.naive, s.naive_short), (2, 'model', n.model, s.model_short))
                    AS v (place, method, stock, short)
                GROUP BY n.portfolio, v.place, v.method ORDER BY n.portfolio, v.place
                """
            ).rounded(
                audience,
                columns: """
                    portfolio, method, series, cycles, pg_catalog.round(service_level::numeric, 3) AS service,
                    pg_catalog.round(safety_stock::numeric) AS safety_stock, pg_catalog.round(at_cost::numeric) AS at_cost,
                    pg_catalog.round((100 * run_outs)::numeric, 1) || ' %' AS run_outs
                    """))
    }

    /// What people's overrides added or cost, by who made them and why: the error of the last forecast before each bucket
    /// without and with them. `better` is the error that they did away with, in base units; below 0 they cost.
    public func valueOfOverrides(_ audience: Audience, _ scope: ValueScope) async throws -> ReportTable {
        try await fetch(
            matured(scope).wrapped(
                "WITH ",
                """
                ,
                overridden AS (
                    -- Of the overrides that were valid as the bucket began, the latest: as it was scored.
                    SELECT DISTINCT ON (m.portfolio, m.item_id, m.site_id, m.customer_id, m.bucket_start)
                        m.actual, m.mean[1] AS model, m.final[1] AS final, m.unit_cost, o.override_id
                    FROM matured AS m
                    JOIN forecast.override_validity AS o ON o.portfolio = m.portfolio AND o.item_id = m.item_id
                        AND coalesce(o.site_id, '') = coalesce(m.site_id, '')
                        AND coalesce(o.customer_id, '') = coalesce(m.customer_id, '')
                        AND o.bucket_start = m.bucket_start
                    LEFT JOIN demand.site AS z ON z.site_id = m.site_id
                    CROSS JOIN LATERAL (SELECT m.bucket_start AT TIME ZONE coalesce(z.time_zone, 'UTC') AS at) AS begins
                    WHERE o.valid_from <= begins.at AND begins.at < o.valid_until
                    ORDER BY m.portfolio, m.item_id, m.site_id, m.customer_id, m.bucket_start, o.override_id DESC)
                SELECT o.actor, o.reason, pg_catalog.count(DISTINCT o.override_id) AS overrides,
                    pg_catalog.count(*) AS buckets,
                    pg_catalog.sum(pg_catalog.abs(v.actual - v.model))
                        / nullif(pg_catalog.sum(pg_catalog.abs(v.actual)), 0) AS wape_model,
                    pg_catalog.sum(pg_catalog.abs(v.actual - v.final))
                        / nullif(pg_catalog.sum(pg_catalog.abs(v.actual)), 0) AS wape_final,
                    pg_catalog.sum(pg_catalog.abs(v.actual - v.model) - pg_catalog.abs(v.actual - v.final)) AS better,
                    pg_catalog.sum((pg_catalog.abs(v.actual - v.model) - pg_catalog.abs(v.actual - v.final))
                        * v.unit_cost) AS at_cost
                FROM overridden AS v JOIN forecast.override AS o USING (override_id)
                GROUP BY o.actor, o.reason ORDER BY better DESC, o.actor, o.reason
                """
            ).rounded(
                audience,
                columns: """
                    actor, reason, overrides, buckets, pg_catalog.round(wape_model::numeric, 3) AS wape_model,
                    pg_catalog.round(wape_final::numeric, 3) AS wape_final,
                    pg_catalog.round(better::numeric, 1) AS better, pg_catalog.round(at_cost::numeric) AS at_cost
                    """))
    }

    /// The closed buckets of a scope, with the cost of the item: `matured_or_missing`, and `matured` without those of which
    /// nobody knows what would have come.
    private func matured(_ scope: ValueScope) -> Query {
        """
        matured_or_missing AS (
            SELECT b.*, i.unit_cost
            FROM suyo.matured_bucket AS b
            JOIN (
                SELECT portfolio, pg_catalog.max(bucket_start) - pg_catalog.make_interval(months => \(scope.months)::integer)
                    AS since
                FROM suyo.matured_bucket GROUP BY portfolio) AS recent
                ON recent.portfolio = b.portfolio AND b.bucket_start > recent.since
            LEFT JOIN demand.item AS i ON i.item_id = b.item_id
            WHERE (\(scope.portfolio)::text IS NULL OR b.portfolio = \(scope.portfolio))
                AND (\(scope.site)::text IS NULL OR b.site_id = \(scope.site))),
        matured AS (SELECT * FROM matured_or_missing WHERE actual <> 'NaN')
        """
    }
}

extension Query {
    /// The query as it stands for programs; for people, these expressions over its columns.
    fileprivate func rounded(_ audience: ReportStore.Audience, columns: String) -> Query {
        audience == .programs ? self : wrapped("SELECT \(columns) FROM (", ") AS exact")
    }
}
