internal import Forecasting
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// Stores the series of a version that is being made, in the transaction that will publish it.
struct ForecastVersionWriter: VersionWriter {
    /// The number the version will have.
    let versionID: Int64
    /// The number its publication will have.
    let publicationID: Int64
    let champion: EarlierVersion?
    private let header: VersionHeader
    private let connection: Connection

    /// Makes room for a version: takes its numbers, and drops the portfolio's series as built before.
    init(_ header: VersionHeader, _ connection: Connection) async throws {
        self.header = header
        self.connection = connection
        // One version of a portfolio at a time; the letters of "suyo" tell this lock from others.
        try await connection.execute(
            "SELECT pg_catalog.pg_advisory_xact_lock(1937078639, pg_catalog.hashtext(\(header.portfolio)::text))")
        let numbers = try await connection.query(
            """
            SELECT pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('suyo.model_version', 'version_id')) AS version,
                pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('forecast.publication', 'publication_id'))
                    AS publication
            """)
        versionID = try numbers[0].decode("version", as: Int64.self)
        publicationID = try numbers[0].decode("publication", as: Int64.self)
        champion = try await ForecastStore.earlierVersion(
            "SELECT version_id FROM suyo.champion WHERE portfolio = \(header.portfolio)", connection)
        try await connection.execute("DELETE FROM demand.series WHERE portfolio = \(header.portfolio)")
        try await connection.execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS training_series_staged (content_hash text, first_bucket timestamp, "values" float8[],
                events_hash text)
            ON COMMIT DROP
            """)
    }

    func incumbents(of keys: [SeriesKey], in version: Int64) async throws -> [Incumbent?] {
        let rows = try await connection.query(
            """
            SELECT item_id, site_id, customer_id, model, parameter_names, parameters
            FROM suyo.version_series
            WHERE version_id = \(version) AND item_id = ANY (\(Set(keys.map(\.item)).sorted()))
            """)
        var found: [SeriesKey: Incumbent] = [:]
        found.reserveCapacity(rows.count)
        for row in rows {
            let key = SeriesKey(
                item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
                customer: try row.decode("customer_id", as: String?.self))
            let parameters = NamedValues(
                try row.decode("parameter_names", as: [String].self), try row.decode("parameters", as: [Double].self))
            found[key] = Incumbent(model: try row.decode("model", as: String.self), parameters: parameters)
        }
        return keys.map { found[$0] }
    }

    func add(_ series: [TrainedSeries]) async throws {
        guard !series.isEmpty else { return }
        try await writeSeries(series)
        try await writeTrainingData(series)
        try await writeModels(series)
        try await writeLikeItems(series)
        try await writeForecasts(series)
    }

    /// The series as built now.
    private func writeSeries(_ series: [TrainedSeries]) async throws {
        try await connection.copy(
            series, into: "demand.series",
            [
                "portfolio", "frequency", "item_id", "site_id", "customer_id", "first_bucket", "raw", "adjusted",
                "reason", "data_through", "content_hash",
            ]
        ) { row, one in
            row.text(header.portfolio)
            row.text(header.specification.frequency.rawValue)
            row.key(one.built.series.key)
            row.timestamp(one.built.series.start)
            row.array(one.built.raw)
            row.array(one.built.series.values)
            row.text(one.built.reasonLetters)
            row.date(header.dataThrough)
            row.text(one.contentHash)
        }
    }

    /// What the models were trained on, once however many versions saw it.
    private func writeTrainingData(_ series: [TrainedSeries]) async throws {
        var content = series.map { ($0.contentHash, $0.built.series) }
        var known = Set(content.map(\.0))
        for like in series.flatMap(\.like) where known.insert(like.contentHash).inserted {
            content.append((like.contentHash, like.series))
        }
        let moved = Set(content.map(\.1.events)).filter { !$0.isEmpty }
        let texts = try moved.map { (events: $0, text: try TrainingKnowledge.text($0)) }
        let hashes = try await TrainingKnowledge.keep(texts.map(\.text), connection)
        let events = Dictionary(uniqueKeysWithValues: zip(texts.map(\.events), hashes))
        try await connection.copy(
            content, into: "pg_temp.training_series_staged",
            ["content_hash", "first_bucket", "\"values\"", "events_hash"]
        ) { row, one in
            row.text(one.0)
            row.timestamp(one.1.start)
            row.array(one.1.values)
            row.text(events[one.1.events])
        }
        // In one order everywhere, so that two versions at once wait for each other rather than deadlock.
        try await connection.execute(
            """
            INSERT INTO suyo.training_series (content_hash, first_bucket, "values", events_hash)
            SELECT content_hash, first_bucket, "values", events_hash FROM pg_temp.training_series_staged ORDER BY content_hash
            ON CONFLICT DO NOTHING
            """)
        try await connection.execute("TRUNCATE pg_temp.training_series_staged")
    }

    private func writeModels(_ series: [TrainedSeries]) async throws {
        try await connection.copy(
            series, into: "suyo.version_series",
            [
                "version_id", "item_id", "site_id", "customer_id", "content_hash", "model", "demand_class",
                "parameter_names", "parameters", "state", "observations", "log_likelihood", "aicc", "scored",
                "absolute_actual", "absolute_error", "signed_error", "mase", "rmsse", "pinball", "coverage80",
                "coverage95", "naive_absolute_error", "naive_mase", "naive_pinball", "candidates", "candidate_losses",
                "step_errors", "notes", "holds",
            ]
        ) { row, one in
            let forecast = one.forecast
            row.bigint(versionID)
            row.key(forecast.key)
            row.text(one.contentHash)
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
            row.boolean(one.holds)
        }
    }

    /// What the new ones among them were forecast by.
    private func writeLikeItems(_ series: [TrainedSeries]) async throws {
        let rows = series.flatMap { one in
            one.like.enumerated().map { (one: one, place: $0.offset + 1, like: $0.element) }
        }
        if rows.isEmpty { return }
        try await connection.copy(
            rows, into: "suyo.version_like_item",
            [
                "version_id", "item_id", "site_id", "customer_id", "place", "like_item_id", "factor", "content_hash",
                "buckets_before",
            ]
        ) { row, entry in
            row.bigint(versionID)
            row.key(entry.one.built.series.key)
            row.integer(entry.place)
            row.text(entry.like.series.key.item)
            row.float8(entry.like.factor)
            row.text(entry.like.contentHash)
            row.integer(entry.one.built.bucketsBefore)
        }
    }

    /// The forecasts, under a publication that nobody sees yet.
    private func writeForecasts(_ series: [TrainedSeries]) async throws {
        try await connection.copy(
            series, into: "forecast.series_forecast",
            [
                "publication_id", "item_id", "site_id", "customer_id", "first_bucket", "model", "mean", "quantiles",
                "cumulative_quantiles", "components", "component_values",
            ]
        ) { row, one in
            let forecast = one.forecast
            row.bigint(publicationID)
            row.key(forecast.key)
            row.timestamp(forecast.origin.advanced(by: 1))
            row.text(forecast.model)
            row.array(forecast.mean)
            row.array(forecast.quantiles)
            if let cumulative = forecast.cumulativeQuantiles { row.array(cumulative) } else { row.float8(nil) }
            row.array(forecast.components.map(\.name))
            row.array(forecast.components.flatMap(\.values))
        }
    }
}
