internal import Forecasting
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// How forecasts become current.
extension ForecastStore {
    /// The forecasts under a publication of their own, which nobody sees yet; returns its number.
    static func writePublication(
        _ trained: TrainedPortfolio, _ versionID: Int64, _ permit: WritePermit, _ connection: Connection
    ) async throws -> Int64 {
        let frequency = trained.specification.frequency.rawValue
        let inserted = try await connection.query(
            """
            INSERT INTO forecast.publication
                (portfolio, version_id, run_id, frequency, bucket_length, data_through, status)
            VALUES (\(trained.portfolio), \(versionID), \(permit.runID), \(frequency), demand.bucket_length(\(frequency)),
                date '1970-01-01' + \(trained.dataThrough.daysSinceEpoch)::integer, 'champion')
            RETURNING publication_id
            """)
        let publicationID = try inserted[0].decode(0, as: Int64.self)
        try await connection.copy(
            trained.forecasts, into: "forecast.series_forecast",
            [
                "publication_id", "item_id", "site_id", "customer_id", "first_bucket", "model", "mean", "quantiles",
                "components", "component_values",
            ]
        ) { row, forecast in
            row.bigint(publicationID)
            row.key(forecast.key)
            row.timestamp(forecast.origin.advanced(by: 1))
            row.text(forecast.model)
            row.array(forecast.mean)
            row.array(forecast.quantiles)
            row.array(forecast.components.map(\.name))
            row.array(forecast.components.flatMap(\.values))
        }
        return publicationID
    }

    /// Makes a version the champion, with a row in the log.
    static func promote(
        portfolio: String, versionID: Int64, reason: String, permit: WritePermit, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO suyo.promotion_log (portfolio, version_id, previous_version_id, action, reason, run_id)
            VALUES (\(portfolio), \(versionID),
                (SELECT version_id FROM suyo.champion WHERE portfolio = \(portfolio)), 'promote', \(reason),
                \(permit.runID))
            """)
        try await connection.execute(
            """
            INSERT INTO suyo.champion (portfolio, version_id, promoted_at)
            VALUES (\(portfolio), \(versionID), pg_catalog.clock_timestamp())
            ON CONFLICT (portfolio) DO UPDATE SET version_id = excluded.version_id, promoted_at = excluded.promoted_at
            """)
    }

    /// Flips the row that readers follow, and tells other systems.
    static func makeCurrent(
        portfolio: String, versionID: Int64, publicationID: Int64, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO forecast.outbox (topic, portfolio, publication_id, payload)
            VALUES ('forecast_published', \(portfolio), \(publicationID), pg_catalog.jsonb_build_object(
                'portfolio', \(portfolio)::text, 'version_id', \(versionID), 'publication_id', \(publicationID)))
            """)
        try await connection.execute(
            """
            INSERT INTO forecast.current_publication (portfolio, publication_id) VALUES (\(portfolio), \(publicationID))
            ON CONFLICT (portfolio) DO UPDATE SET publication_id = excluded.publication_id
            """)
        try await connection.execute(
            "SELECT pg_catalog.pg_notify('forecast_published', pg_catalog.concat(\(portfolio)::text, ' ', \(publicationID)))"
        )
    }
}
