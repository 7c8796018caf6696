internal import ContentHash
internal import Forecasting
internal import Foundation
public import Pipeline
internal import PostgresClient
internal import TimeSeries

extension ModelRegistry: SnapshotReader {
    /// Hands out what a version was trained with and what came of it, from a server-side cursor.
    ///
    /// Throws ``Refusal`` where there is no such version, or nothing was stored to refit it from.
    public func withSnapshot<Result: Sendable>(
        of version: Int64, _ body: @Sendable (VersionSnapshot, any StoredShards) async throws -> Result
    ) async throws -> Result {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT v.configuration, v.code_version, v.data_hash, v.holidays_hash, k.content, v.holds_version_id,
                    v.shard_sizes::float8[] AS shard_sizes,
                    (SELECT p.publication_id FROM forecast.publication AS p
                        WHERE p.version_id = v.version_id AND p.forecasts_of IS NULL ORDER BY 1 LIMIT 1) AS publication
                FROM suyo.model_version AS v
                LEFT JOIN suyo.training_knowledge AS k ON k.content_hash = v.holidays_hash
                WHERE v.version_id = \(version)
                """)
            guard let row = rows.first else {
                throw Refusal("There is no model version \(version): look at suyo models history.")
            }
            let shardSizes = try row.decode("shard_sizes", as: [Double].self).map { Int($0) }
            guard !shardSizes.isEmpty, let publication = try row.decode("publication", as: Int64?.self) else {
                throw Refusal(
                    "Version \(version) was stored without what is needed to refit it: take a later one.")
            }
            let held = try row.decode("holds_version_id", as: Int64?.self)
            let snapshot = VersionSnapshot(
                specification: try ForecastStore.specification(try row.decode("configuration", as: String.self)),
                codeVersion: try row.decode("code_version", as: String.self),
                dataHash: try row.decode("data_hash", as: String.self),
                holidays: try ModelRegistry.known(
                    [Holiday].self, try row.decode("content", as: String?.self),
                    hash: try row.decode("holidays_hash", as: String?.self)) ?? [],
                shardSizes: shardSizes)
            try await connection.execute(ModelRegistry.series(of: version, publication: publication, held: held))
            return try await body(
                snapshot, StoredCursor(connection: connection, frequency: snapshot.specification.frequency))
        }
    }

    private static func series(of version: Int64, publication: Int64, held: Int64?) -> Query {
        """
        DECLARE stored NO SCROLL CURSOR FOR
        SELECT v.item_id, v.site_id, v.customer_id, v.content_hash, v.model, v.parameter_names, v.parameters, v.state,
            t.first_bucket::date - date '1970-01-01' AS day, extract(hour FROM t.first_bucket)::integer AS hour,
            t."values", t.events_hash, k.content AS events, f.mean, f.quantiles,
            coalesce(f.cumulative_quantiles, '{}') AS cumulative_quantiles, f.component_values,
            h.model AS held_model, h.parameter_names AS held_names, h.parameters AS held_values
        FROM suyo.version_series AS v
        JOIN suyo.training_series AS t USING (content_hash)
        LEFT JOIN suyo.training_knowledge AS k ON k.content_hash = t.events_hash
        JOIN forecast.series_forecast AS f ON f.publication_id = \(publication) AND f.item_id = v.item_id
            AND coalesce(f.site_id, '') = coalesce(v.site_id, '')
            AND coalesce(f.customer_id, '') = coalesce(v.customer_id, '')
        LEFT JOIN suyo.version_series AS h ON v.holds AND h.version_id = \(held) AND h.item_id = v.item_id
            AND coalesce(h.site_id, '') = coalesce(v.site_id, '')
            AND coalesce(h.customer_id, '') = coalesce(v.customer_id, '')
        WHERE v.version_id = \(version)
        ORDER BY v.item_id COLLATE "C", coalesce(v.site_id, '') COLLATE "C", coalesce(v.customer_id, '') COLLATE "C"
        """
    }

    /// Knowledge read back, once its hash is found to be right.
    fileprivate static func known<Content: Decodable>(
        _ type: Content.Type, _ text: String?, hash: String?
    ) throws -> Content? {
        guard let hash, let text else { return nil }
        let found = SHA256.hexadecimal(of: Array(text.utf8))
        guard found == hash else {
            throw PipelineError.tampered("holidays or events stored under the hash \(hash) have the hash \(found)")
        }
        return try JSONDecoder().decode(Content.self, from: Data(text.utf8))
    }
}

/// Stored series as a server-side cursor gives them.
private struct StoredCursor: StoredShards {
    let connection: Connection
    let frequency: Frequency

    func next(_ limit: Int) async throws -> [StoredSeries] {
        try await connection.query("FETCH FORWARD \(unescaped: String(limit)) FROM stored").map { row in
            var held: Incumbent?
            if let model = try row.decode("held_model", as: String?.self) {
                held = Incumbent(
                    model: model,
                    parameters: NamedValues(
                        try row.decode("held_names", as: [String].self),
                        try row.decode("held_values", as: [Double].self)),
                    isHeld: true)
            }
            return StoredSeries(
                series: DemandSeries(
                    key: SeriesKey(
                        item: try row.decode("item_id", as: String.self),
                        site: try row.decode("site_id", as: String?.self),
                        customer: try row.decode("customer_id", as: String?.self)),
                    start: Bucket(
                        frequency: frequency,
                        containing: CivilDate(daysSinceEpoch: try row.decode("day", as: Int.self)),
                        hour: try row.decode("hour", as: Int.self)),
                    values: try row.decode("values", as: [Double].self),
                    events: try ModelRegistry.known(
                        [DemandEvent].self, try row.decode("events", as: String?.self),
                        hash: try row.decode("events_hash", as: String?.self)) ?? []),
                contentHash: try row.decode("content_hash", as: String.self), held: held,
                model: try row.decode("model", as: String.self),
                parameterNames: try row.decode("parameter_names", as: [String].self),
                parameters: try row.decode("parameters", as: [Double].self),
                state: try row.decode("state", as: [Double].self), mean: try row.decode("mean", as: [Double].self),
                quantiles: try row.decode("quantiles", as: [Double].self),
                cumulativeQuantiles: try row.decode("cumulative_quantiles", as: [Double].self),
                componentValues: try row.decode("component_values", as: [Double].self))
        }
    }
}

extension NamedValues {
    /// The values under their names.
    init(_ names: [String], _ values: [Double]) {
        self = [:]
        for (name, value) in zip(names, values) { self[name] = value }
    }
}
