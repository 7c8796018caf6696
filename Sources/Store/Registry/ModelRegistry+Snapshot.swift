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
            alike.hashes AS like_hashes, alike.items AS like_items, alike.factors AS like_factors,
            alike.buckets_before, h.model AS held_model, h.parameter_names AS held_names, h.parameters AS held_values
        FROM suyo.version_series AS v
        JOIN suyo.training_series AS t USING (content_hash)
        LEFT JOIN suyo.training_knowledge AS k ON k.content_hash = t.events_hash
        JOIN forecast.series_forecast AS f ON f.publication_id = \(publication) AND f.item_id = v.item_id
            AND coalesce(f.site_id, '') = coalesce(v.site_id, '')
            AND coalesce(f.customer_id, '') = coalesce(v.customer_id, '')
        LEFT JOIN suyo.version_series AS h ON v.holds AND h.version_id = \(held) AND h.item_id = v.item_id
            AND coalesce(h.site_id, '') = coalesce(v.site_id, '')
            AND coalesce(h.customer_id, '') = coalesce(v.customer_id, '')
        LEFT JOIN LATERAL (
            SELECT pg_catalog.array_agg(a.content_hash ORDER BY a.place) AS hashes,
                pg_catalog.array_agg(a.like_item_id ORDER BY a.place) AS items,
                pg_catalog.array_agg(a.factor ORDER BY a.place) AS factors,
                pg_catalog.max(a.buckets_before) AS buckets_before
            FROM suyo.version_like_item AS a
            WHERE a.version_id = v.version_id AND a.item_id = v.item_id
                AND coalesce(a.site_id, '') = coalesce(v.site_id, '')
                AND coalesce(a.customer_id, '') = coalesce(v.customer_id, '')) AS alike ON true
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
        let rows = try await connection.query("FETCH FORWARD \(unescaped: String(limit)) FROM stored")
        let like = try await likeItems(Set(rows.flatMap { try $0.decode("like_hashes", as: [String]?.self) ?? [] }))
        return try rows.map { row in
            var held: Incumbent?
            if let model = try row.decode("held_model", as: String?.self) {
                held = Incumbent(
                    model: model,
                    parameters: NamedValues(
                        try row.decode("held_names", as: [String].self),
                        try row.decode("held_values", as: [Double].self)),
                    isHeld: true)
            }
            let key = SeriesKey(
                item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
                customer: try row.decode("customer_id", as: String?.self))
            let content = try StoredContent(row, frequency)
            return StoredSeries(
                series: content.series(of: key), contentHash: content.hash,
                like: try likeSeries(row, of: key, like),
                bucketsBefore: try row.decode("buckets_before", as: Int?.self) ?? 0, held: held,
                model: try row.decode("model", as: String.self),
                parameterNames: try row.decode("parameter_names", as: [String].self),
                parameters: try row.decode("parameters", as: [Double].self),
                state: try row.decode("state", as: [Double].self), mean: try row.decode("mean", as: [Double].self),
                quantiles: try row.decode("quantiles", as: [Double].self),
                cumulativeQuantiles: try row.decode("cumulative_quantiles", as: [Double].self),
                componentValues: try row.decode("component_values", as: [Double].self))
        }
    }

    /// Training data by its content hash.
    private func likeItems(_ hashes: Set<String>) async throws -> [String: StoredContent] {
        if hashes.isEmpty { return [:] }
        let rows = try await connection.query(
            """
            SELECT t.content_hash, t.first_bucket::date - date '1970-01-01' AS day,
                extract(hour FROM t.first_bucket)::integer AS hour, t."values", t.events_hash, k.content AS events
            FROM suyo.training_series AS t
            LEFT JOIN suyo.training_knowledge AS k ON k.content_hash = t.events_hash
            WHERE t.content_hash = ANY (\(hashes.sorted()))
            """)
        return Dictionary(
            try rows.map { try StoredContent($0, frequency) }.map { ($0.hash, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// What a series was forecast by, in order.
    private func likeSeries(
        _ row: Row, of key: SeriesKey, _ contents: [String: StoredContent]
    ) throws -> [LikeSeries] {
        guard let hashes = try row.decode("like_hashes", as: [String]?.self) else { return [] }
        let items = try row.decode("like_items", as: [String].self)
        let factors = try row.decode("like_factors", as: [Double].self)
        return zip(hashes, zip(items, factors)).compactMap { hash, like in
            var other = key
            other.item = like.0
            return contents[hash].map {
                LikeSeries(series: $0.series(of: other), contentHash: hash, factor: like.1)
            }
        }
    }
}

/// Training data as stored.
private struct StoredContent {
    var hash: String
    private var start: Bucket
    private var values: [Double]
    private var events: [DemandEvent]

    init(_ row: Row, _ frequency: Frequency) throws {
        hash = try row.decode("content_hash", as: String.self)
        start = Bucket(
            frequency: frequency, containing: CivilDate(daysSinceEpoch: try row.decode("day", as: Int.self)),
            hour: try row.decode("hour", as: Int.self))
        values = try row.decode("values", as: [Double].self)
        events =
            try ModelRegistry.known(
                [DemandEvent].self, try row.decode("events", as: String?.self),
                hash: try row.decode("events_hash", as: String?.self)) ?? []
    }

    func series(of key: SeriesKey) -> DemandSeries {
        DemandSeries(key: key, start: start, values: values, events: events)
    }
}

extension NamedValues {
    /// The values under their names.
    init(_ names: [String], _ values: [Double]) {
        self = [:]
        for (name, value) in zip(names, values) { self[name] = value }
    }
}
