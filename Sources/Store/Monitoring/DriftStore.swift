internal import Foundation
public import Monitoring
public import Pipeline
internal import PostgresClient
public import TimeSeries

/// Keeps what monitors know, and incidents, in the schema `suyo`.
public struct DriftStore: DriftRegistry {
    private let database: Database

    /// A registry in one database.
    public init(database: Database) { self.database = database }

    /// What the last check of a portfolio left behind.
    public func memory(of portfolio: String, frequency: Frequency) async throws -> DriftMemory {
        try await database.transaction { connection in
            let last = try await connection.query(
                "SELECT pg_catalog.max(check_id) AS last FROM suyo.drift_check WHERE portfolio = \(portfolio)")
            return DriftMemory(
                lastCheck: try last[0].decode("last", as: Int64?.self),
                series: try await DriftStore.monitored(
                    "drift_state", portfolio, frequency, connection, DriftStore.key),
                totals: try await DriftStore.monitored(
                    "drift_total_state", portfolio, frequency, connection, DriftStore.totalKey),
                answered: try await DriftStore.answered(
                    "incident_series", portfolio, frequency, connection, DriftStore.key),
                answeredTotals: try await DriftStore.answered(
                    "incident_total", portfolio, frequency, connection, DriftStore.totalKey))
        }
    }

    /// What a table knows of each series or total.
    private static func monitored<Key>(
        _ table: String, _ portfolio: String, _ frequency: Frequency, _ connection: Connection,
        _ key: (Row) throws -> Key?
    ) async throws -> [Key: DriftMemory.Monitored] {
        var found: [Key: DriftMemory.Monitored] = [:]
        for row in try await connection.query(
            """
            SELECT d.*, d.reference_from::text AS known_from, d.reference_through::text AS known_through
            FROM suyo.\(unescaped: table) AS d WHERE d.portfolio = \(portfolio)
            """)
        {
            guard let key = try key(row) else { continue }
            found[key] = DriftMemory.Monitored(
                state: try row.decode("state", as: [Double].self),
                versionID: try row.decode("version_id", as: Int64.self),
                referenceFrom: try row.decode("known_from", as: String?.self).flatMap { bucket($0, frequency) },
                referenceThrough: try row.decode("known_through", as: String?.self).flatMap { bucket($0, frequency) })
        }
        return found
    }

    /// Series or totals of the open incident whose change its own retrain knows, with since when each has changed.
    ///
    /// Only the version that this retrain made answers it: others may know less of the change.
    private static func answered<Key>(
        _ table: String, _ portfolio: String, _ frequency: Frequency, _ connection: Connection,
        _ key: (Row) throws -> Key?
    ) async throws -> [Key: Bucket] {
        var answered: [Key: Bucket] = [:]
        for row in try await connection.query(
            """
            SELECT s.*, s.since::text AS changed_at
            FROM suyo.incident AS i
            JOIN suyo.\(unescaped: table) AS s USING (incident_id)
            JOIN suyo.model_version AS v ON v.run_id = i.retrain_run_id
            JOIN suyo.champion AS c ON c.portfolio = i.portfolio AND c.version_id >= v.version_id
            WHERE i.portfolio = \(portfolio) AND i.state <> 'resolved' AND s.left_at IS NULL
            """)
        {
            if let key = try key(row) {
                answered[key] = bucket(try row.decode("changed_at", as: String.self), frequency)
            }
        }
        return answered
    }

    /// What was published for each bucket, by the latest publication that was at most `steps` buckets old.
    public func predictions(
        of portfolio: String, from first: Bucket, through last: Bucket, steps: Int
    ) async throws -> [SeriesKey: [Prediction?]] {
        try await database.transaction { connection in
            var published = PublishedBuckets<SeriesKey>(from: first, through: last)
            // Oldest first, so that for each bucket the latest publication has the last word.
            let rows = try await connection.query(
                """
                SELECT f.item_id, f.site_id, f.customer_id, f.first_bucket::text AS first_bucket,
                    f.mean[1:\(steps)::integer] AS mean, f.quantiles[1:8 * \(steps)::integer] AS quantiles
                FROM forecast.publication AS p
                JOIN forecast.series_forecast AS f ON f.publication_id = coalesce(p.forecasts_of, p.publication_id)
                WHERE p.portfolio = \(portfolio) AND p.status = 'champion'
                    AND p.data_through < date '1970-01-01' + \(last.firstDay.daysSinceEpoch)::integer
                    AND p.data_through >= date '1970-01-01' + \(first.advanced(by: -steps - 1).firstDay.daysSinceEpoch)::integer
                ORDER BY p.data_through, p.publication_id
                """)
            for row in rows {
                guard let start = DriftStore.bucket(try row.decode("first_bucket", as: String.self), first.frequency)
                else { continue }
                published.take(
                    try DriftStore.key(row), start: start, mean: try row.decode("mean", as: [Double].self),
                    quantiles: try row.decode("quantiles", as: [Double].self))
            }
            return published.predictions
        }
    }

