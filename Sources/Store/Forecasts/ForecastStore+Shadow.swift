internal import Forecasting
internal import Monitoring
public import Pipeline
internal import PostgresClient
public import TimeSeries

/// Versions on trial: forecast beside the champion, judged on what came.
extension ForecastStore {
    /// The version of a portfolio that runs in the shadow, with both sides' errors once enough buckets have closed.
    ///
    /// A bucket has closed where the series as last built reach it: they are built by each retrain, so that tonight's looks at what
    /// had come by the last.
    public func shadowTrial(of portfolio: String) async throws -> ShadowTrial? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT t.version_id, t.rival_id, t.buckets,
                    (SELECT p.publication_id FROM forecast.publication AS p WHERE p.version_id = t.version_id
                        AND p.forecasts_of IS NULL) AS publication,
                    (SELECT p.publication_id FROM forecast.publication AS p WHERE p.version_id = t.rival_id
                        AND p.forecasts_of IS NULL) AS rival_publication
                FROM suyo.shadow_trial AS t WHERE t.portfolio = \(portfolio) AND t.state = 'waiting'
                """)
            guard let row = rows.first else { return nil }
            let versionID = try row.decode("version_id", as: Int64.self)
            guard
                let version = try await ForecastStore.earlierVersion(
                    "SELECT \(versionID)::bigint AS version_id", connection)
            else { return nil }
            let buckets = try row.decode("buckets", as: Int.self)
            var forecasts = try await ForecastStore.shadowForecasts(
                portfolio, frequency: version.specification.frequency, buckets: buckets,
                publication: try row.decode("publication", as: Int64.self),
                rival: try row.decode("rival_publication", as: Int64.self), connection)
            let closed = forecasts.map(\.closed).max() ?? 0
            if closed < buckets { forecasts = [] }
            return ShadowTrial(
                version: version, rivalID: try row.decode("rival_id", as: Int64.self), buckets: buckets,
                closed: closed, pairs: forecasts.compactMap { $0.pair(buckets: buckets) })
        }
    }

    /// Whether the latest choice of models that a portfolio made itself was rolled back by itself, and none since has
    /// been published by the gate, by a trial or by a person.
    public func isOnProbation(_ portfolio: String) async throws -> Bool {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT EXISTS (SELECT FROM (
                        SELECT pg_catalog.max(l.promotion_id) AS place FROM suyo.promotion_log AS l
                        WHERE l.portfolio = \(portfolio) AND l.is_automatic) AS rollback
                    WHERE rollback.place IS NOT NULL AND NOT EXISTS (
                        SELECT FROM suyo.promotion_log AS l JOIN suyo.model_version AS v USING (version_id)
                        WHERE l.portfolio = \(portfolio) AND l.promotion_id > rollback.place
                            AND (v.holds_version_id IS NULL OR l.run_id IS NULL OR EXISTS (
                                SELECT FROM suyo.shadow_trial AS t
                                WHERE t.version_id = v.holds_version_id AND t.state = 'passed'))))
                """)[0].decode(0, as: Bool.self)
        }
    }

    /// The series that the incident names which asked for a run; `nil` where none did.
    public func seriesConcerned(by run: Int64) async throws -> Set<SeriesKey>? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT s.item_id, s.site_id, s.customer_id
                FROM suyo.incident AS i JOIN suyo.incident_series AS s USING (incident_id)
                WHERE i.retrain_run_id = \(run) AND s.left_at IS NULL
                """)
            let keys = try rows.map { try ForecastStore.key($0) }
            return keys.isEmpty ? nil : Set(keys)
        }
    }

    /// Begins the trial of a version that passed the gate.
    static func beginTrial(
        of versionID: Int64, against rival: Int64, portfolio: String, buckets: Int, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO suyo.shadow_trial (version_id, portfolio, rival_id, buckets)
            VALUES (\(versionID), \(portfolio), \(rival), \(buckets))
            """)
    }

    /// Writes down how a trial ended.
    static func end(_ ended: ShadowEnd, _ connection: Connection) async throws {
        let overall = ended.verdict.overall
        try await connection.execute(
            """
            UPDATE suyo.shadow_trial SET state = \(ended.state.rawValue), ended_at = pg_catalog.clock_timestamp(),
                reasons = \(ended.verdict.reasons), series = \(overall?.series), rival_wape = \(overall?.championWAPE),
                wape = \(overall?.challengerWAPE), difference = \(overall?.difference),
                lower_bound = \(overall?.lower), upper_bound = \(overall?.upper)
            WHERE version_id = \(ended.versionID) AND state = 'waiting'
            """)
    }

    /// What a retrain has to know of the version that a query names; `nil` where it names none.
    static func earlierVersion(_ number: Query, _ connection: Connection) async throws -> EarlierVersion? {
        let rows = try await connection.query(
            number.wrapped(
                "SELECT v.version_id, v.configuration, (v.metrics #>> '{model,coverage80}')::float8 AS coverage FROM (",
                ") AS n JOIN suyo.model_version AS v USING (version_id)"))
        return try rows.first.map { row in
            EarlierVersion(
                versionID: try row.decode("version_id", as: Int64.self),
                specification: try ForecastStore.specification(try row.decode("configuration", as: String.self)),
                coverage80: try row.decode("coverage", as: Double?.self))
        }
    }

    private static func key(_ row: Row) throws -> SeriesKey {
        SeriesKey(
            item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
            customer: try row.decode("customer_id", as: String?.self))
    }

    /// Both forecasts of each series beside its demand since.
    private static func shadowForecasts(
        _ portfolio: String, frequency: Frequency, buckets: Int, publication: Int64, rival: Int64,
        _ connection: Connection
    ) async throws -> [ShadowForecast] {
        let rows = try await connection.query(
            """
            SELECT f.item_id, f.site_id, f.customer_id, v.demand_class, f.mean[1:\(buckets)::integer] AS challenger,
                r.mean[1:\(buckets)::integer] AS champion, s.adjusted[tail.start:] AS actual,
                f.first_bucket::date - date '1970-01-01' AS day, extract(hour FROM f.first_bucket)::integer AS hour,
                s.first_bucket::date - date '1970-01-01' AS actual_day,
                extract(hour FROM s.first_bucket)::integer AS actual_hour, tail.start
            FROM forecast.series_forecast AS f
            JOIN forecast.publication AS p USING (publication_id)
            JOIN suyo.version_series AS v ON v.version_id = p.version_id AND v.item_id = f.item_id
                AND coalesce(v.site_id, '') = coalesce(f.site_id, '')
                AND coalesce(v.customer_id, '') = coalesce(f.customer_id, '')
            JOIN forecast.series_forecast AS r ON r.publication_id = \(rival) AND r.item_id = f.item_id
                AND coalesce(r.site_id, '') = coalesce(f.site_id, '')
                AND coalesce(r.customer_id, '') = coalesce(f.customer_id, '')
            JOIN demand.series AS s ON s.portfolio = \(portfolio) AND s.frequency = \(frequency.rawValue)
                AND s.item_id = f.item_id AND coalesce(s.site_id, '') = coalesce(f.site_id, '')
                AND coalesce(s.customer_id, '') = coalesce(f.customer_id, '')
            -- The horizon is at most 1,000 steps, and nobody waits longer than that.
            CROSS JOIN LATERAL (SELECT greatest(1, cardinality(s.adjusted) - 2000) AS start) AS tail
            WHERE f.publication_id = \(publication)
            ORDER BY f.item_id COLLATE "C", coalesce(f.site_id, '') COLLATE "C", coalesce(f.customer_id, '') COLLATE "C"
            """)
        return try rows.map { row in
            func bucket(_ day: String, _ hour: String) throws -> Bucket {
                Bucket(
                    frequency: frequency,
                    containing: CivilDate(daysSinceEpoch: try row.decode(day, as: Int.self)),
                    hour: try row.decode(hour, as: Int.self))
            }
            let first = try bucket("actual_day", "actual_hour").ordinal + (try row.decode("start", as: Int.self)) - 1
            return ShadowForecast(
                key: try key(row), demandClass: try row.decode("demand_class", as: String.self),
                champion: try row.decode("champion", as: [Double].self),
                challenger: try row.decode("challenger", as: [Double].self),
                actual: try row.decode("actual", as: [Double].self),
                offset: try bucket("day", "hour").ordinal - first)
        }
    }
}

