internal import PostgresClient

/// Everything the command line shows, each as one query.
public struct ReportStore: Sendable {
    /// Whom a report is for.
    public enum Audience: Sendable {
        /// People: what matters, rounded, in eighty columns, times in the zone of the job.
        case people
        /// Programs: every column of the view behind it, exact, under its documented name.
        case programs
    }

    private let database: Database

    /// Reports of one database.
    public init(database: Database) { self.database = database }

    func fetch(_ query: Query) async throws -> ReportTable {
        try await database.transaction { try await ReportTable.fetch(query, $0) }
    }

    /// Every job with its next and last run, and what is wrong with it.
    public func jobs(_ audience: Audience) async throws -> ReportTable {
        if audience == .programs { return try await fetch("SELECT * FROM suyo.job_status ORDER BY name") }
        return try await fetch(
            """
            SELECT name, coalesce(schedule, '-') AS schedule,
                CASE WHEN paused THEN 'paused'
                    ELSE pg_catalog.to_char(next_fire_at AT TIME ZONE time_zone, 'MM-DD HH24:MI') END AS next,
                time_zone AS zone, last_state AS last_run,
                pg_catalog.to_char(last_finished_at AT TIME ZONE time_zone, 'MM-DD HH24:MI') AS ended,
                nullif(pg_catalog.concat_ws('; ',
                    'stale since ' || pg_catalog.to_char(stale_since AT TIME ZONE time_zone, 'MM-DD HH24:MI'),
                    problem, 'waiting for ' || waits_for, last_error,
                    CASE WHEN last_lateness_seconds >= 60
                        THEN 'began ' || pg_catalog.round(last_lateness_seconds / 60) || ' min late' END), '') AS trouble
            FROM suyo.job_status ORDER BY name
            """)
    }

    /// The code that an item which was replaced ended up as; `nil` where nothing replaced it.
    public func newestCode(of item: String) async throws -> String? {
        try await database.transaction { connection in
            try await connection.query("SELECT item_id FROM demand.succession WHERE predecessor_id = \(item)").first?
                .decode("item_id", as: String.self)
        }
    }

    /// One job in full.
    public func job(_ name: String) async throws -> ReportTable {
        try await fetch("SELECT * FROM suyo.job_status WHERE name = \(name)")
    }

