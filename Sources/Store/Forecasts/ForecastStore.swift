public import Forecasting
internal import Foundation
public import Pipeline
internal import PostgresClient
public import TimeSeries

/// Keeps model versions and makes forecasts current, in the schemas `suyo` and `forecast`.
public struct ForecastStore: ForecastRegistry {
    private let database: Database

    /// A registry in one database.
    public init(database: Database) { self.database = database }

    /// Stores a version with its lineage and makes its forecasts current, in one transaction.
    public func publish(_ trained: TrainedPortfolio, under permit: WritePermit) async throws -> PublishedVersion {
        try await database.transaction { connection in
            try await ForecastStore.hold(permit, connection)
            try await ForecastStore.writeSeries(trained, connection)
            let versionID = try await ForecastStore.writeVersion(trained, permit, connection)
            try await ForecastStore.writeVersionSeries(trained, versionID, connection)
            let publicationID = try await ForecastStore.writePublication(
                portfolio: trained.portfolio, versionID: versionID, specification: trained.specification,
                dataThrough: trained.dataThrough, forecasts: trained.forecasts, permit: permit, connection)
            try await ForecastStore.promote(
                portfolio: trained.portfolio, versionID: versionID, reason: "retrained on schedule or on request",
                permit: permit, connection)
            // Last, because this is what readers see: the row that is flipped.
            try await ForecastStore.makeCurrent(
                portfolio: trained.portfolio, versionID: versionID, publicationID: publicationID, connection)
            try await RunEffects.seal(permit, connection)
            return PublishedVersion(versionID: versionID, publicationID: publicationID)
        }
    }

    /// The champion of a portfolio with the model of each series.
    public func champion(of portfolio: String) async throws -> Champion? {
        try await database.transaction { connection in
            let found = try await connection.query(
                """
                SELECT v.version_id, v.configuration, p.data_through - date '1970-01-01' AS data_through
                FROM suyo.champion AS c
                JOIN suyo.model_version AS v USING (version_id)
                JOIN forecast.current_publication AS k ON k.portfolio = c.portfolio
                JOIN forecast.publication AS p USING (publication_id)
                WHERE c.portfolio = \(portfolio)
                """)
            guard let row = found.first else { return nil }
            let versionID = try row.decode("version_id", as: Int64.self)
            let configuration = try row.decode("configuration", as: String.self)
            var forecasts: [SeriesKey: SeriesForecast] = [:]
            let decoder = JSONDecoder()
            for row in try await connection.query("SELECT fit FROM suyo.version_series WHERE version_id = \(versionID)")
            {
                let fit = try decoder.decode(
                    SeriesForecast.self, from: Data(try row.decode("fit", as: String.self).utf8))
                forecasts[fit.key] = fit
            }
            return Champion(
                versionID: versionID, portfolio: portfolio,
                specification: try decoder.decode(PortfolioSpecification.self, from: Data(configuration.utf8)),
                dataThrough: CivilDate(daysSinceEpoch: try row.decode("data_through", as: Int.self)),
                forecasts: forecasts)
        }
    }

    /// Publishes newer forecasts of the champion, in one transaction.
    public func republish(
        _ forecasts: [SeriesForecast], of champion: Champion, built: [BuiltSeries], dataThrough: CivilDate,
        under permit: WritePermit
    ) async throws -> PublishedVersion {
        try await database.transaction { connection in
            try await ForecastStore.hold(permit, connection)
            let publicationID = try await ForecastStore.writePublication(
                portfolio: champion.portfolio, versionID: champion.versionID, specification: champion.specification,
                dataThrough: dataThrough, forecasts: forecasts, permit: permit, connection)
            try await ForecastStore.makeCurrent(
                portfolio: champion.portfolio, versionID: champion.versionID, publicationID: publicationID, connection)
            try await RunEffects.seal(permit, connection)
            return PublishedVersion(versionID: champion.versionID, publicationID: publicationID)
        }
    }

    /// Locks the lease until the transaction ends, so that nobody can claim the run in between.
    private static func hold(_ permit: WritePermit, _ connection: Connection) async throws {
        let held = try await connection.query(
            "SELECT FROM suyo.lease WHERE run_id = \(permit.runID) AND fence = \(permit.fence) FOR UPDATE")
        if held.isEmpty { throw PipelineError.staleAttempt }
    }

    private static func writeSeries(_ trained: TrainedPortfolio, _ connection: Connection) async throws {
        try await connection.execute("DELETE FROM demand.series WHERE portfolio = \(trained.portfolio)")
        var rows = CopyText()
        for built in trained.series {
            rows.append(trained.portfolio)
            rows.append(trained.specification.frequency.rawValue)
            rows.append(built.series.key)
            rows.append(built.series.start.description)
            rows.append(built.raw)
            rows.append(built.series.values)
            rows.append(built.reasonLetters)
            rows.append(trained.dataThrough.description)
            rows.append(built.contentHash)
            rows.endRow()
        }
        try await connection.copy(
            rows,
            into:
                "demand.series (portfolio, frequency, item_id, site_id, customer_id, first_bucket, raw, adjusted, reason, data_through, content_hash)"
        )
    }

