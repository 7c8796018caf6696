internal import Forecasting
internal import Foundation
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// What is kept of a version: its lineage, its training data by content, and the model of each series.
extension ForecastStore {
    /// The series as built now, instead of those of the retrain before.
    static func writeSeries(_ trained: TrainedPortfolio, _ connection: Connection) async throws {
        try await connection.execute("DELETE FROM demand.series WHERE portfolio = \(trained.portfolio)")
        let hashes = trained.contentHashes
        try await connection.copy(
            Array(zip(trained.series, hashes)), into: "demand.series",
            [
                "portfolio", "frequency", "item_id", "site_id", "customer_id", "first_bucket", "raw", "adjusted",
                "reason", "data_through", "content_hash",
            ]
        ) { row, pair in
            let (built, hash) = pair
            row.text(trained.portfolio)
            row.text(trained.specification.frequency.rawValue)
            row.key(built.series.key)
            row.timestamp(built.series.start)
            row.array(built.raw)
            row.array(built.series.values)
            row.text(built.reasonLetters)
            row.date(trained.dataThrough)
            row.text(hash)
        }
    }

    /// The version's own row; returns its number.
    static func writeVersion(
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

    /// The training data, stored once however many versions saw it, and the model of each series.
    static func writeVersionSeries(
        _ trained: TrainedPortfolio, _ versionID: Int64, _ connection: Connection
    ) async throws {
        let hashes = trained.contentHashes
        try await connection.execute(
            """
            CREATE TEMPORARY TABLE training_series_staged (content_hash text, first_bucket timestamp, "values" float8[])
            ON COMMIT DROP
            """)
        try await connection.copy(
            Array(zip(trained.series, hashes)), into: "pg_temp.training_series_staged",
            ["content_hash", "first_bucket", "\"values\""]
        ) { row, pair in
            row.text(pair.1)
            row.timestamp(pair.0.series.start)
            row.array(pair.0.series.values)
        }
        // In one order everywhere, so that two versions at once wait for each other rather than deadlock.
        try await connection.execute(
            """
            INSERT INTO suyo.training_series (content_hash, first_bucket, "values")
            SELECT content_hash, first_bucket, "values" FROM pg_temp.training_series_staged ORDER BY content_hash
            ON CONFLICT DO NOTHING
            """)
        try await connection.copy(
            Array(zip(trained.forecasts, hashes)), into: "suyo.version_series",
            [
                "version_id", "item_id", "site_id", "customer_id", "content_hash", "model", "demand_class",
                "parameter_names", "parameters", "state", "observations", "log_likelihood", "aicc", "scored",
                "absolute_actual", "absolute_error", "signed_error", "mase", "rmsse", "pinball", "coverage80",
                "coverage95", "naive_absolute_error", "naive_mase", "naive_pinball", "candidates", "candidate_losses",
                "step_errors", "notes",
            ]
        ) { row, pair in
            let (forecast, hash) = pair
            row.bigint(versionID)
            row.key(forecast.key)
            row.text(hash)
            row.text(forecast.model)
            row.text(forecast.demandClass.rawValue)
            row.array(forecast.parameters.names)
            row.array(forecast.parameters.values)
            row.array(forecast.state)
            row.integer(forecast.observations)
            row.float8(forecast.logLikelihood)
            row.float8(forecast.aicc)
            let backtest = forecast.backtest
            row.integer(backtest?.model.count ?? 0)
            for value in [
                backtest?.model.absoluteActual, backtest?.model.absoluteError, backtest?.model.signedError,
                backtest?.model.mase, backtest?.model.rmsse, backtest?.model.pinball, backtest?.model.coverage80,
                backtest?.model.coverage95, backtest?.seasonalNaive.absoluteError, backtest?.seasonalNaive.mase,
                backtest?.seasonalNaive.pinball,
            ] {
                row.float8(value)
            }
            row.array(backtest?.candidates.names ?? [])
            row.array(backtest?.candidates.values ?? [])
            row.array(backtest?.stepErrors ?? [])
            row.array(forecast.notes)
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