    /// The latest runs, of one job or all.
    public func runs(_ audience: Audience, job: String?, limit: Int) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch(
                """
                SELECT * FROM suyo.run_history WHERE \(job)::text IS NULL OR job_name = \(job)
                ORDER BY run_id DESC LIMIT \(limit)
                """)
        }
        return try await fetch(
            """
            SELECT run_id AS run, job_name AS job, state, reason AS by,
                pg_catalog.to_char(started_at, 'MM-DD HH24:MI:SS"Z"') AS started,
                pg_catalog.round(lateness_seconds::numeric, 1) AS late, pg_catalog.round(seconds::numeric, 1) AS seconds,
                coalesce(failure || ': ' || error, error, message) AS note
            FROM suyo.run_history
            -- Shards are part of other runs.
            WHERE job_name = \(job) OR (\(job)::text IS NULL AND kind <> 'shard')
            ORDER BY run_id DESC LIMIT \(limit)
            """)
    }

    /// The limits on runs, with how many go on and wait under each.
    public func runLimits() async throws -> ReportTable {
        try await fetch(
            """
            SELECT l.kind, l.max_runs, pg_catalog.count(r.run_id) FILTER (WHERE r.state = 'running') AS running,
                pg_catalog.count(r.run_id) FILTER (WHERE r.state <> 'running') AS waiting, l.set_by,
                pg_catalog.to_char(l.set_at, 'MM-DD HH24:MI"Z"') AS set_at
            FROM suyo.run_limit AS l
            LEFT JOIN suyo.run AS r ON l.kind IN ('*', r.kind)
                AND r.state IN ('available', 'scheduled', 'retryable', 'running')
            GROUP BY l.kind ORDER BY l.kind
            """)
    }

    /// One run, as one row.
    public func run(_ number: Int64) async throws -> ReportTable {
        try await fetch("SELECT * FROM suyo.run_history WHERE run_id = \(number)")
    }

    /// What a run logged.
    public func log(run: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT pg_catalog.to_char(at, 'YYYY-MM-DD HH24:MI:SS"Z"') AS at, attempt, level, failure, message
            FROM suyo.run_log WHERE run_id = \(run) ORDER BY log_id
            """)
    }

    /// The champions, one per portfolio.
    public func models(_ audience: Audience) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch("SELECT * FROM suyo.model_history WHERE is_champion ORDER BY portfolio")
        }
        return try await fetch(
            """
            SELECT portfolio, version_id AS version, series_count AS series, frequency, horizon AS steps, data_through AS through,
                pg_catalog.round((metrics #>> '{model,wape}')::numeric, 3) AS wape,
                pg_catalog.round((metrics #>> '{seasonalNaive,wape}')::numeric, 3) AS naive
            FROM suyo.model_history WHERE is_champion ORDER BY portfolio
            """)
    }

    /// Every version of a portfolio, or of all, newest first; at an earlier instant, those there were and the champion then.
    public func history(
        _ audience: Audience, portfolio: String?, limit: Int, asOf: String? = nil
    ) async throws -> ReportTable {
        let columns =
            audience == .programs
            ? "m.*"
            : """
            m.version_id AS version, m.portfolio, pg_catalog.to_char(m.created_at, 'MM-DD HH24:MI"Z"') AS created,
            m.data_through AS through, pg_catalog.round((m.metrics #>> '{model,wape}')::numeric, 3) AS wape,
            pg_catalog.round((m.metrics #>> '{seasonalNaive,wape}')::numeric, 3) AS naive,
            CASE WHEN m.is_champion THEN 'champion' WHEN m.was_champion THEN 'earlier'
                WHEN m.in_shadow THEN 'shadow' ELSE 'refused' END AS standing
            """
        do {
            return try await fetch(
                """
                SELECT \(unescaped: columns)
                FROM (
                    SELECT h.version_id, h.portfolio, h.created_at, h.series_count, h.frequency, h.horizon, h.data_through,
                        h.data_hash, h.code_version, h.seed, h.metrics, h.configuration, h.timings, h.run_id,
                        CASE WHEN \(asOf)::timestamptz IS NULL THEN h.is_champion
                            ELSE c.version_id IS NOT NULL END AS is_champion, h.notes,
                        EXISTS (SELECT FROM suyo.promotion_log AS l WHERE l.version_id = h.version_id
                            AND (\(asOf)::timestamptz IS NULL OR l.at <= \(asOf)::timestamptz)) AS was_champion,
                        EXISTS (SELECT FROM suyo.shadow_trial AS t WHERE t.version_id = h.version_id
                            AND (t.state = 'waiting' OR t.ended_at > \(asOf)::timestamptz)) AS in_shadow
                    FROM suyo.model_history AS h
                    LEFT JOIN suyo.champion_as_of(\(asOf)::timestamptz) AS c
                        ON c.portfolio = h.portfolio AND c.version_id = h.version_id
                    WHERE (\(asOf)::timestamptz IS NULL OR h.created_at <= \(asOf)::timestamptz)
                        AND (\(portfolio)::text IS NULL OR h.portfolio = \(portfolio))) AS m
                ORDER BY m.version_id DESC LIMIT \(limit)
                """)
        } catch let error as PostgresError where error.code.name.hasPrefix("22") {
            throw ReportError.notAnInstant(asOf ?? "")
        }
    }

    /// The promotions and rollbacks of a version's portfolio that made it champion or replaced it, oldest first.
    public func promotions(version: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT pg_catalog.to_char(at, 'YYYY-MM-DD HH24:MI"Z"') AS at, action, version_id AS version,
                previous_version_id AS before, actor AS by, reason
            FROM suyo.promotion_log WHERE \(version) IN (version_id, previous_version_id) ORDER BY promotion_id
            """)
    }

    /// A version's lineage, as one row.
    public func version(_ number: Int64) async throws -> ReportTable {
        try await fetch("SELECT * FROM suyo.model_history WHERE version_id = \(number)")
    }

    /// A version's lineage in short, as one row for people.
    public func lineage(_ number: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT portfolio, pg_catalog.to_char(created_at, 'YYYY-MM-DD HH24:MI:SS"Z"') AS created, run_id AS run,
                is_champion AS champion, series_count AS series, frequency, horizon, data_through, data_hash,
                code_version, seed, configuration ->> 'model' AS model, configuration ->> 'grain' AS grain,
                configuration ->> 'origins' AS origins, (timings ->> 'train')::numeric(10, 2) AS train_seconds,
                nullif(pg_catalog.array_to_string(notes, ' '), '') AS notes
            FROM suyo.model_history WHERE version_id = \(number)
            """)
    }

    /// A version's accuracy in its backtest, beside the seasonal naive's on the same points.
    public func versionAccuracy(_ number: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT who AS forecast, (metrics ->> 'points')::bigint AS points,
                (metrics #>> ARRAY[key, 'wape'])::numeric(10, 4) AS wape,
                (metrics #>> ARRAY[key, 'bias'])::numeric(10, 4) AS bias,
                (metrics #>> ARRAY[key, 'mase'])::numeric(10, 4) AS mase,
                (metrics #>> ARRAY[key, 'pinball'])::numeric(10, 4) AS pinball,
                (metrics #>> ARRAY[key, 'coverage80'])::numeric(10, 3) AS coverage_80
            FROM suyo.model_version, (VALUES (1, 'this version', 'model'), (2, 'seasonal naive', 'seasonalNaive'))
                AS v (place, who, key)
            WHERE version_id = \(number) ORDER BY place
            """)
    }

    /// What two versions say of themselves, where they differ.
    public func lineageDifferences(_ before: Int64, _ after: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT name, pg_catalog.max(value) FILTER (WHERE version_id = \(before)) AS before,
                pg_catalog.max(value) FILTER (WHERE version_id = \(after)) AS after
            FROM (
                SELECT v.version_id, e.key AS name, e.value FROM suyo.model_version AS v
                CROSS JOIN LATERAL pg_catalog.jsonb_each_text(v.configuration || pg_catalog.jsonb_build_object(
                    'data through', v.data_through, 'data hash', pg_catalog.left(v.data_hash, 12),
                    'code version', v.code_version, 'series', v.series_count)) AS e
                WHERE v.version_id IN (\(before), \(after))) AS facts
            GROUP BY name
            HAVING pg_catalog.count(DISTINCT value) > 1 OR pg_catalog.count(*) < 2
            ORDER BY name
            """)
    }

    /// What the gate decided about a version, as one row, its reasons one text; none where it needed no gate.
    public func verdict(_ number: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT CASE WHEN g.is_promoted THEN 'promoted' WHEN g.shadow_buckets IS NULL THEN 'refused'
                    ELSE 'shadow' END AS gate, g.champion_id AS against, g.series,
                g.uncompared, g.champion_wape::numeric(10, 4) AS champion_wape,
                g.challenger_wape::numeric(10, 4) AS challenger_wape, g.difference::numeric(10, 4) AS difference,
                g.lower_bound::numeric(10, 4) AS lower_bound, g.upper_bound::numeric(10, 4) AS upper_bound,
                pg_catalog.array_to_string(g.reasons || CASE WHEN t.state <> 'waiting' THEN
                    pg_catalog.concat('The trial ', CASE t.state WHEN 'abandoned' THEN 'was abandoned' ELSE t.state END,
                        '.') || t.reasons END, ' ') AS reasons
            FROM suyo.gate_verdict AS g LEFT JOIN suyo.shadow_trial AS t USING (version_id)
            WHERE g.version_id = \(number)
            """)
    }

    /// The segments the gate judged, worst first.
    public func verdictSegments(_ number: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT s.value ->> 'name' AS segment, (s.value ->> 'series')::integer AS series,
                (s.value ->> 'championWAPE')::numeric(10, 3) AS champion,
                (s.value ->> 'challengerWAPE')::numeric(10, 3) AS challenger,
                (s.value ->> 'difference')::numeric(10, 3) AS difference,
                (s.value ->> 'lower')::numeric(10, 3) AS lower, (s.value ->> 'upper')::numeric(10, 3) AS upper
            FROM suyo.gate_verdict AS g
            CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(g.segments) WITH ORDINALITY AS s (value, place)
            WHERE g.version_id = \(number) ORDER BY s.place
            """)
    }

    /// How often each model was chosen in a version, and how it did.
    public func versionModels(_ number: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT model, pg_catalog.count(*) AS series,
                pg_catalog.round((pg_catalog.sum(absolute_error) / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 3)
                    AS wape,
                pg_catalog.round((pg_catalog.sum(naive_absolute_error)
                    / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 3) AS naive_wape
            FROM suyo.version_series WHERE version_id = \(number) GROUP BY model ORDER BY 2 DESC, 1
            """)
    }

    /// The forecast of an item, now or as published at an instant.
    public func forecast(
        _ audience: Audience, item: String, site: String?, horizon: Int?, asOf: String?
    ) async throws -> ReportTable {
        let columns =
            audience == .programs
            ? "*"
            : """
            site_id AS site, frequency, pg_catalog.to_char(bucket_start, 'YYYY-MM-DD HH24:MI') AS bucket, step,
            pg_catalog.round(mean::numeric, 2) AS mean, pg_catalog.round(p10::numeric, 2) AS p10,
            pg_catalog.round(p50::numeric, 2) AS p50, pg_catalog.round(p90::numeric, 2) AS p90,
            pg_catalog.round(final::numeric, 2) AS final, model, version_id AS version, status
            """
        do {
            return try await fetch(
                """
                SELECT \(unescaped: columns)
                FROM forecast.get(\(item)::text, \(site)::text, \(horizon)::integer, \(asOf)::timestamptz)
                """)
        } catch let error as PostgresError where error.code.name.hasPrefix("22") {
            throw ReportError.notAnInstant(asOf ?? "")
        }
    }

    /// The components of each step's mean.
    public func explanation(_ audience: Audience, item: String, site: String?) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch("SELECT * FROM forecast.explain(\(item)::text, \(site)::text)")
        }
        return try await fetch(
            """
            SELECT portfolio, site_id AS site, pg_catalog.to_char(bucket_start, 'YYYY-MM-DD HH24:MI') AS bucket, component,
                pg_catalog.round(value::numeric, 3) AS value
            FROM forecast.explain(\(item)::text, \(site)::text)
            """)
    }

    /// Accuracy in the backtest of the champions, beside seasonal naive: all, or one item.
    public func backtestAccuracy(item: String?, site: String? = nil) async throws -> ReportTable {
        try await fetch(
            """
            SELECT v.item_id AS item, v.site_id AS site, v.model, v.demand_class AS class,
                pg_catalog.round((v.absolute_error / nullif(v.absolute_actual, 0))::numeric, 3) AS wape,
                pg_catalog.round((v.naive_absolute_error / nullif(v.absolute_actual, 0))::numeric, 3) AS naive_wape,
                pg_catalog.round(v.mase::numeric, 3) AS mase, pg_catalog.round(v.coverage80::numeric, 2) AS coverage_80
            FROM suyo.champion AS c JOIN suyo.version_series AS v USING (version_id)
            WHERE (\(item)::text IS NULL OR v.item_id = \(item)) AND (\(site)::text IS NULL OR v.site_id = \(site))
            ORDER BY 1, 2
            """)
    }

    /// Raw and adjusted demand of an item side by side.
    public func series(
        item: String, site: String?, portfolio: String?, limit: Int
    ) async throws -> ReportTable {
        try await fetch(
            """
            SELECT * FROM (
                SELECT portfolio, site_id AS site, pg_catalog.to_char(bucket_start, 'YYYY-MM-DD HH24:MI') AS bucket, raw,
                    adjusted, reason
                FROM demand.series_value WHERE item_id = \(item) AND (\(site)::text IS NULL OR site_id = \(site))
                    AND (\(portfolio)::text IS NULL OR portfolio = \(portfolio))
                ORDER BY bucket_start DESC, 1, 2 LIMIT \(limit)) AS latest
            ORDER BY 1, 2, 3
            """)
    }

    /// The records that were rejected, newest import first.
    public func rejected(batch: Int64?, limit: Int) async throws -> ReportTable {
        try await fetch(
            """
            SELECT r.batch_id AS batch, b.file_name AS file, r.line, r.column_name AS "column", r.value, r.reason
            FROM demand.rejected_row AS r JOIN demand.import_batch AS b USING (batch_id)
            WHERE \(batch) IS NULL OR r.batch_id = \(batch)
            ORDER BY r.batch_id DESC, r.line LIMIT \(limit)
            """)
    }

    /// What is odd about the data, each with how often.
    public func dataCheck() async throws -> ReportTable {
        try await fetch(
            """
            SELECT "check", count, meaning FROM (
                SELECT 1 AS place, 'order lines' AS "check", pg_catalog.count(*) AS count, 'in all' AS meaning
                FROM demand.order_line
                UNION ALL SELECT 2, 'rejected records', pg_catalog.count(*), 'look: suyo data rejected'
                FROM demand.rejected_row
                UNION ALL SELECT 3, 'future-dated', pg_catalog.count(*), 'ordered after now; left out until then'
                FROM demand.order_line WHERE ordered_at > pg_catalog.now()
                UNION ALL SELECT 4, 'negative quantities', pg_catalog.count(*), 'cancellations, returns, internal lines'
                FROM demand.order_line WHERE quantity < 0
                UNION ALL SELECT 5, 'zero quantities', pg_catalog.count(*), 'lines that order nothing'
                FROM demand.order_line WHERE quantity = 0
                UNION ALL SELECT 6, 'undeclared items', pg_catalog.count(*), 'ordered, but never imported as items'
                FROM demand.item WHERE NOT is_declared
                UNION ALL SELECT 7, 'undeclared sites', pg_catalog.count(*), 'zone UTC unless the mapping says otherwise'
                FROM demand.site WHERE NOT is_declared
                UNION ALL SELECT 8, 'spikes', pg_catalog.count(*), 'lines 50 times the item''s median or more'
                FROM demand.order_line AS l JOIN (
                    SELECT item_id, pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY quantity) AS median
                    FROM demand.order_line WHERE status = 'ordered' GROUP BY item_id HAVING pg_catalog.count(*) >= 10) AS m
                    USING (item_id)
                WHERE l.status = 'ordered' AND l.quantity >= 50 * m.median AND m.median > 0
                UNION ALL SELECT 9, 'long gaps', pg_catalog.count(*), 'items without an order for 90 days between two'
                FROM (SELECT DISTINCT item_id FROM (
                    SELECT item_id, ordered_at - pg_catalog.lag(ordered_at) OVER (
                        PARTITION BY item_id ORDER BY ordered_at) AS gap
                    FROM demand.order_line WHERE status = 'ordered') AS g WHERE gap > interval '90 days') AS items
                UNION ALL SELECT 10, 'buckets out of stock',
                    coalesce(pg_catalog.sum(pg_catalog.length(reason)
                        - pg_catalog.length(pg_catalog.replace(reason, 'S', ''))), 0),
                    'counted as missing demand, not as zero'
                FROM demand.series
                UNION ALL SELECT 11, 'buckets partly out of stock',
                    coalesce(pg_catalog.sum(pg_catalog.length(reason)
                        - pg_catalog.length(pg_catalog.replace(reason, 'P', ''))), 0),
                    'demand scaled up to the whole bucket'
                FROM demand.series) AS checks
            ORDER BY place
            """)
    }

    /// Order lines far larger than usual, the latest first.
    public func largeLines(limit: Int) async throws -> ReportTable {
        try await fetch(
            """
            SELECT order_id AS order, line_no AS line, item_id AS item, site_id AS site,
                pg_catalog.to_char(ordered_at, 'YYYY-MM-DD') AS ordered, quantity,
                pg_catalog.round(times_usual::numeric) AS times_usual, is_one_off AS one_off, reason
            FROM demand.large_line ORDER BY ordered_at DESC, order_id, line_no LIMIT \(limit)
            """)
    }

    /// History and forecast of each current series of an item, for charts; of one site where it is named.
    public func charts(item: String, site: String?) async throws -> [ReportChart] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT f.item_id, f.site_id, f.model, f.mean, f.quantiles, d.adjusted, f.version_id,
                    f.data_through::text AS data_through, f.frequency, i.name
                FROM forecast.current_series AS f
                JOIN demand.series AS d ON d.portfolio = f.portfolio AND d.item_id = f.item_id
                    AND coalesce(d.site_id, '') = coalesce(f.site_id, '')
                    AND coalesce(d.customer_id, '') = coalesce(f.customer_id, '')
                LEFT JOIN demand.item AS i ON i.item_id = f.item_id
                WHERE f.item_id = \(item) AND (\(site)::text IS NULL OR f.site_id = \(site))
                ORDER BY f.portfolio, f.site_id, f.customer_id
                """
            ).map { row in
                ReportChart(
                    item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
                    name: try row.decode("name", as: String?.self), model: try row.decode("model", as: String.self),
                    frequency: try row.decode("frequency", as: String.self),
                    versionID: try row.decode("version_id", as: Int64.self),
                    dataThrough: try row.decode("data_through", as: String.self),
                    history: try row.decode("adjusted", as: [Double].self),
                    mean: try row.decode("mean", as: [Double].self),
                    quantiles: try row.decode("quantiles", as: [Double].self))
            }
        }
    }
}

/// What a chart of one series needs.
public struct ReportChart: Sendable {
    /// The item.
    public var item: String
    /// The site.
    public var site: String?
    /// What people call the item.
    public var name: String?
    /// The model.
    public var model: String
    /// How long a bucket is.
    public var frequency: String
    /// The model version.
    public var versionID: Int64
    /// Last local day of complete data.
    public var dataThrough: String
    /// Adjusted demand per bucket; NaN is missing.
    public var history: [Double]
    /// Expected demand per step.
    public var mean: [Double]
    /// Row-major, step × the eight standard levels.
    public var quantiles: [Double]
}

/// Why a report cannot be made.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A text that should be an instant is none.
    case notAnInstant(String)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .notAnInstant(let text):
            "'\(text)' is no instant: write one such as '2026-05-01 06:00+09' or 2026-05-01T06:00:00+09:00."
        }
    }
}