    /// The same of the portfolio's totals, which have a median where the others have a mean.
    public func totalPredictions(
        of portfolio: String, from first: Bucket, through last: Bucket, steps: Int
    ) async throws -> [TotalKey: [Prediction?]] {
        try await database.transaction { connection in
            var published = PublishedBuckets<TotalKey>(from: first, through: last)
            let rows = try await connection.query(
                """
                SELECT t.level, t.site_id, t.category, t.first_bucket::text AS first_bucket,
                    t.quantiles[1:8 * \(steps)::integer] AS quantiles
                FROM forecast.publication AS p
                JOIN forecast.total_forecast AS t ON t.publication_id = coalesce(p.forecasts_of, p.publication_id)
                WHERE p.portfolio = \(portfolio) AND p.status = 'champion'
                    AND p.data_through < date '1970-01-01' + \(last.firstDay.daysSinceEpoch)::integer
                    AND p.data_through >= date '1970-01-01' + \(first.advanced(by: -steps - 1).firstDay.daysSinceEpoch)::integer
                ORDER BY p.data_through, p.publication_id
                """)
            for row in rows {
                guard let key = try DriftStore.totalKey(row),
                    let start = DriftStore.bucket(try row.decode("first_bucket", as: String.self), first.frequency)
                else { continue }
                let quantiles = try row.decode("quantiles", as: [Double].self)
                published.take(
                    key, start: start, mean: stride(from: 3, to: quantiles.count, by: 8).map { quantiles[$0] },
                    quantiles: quantiles)
            }
            return published.predictions
        }
    }

    /// Stores a check and what becomes of the incident, in one transaction.
    public func save(_ report: DriftReport, under permit: WritePermit?) async throws -> DriftOutcome {
        try await database.transaction { connection in
            try await connection.execute(
                "SELECT pg_catalog.pg_advisory_xact_lock(1937078639, pg_catalog.hashtext(\(report.portfolio)::text))")
            let last = try await connection.query(
                "SELECT pg_catalog.max(check_id) AS last FROM suyo.drift_check WHERE portfolio = \(report.portfolio)")
            guard try last[0].decode("last", as: Int64?.self) == report.follows else {
                throw PipelineError.staleAttempt
            }
            let named = report.series.filter { $0.standing == .drifting && !report.answered.contains($0.key) }
            let totals = report.totals.filter { $0.standing == .drifting && !report.answeredTotals.contains($0.key) }
            let checkID = try await DriftStore.writeCheck(
                report, named: named.count, totals: totals.count, permit, connection)
            try await DriftStore.writeStates(report, connection)
            let incident = try await IncidentLedger(connection: connection, report: report, checkID: checkID)
                .follow(named, totals)
            if let permit { try await RunEffects.seal(permit, connection) }
            return DriftOutcome(
                checkID: checkID, dataThrough: report.dataThrough.description, buckets: report.buckets,
                series: report.series.count, judged: report.series.count { $0.standing != .abstains },
                alarms: report.series.count { $0.standing == .watch || $0.standing == .drifting },
                named: named.count, totals: report.totals.count, namedTotals: totals.count,
                incidentID: incident.incidentID, isNew: incident.isNew,
                retrainRunID: incident.retrainRunID, notes: [report.reason].compactMap { $0 } + incident.notes)
        }
    }

    private static func writeCheck(
        _ report: DriftReport, named: Int, totals: Int, _ permit: WritePermit?, _ connection: Connection
    ) async throws -> Int64 {
        let rows = try await connection.query(
            """
            INSERT INTO suyo.drift_check (portfolio, run_id, version_id, data_through, buckets, series_count, judged,
                alarms, named, totals, named_totals, reason)
            VALUES (\(report.portfolio), \(permit?.runID), \(report.versionID),
                date '1970-01-01' + \(report.dataThrough.daysSinceEpoch)::integer, \(report.buckets),
                \(report.series.count), \(report.series.count { $0.standing != .abstains }),
                \(report.series.count { $0.standing == .watch || $0.standing == .drifting }), \(named),
                \(report.totals.count), \(totals), \(report.reason))
            RETURNING check_id
            """)
        return try rows[0].decode("check_id", as: Int64.self)
    }

