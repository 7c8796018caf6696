import PostgresClient

/// One series' forecast, put where publishing puts it, with numbers that tell where each stands.
struct PublishedSeries {
    var portfolio = "nightly"
    var frequency = "daily"
    var item: String
    var site: String?
    var customer: String?
    /// Local start of step 1.
    var firstBucket = "2026-03-01"
    var mean: [Double] = [10, 20, 30]
    /// When it was issued; `nil` is now.
    var issuedAt: String?

    /// Standard deviation of the demand of one step where errors are normal and independent; `nil` makes the quantile of
    /// the first k steps k times its place, 1 to 8.
    var deviation: Double?

    /// Of the demand of the first k steps: quantiles 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99.
    private var cumulativeQuantiles: [Double] {
        let scores = [-1.6448536, -1.2815516, -0.6744898, 0, 0.6744898, 1.2815516, 1.6448536, 2.3263479]
        return mean.indices.flatMap { step in
            guard let deviation else { return (1...8).map { Double((step + 1) * $0) } }
            let total = mean[...step].reduce(0, +)
            return scores.map { max(0, total + $0 * deviation * Double(step + 1).squareRoot()) }
        }
    }

    /// Publishes it as the current and only series of its portfolio.
    func insert(into connection: Connection) async throws {
        try await connection.execute(
            """
            WITH version AS (
                INSERT INTO suyo.model_version (portfolio, frequency, season, horizon, quantile_levels, series_count,
                    data_hash, data_through, configuration, code_version, seed, metrics, timings)
                VALUES (\(portfolio), \(frequency), 7, \(mean.count), '{}', 1, '', '2026-02-28', '{}', 'test', 1, '{}', '{}')
                RETURNING version_id),
            published AS (
                INSERT INTO forecast.publication
                    (portfolio, version_id, frequency, bucket_length, data_through, status, issued_at)
                SELECT \(portfolio), version_id, \(frequency), demand.bucket_length(\(frequency)), '2026-02-28', 'champion',
                    coalesce(\(issuedAt)::timestamptz, pg_catalog.clock_timestamp())
                FROM version RETURNING publication_id),
            written AS (
                INSERT INTO forecast.series_forecast (publication_id, item_id, site_id, customer_id, first_bucket, model,
                    mean, quantiles, cumulative_quantiles, components, component_values)
                SELECT publication_id, \(item), \(site), \(customer), \(firstBucket)::timestamp, 'test', \(mean),
                    \(mean.flatMap { mean in (1...8).map { mean + Double($0) / 10 } }), \(cumulativeQuantiles),
                    '{level,season}',
                    \(mean.map { $0 - 1 } + mean.map { _ in 1 })
                FROM published)
            INSERT INTO forecast.current_publication SELECT \(portfolio), publication_id FROM published
            ON CONFLICT (portfolio) DO UPDATE SET publication_id = excluded.publication_id
            """)
    }
}