    private static func writeVersion(
        _ trained: TrainedPortfolio, _ permit: WritePermit, _ connection: Connection
    ) async throws -> Int64 {
        let specification = trained.specification
        let rows = try await connection.query(
            """
            INSERT INTO suyo.model_version (portfolio, run_id, frequency, season, horizon, quantile_levels, series_count,
                data_hash, data_through, configuration, code_version, seed, metrics, timings, notes)
            VALUES (\(trained.portfolio), \(permit.runID), \(specification.frequency.rawValue), \(specification.season),
                \(specification.horizon), \(trained.quantileLevels), \(trained.series.count), \(trained.dataHash),
                date '1970-01-01' + \(trained.dataThrough.daysSinceEpoch)::integer, \(json: try json(specification)),
                \(trained.codeVersion), \(Int64(bitPattern: specification.seed)), \(json: try json(trained.accuracy)),
                \(json: try json(trained.timings)), \(trained.notes))
            RETURNING version_id
            """)
        return try rows[0].decode(0, as: Int64.self)
    }

    private static func writeVersionSeries(
        _ trained: TrainedPortfolio, _ versionID: Int64, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            CREATE TEMPORARY TABLE training_series_staged (content_hash text, first_bucket timestamp, "values" float8[])
            ON COMMIT DROP
            """)
        var rows = CopyText()
        for built in trained.series {
            rows.append(built.contentHash)
            rows.append(built.series.start.description)
            rows.append(built.series.values)
            rows.endRow()
        }
        try await connection.copy(rows, into: "pg_temp.training_series_staged")
        try await connection.execute(
            """
            INSERT INTO suyo.training_series (content_hash, first_bucket, "values")
            SELECT content_hash, first_bucket, "values" FROM pg_temp.training_series_staged ORDER BY content_hash
            ON CONFLICT DO NOTHING
            """)
        rows = CopyText()
        for (built, forecast) in zip(trained.series, trained.forecasts) {
            rows.append(versionID)
            rows.append(built.series.key)
            rows.append(forecast.model)
            rows.append(forecast.demandClass.rawValue)
            rows.append(built.contentHash)
            rows.append(try json(forecast))
            rows.append(try json(forecast.backtest))
            rows.append(forecast.notes)
            rows.endRow()
        }
        try await connection.copy(
            rows,
            into:
                "suyo.version_series (version_id, item_id, site_id, customer_id, model, demand_class, content_hash, fit, metrics, notes)"
        )
    }

    private static func writePublication(
        portfolio: String, versionID: Int64, specification: PortfolioSpecification, dataThrough: CivilDate,
        forecasts: [SeriesForecast], permit: WritePermit, _ connection: Connection
    ) async throws -> Int64 {
        let inserted = try await connection.query(
            """
            INSERT INTO forecast.publication
                (portfolio, version_id, run_id, frequency, bucket_length, data_through, status)
            VALUES (\(portfolio), \(versionID), \(permit.runID), \(specification.frequency.rawValue),
                demand.bucket_length(\(specification.frequency.rawValue)),
                date '1970-01-01' + \(dataThrough.daysSinceEpoch)::integer, 'champion')
            RETURNING publication_id
            """)
        let publicationID = try inserted[0].decode(0, as: Int64.self)
        var rows = CopyText()
        for forecast in forecasts {
            rows.append(publicationID)
            rows.append(forecast.key)
            rows.append(forecast.origin.advanced(by: 1).description)
            rows.append(forecast.model)
            rows.append(forecast.mean)
            rows.append(forecast.quantiles)
            rows.append(forecast.components.map(\.name))
            rows.append(forecast.components.flatMap(\.values))
            rows.endRow()
        }
        try await connection.copy(
            rows,
            into:
                "forecast.series_forecast (publication_id, item_id, site_id, customer_id, first_bucket, model, mean, quantiles, components, component_values)"
        )
        return publicationID
    }

    private static func promote(
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

    private static func makeCurrent(
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

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension CopyText {
    /// Item, site and customer, three fields.
    mutating func append(_ key: SeriesKey) {
        append(key.item)
        append(key.site)
        append(key.customer)
    }
}

extension Connection {
    /// Copies finished rows into a table, in pieces.
    nonisolated(nonsending) func copy(_ rows: CopyText, into table: String) async throws {
        var start = 0
        let bytes = rows.bytes
        _ = try await copyIn("COPY \(table) FROM STDIN") {
            guard start < bytes.count else { return nil }
            let end = min(start + (1 << 20), bytes.count)
            defer { start = end }
            return Array(bytes[start..<end])
        }
    }
}