/// The forecasts of champion and challenger for one series, and its demand.
private struct ShadowForecast {
    var key: SeriesKey
    var demandClass: String
    var champion: [Double]
    var challenger: [Double]
    /// Demand per bucket; NaN is missing.
    var actual: [Double]
    /// Where in `actual` the first step is.
    var offset: Int

    /// Steps that have closed.
    var closed: Int { max(0, actual.count - offset) }

    /// The errors of both, a bucket being an origin; `nil` where all buckets were missing.
    func pair(buckets: Int) -> PairedSeries? {
        var pair = PairedSeries(
            site: key.site, demandClass: demandClass, actual: 0, championSigned: 0, challengerSigned: 0, origins: [])
        var seen = 0
        for step in 0..<min(buckets, champion.count, challenger.count) {
            let place = offset + step
            guard actual.indices.contains(place), actual[place].isFinite else {
                // Buckets of all series stay side by side.
                pair.origins.append(.init(champion: 0, challenger: 0))
                continue
            }
            seen += 1
            pair.actual += actual[place].magnitude
            pair.championSigned += champion[step] - actual[place]
            pair.challengerSigned += challenger[step] - actual[place]
            pair.origins.append(
                .init(
                    champion: (champion[step] - actual[place]).magnitude,
                    challenger: (challenger[step] - actual[place]).magnitude))
        }
        return seen == 0 ? nil : pair
    }
}