    /// The columns of a monitor's standing, which series and totals have alike.
    private static let standingColumns = [
        "standing", "metric", "since", "alarms_per_year", "version_id", "reference_from", "reference_through",
        "through", "stability_index", "kolmogorov_smirnov", "wasserstein", "jensen_shannon", "reason", "state",
    ]

    private static func writeStates(_ report: DriftReport, _ connection: Connection) async throws {
        try await connection.execute("DELETE FROM suyo.drift_state WHERE portfolio = \(report.portfolio)")
        try await connection.execute("DELETE FROM suyo.drift_total_state WHERE portfolio = \(report.portfolio)")
        try await connection.copy(
            report.series, into: "suyo.drift_state",
            ["portfolio", "item_id", "site_id", "customer_id"] + standingColumns
        ) { row, one in
            row.text(report.portfolio)
            row.key(one.key)
            row.standing(of: one)
        }
        try await connection.copy(
            report.totals, into: "suyo.drift_total_state",
            ["portfolio", "level", "site_id", "category"] + standingColumns
        ) { row, one in
            row.text(report.portfolio)
            row.text(one.key.level.rawValue)
            row.text(one.key.site)
            row.text(one.key.category)
            row.standing(of: one)
        }
    }

    /// Evidence as what it is the logarithm of.
    static func alarmsPerYear(_ finding: SeriesMonitor.Finding) -> Double { exp(-finding.evidence) }

    private static func key(_ row: Row) throws -> SeriesKey {
        SeriesKey(
            item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
            customer: try row.decode("customer_id", as: String?.self))
    }

    /// `nil` where the level is not one of ours.
    private static func totalKey(_ row: Row) throws -> TotalKey? {
        guard let level = TotalKey.Level(rawValue: try row.decode("level", as: String.self)) else { return nil }
        return TotalKey(
            level: level, site: try row.decode("site_id", as: String?.self),
            category: try row.decode("category", as: String?.self))
    }

    /// The bucket that starts at `2027-02-28 13:00:00`.
    private static func bucket(_ text: String, _ frequency: Frequency) -> Bucket? {
        guard let day = CivilDate(text.prefix(10)) else { return nil }
        return Bucket(frequency: frequency, containing: day, hour: Int(text.dropFirst(11).prefix(2)) ?? 0)
    }
}

/// What was published for some buckets, the last word on each.
private struct PublishedBuckets<Key: Hashable> {
    private let first: Bucket
    private let count: Int
    private(set) var predictions: [Key: [Prediction?]] = [:]

    init(from first: Bucket, through last: Bucket) {
        self.first = first
        count = last.ordinal - first.ordinal + 1
    }

    /// Takes a forecast that begins at `start`; its quantiles are those of step 1, then of step 2, and so on.
    mutating func take(_ key: Key, start: Bucket, mean: [Double], quantiles: [Double]) {
        var known = predictions.removeValue(forKey: key) ?? [Prediction?](repeating: nil, count: count)
        for step in mean.indices {
            let place = start.ordinal + step - first.ordinal
            guard known.indices.contains(place) else { continue }
            // Of the eight quantiles the second is that of 0.1, the sixth that of 0.9.
            known[place] = Prediction(
                mean: mean[step], lower: quantiles[8 * step + 1], upper: quantiles[8 * step + 5])
        }
        predictions[key] = known
    }
}

extension CopyRows {
    /// How a series or total stands.
    fileprivate mutating func standing<Key>(of one: Drift<Key>) {
        text(one.standing.rawValue)
        text(one.finding?.detector.name)
        optionalTimestamp(one.finding.map { Bucket(frequency: one.through.frequency, ordinal: $0.since) })
        float8(one.finding.map { DriftStore.alarmsPerYear($0) })
        bigint(one.memory.versionID)
        optionalTimestamp(one.memory.referenceFrom)
        optionalTimestamp(one.memory.referenceThrough)
        timestamp(one.through)
        float8(one.distances?.stabilityIndex)
        float8(one.distances?.kolmogorovSmirnov)
        float8(one.distances?.wasserstein)
        float8(one.distances?.jensenShannon)
        text(one.reason)
        array(one.memory.state)
    }

    /// A `timestamp` or NULL.
    mutating func optionalTimestamp(_ bucket: Bucket?) {
        if let bucket { timestamp(bucket) } else { text(nil) }
    }
}
