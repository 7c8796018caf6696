public import Pipeline
internal import PostgresClient

extension ModelRegistry {
    /// The facts of a version's card.
    ///
    /// Throws ``Refusal`` where there is no such version.
    public func card(version: Int64) async throws -> ModelCard {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT v.portfolio, v.configuration, v.data_through::text AS through, v.notes, v.data_hash, v.code_version,
                    v.seed::text AS seed, coalesce(v.run_id::text, '-') AS run, c.version_id IS NOT NULL AS champion,
                    pg_catalog.to_char(v.created_at, 'YYYY-MM-DD HH24:MI"Z"') AS created,
                    (SELECT coalesce(pg_catalog.min(t.first_bucket)::date::text, '-') FROM suyo.version_series AS s
                        JOIN suyo.training_series AS t USING (content_hash) WHERE s.version_id = v.version_id) AS since,
                    coalesce((SELECT g.reasons FROM suyo.gate_verdict AS g WHERE g.version_id = v.version_id), '{}')
                        AS reasons
                FROM suyo.model_version AS v
                LEFT JOIN suyo.champion AS c ON c.version_id = v.version_id
                WHERE v.version_id = \(version)
                """)
            guard let row = rows.first else {
                throw Refusal("There is no model version \(version): look at suyo models history.")
            }
            let portfolio = try row.decode("portfolio", as: String.self)
            let facts = [
                ("created", "created"), ("run", "run"), ("code version", "code_version"), ("seed", "seed"),
                ("SHA-256 of all data", "data_hash"),
            ]
            return ModelCard(
                versionID: version, portfolio: portfolio, isChampion: try row.decode("champion", as: Bool.self),
                specification: try ForecastStore.specification(try row.decode("configuration", as: String.self)),
                lineage: try facts.map { (name: $0, value: try row.decode($1, as: String.self)) },
                dataFrom: try row.decode("since", as: String.self),
                dataThrough: try row.decode("through", as: String.self),
                notes: try row.decode("notes", as: [String].self),
                series: try await ModelRegistry.cardSeries(version, connection),
                verdict: try row.decode("reasons", as: [String].self),
                promotions: try await ModelRegistry.rows(
                    """
                    SELECT ARRAY[pg_catalog.to_char(at, 'YYYY-MM-DD HH24:MI"Z"'), pg_catalog.format('%s of %s%s', action,
                        version_id, ', in place of ' || previous_version_id), actor, reason]
                    FROM suyo.promotion_log WHERE \(version) IN (version_id, previous_version_id) ORDER BY promotion_id
                    """, connection),
                matured: try await ModelRegistry.rows(
                    """
                    SELECT ARRAY[stage, pg_catalog.sum(points)::text,
                        pg_catalog.round((100 * pg_catalog.sum(absolute_error)
                            / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 1) || ' %',
                        pg_catalog.round((100 * pg_catalog.sum(signed_error)
                            / nullif(pg_catalog.sum(absolute_actual), 0))::numeric, 1) || ' %']
                    FROM suyo.matured_sum WHERE portfolio = \(portfolio) AND version_id = \(version)
                    GROUP BY stage ORDER BY pg_catalog.array_position(ARRAY['naive', 'model', 'final'], stage)
                    """, connection),
                shadow: try await ModelRegistry.shadow(version, connection),
                drift: try await ModelRegistry.drift(version, connection),
                incidents: try await ModelRegistry.rows(
                    """
                    SELECT ARRAY[i.since::text, pg_catalog.concat(i.incident_id, ': ', i.summary), pg_catalog.concat_ws('; ',
                        i.state, CASE WHEN i.retrain_run_id = v.run_id THEN 'its retrain made this version' END,
                        i.brake, i.resolution, i.note)]
                    FROM suyo.incident AS i
                    JOIN suyo.model_version AS v ON v.version_id = \(version)
                        AND (i.version_id = v.version_id OR i.retrain_run_id = v.run_id)
                    ORDER BY i.incident_id DESC LIMIT 20
                    """, connection),
                overrides: try await ModelRegistry.rows(
                    """
                    SELECT ARRAY[pg_catalog.to_char(o.created_at, 'YYYY-MM-DD HH24:MI"Z"'), o.actor,
                        pg_catalog.concat_ws(' ', coalesce(o.item_id, o.category, 'all items'), o.site_id, o.kind, o.value,
                            'from', o.from_date, 'to', o.to_date), o.reason]
                    FROM forecast.override AS o
                    JOIN suyo.model_version AS v ON v.version_id = \(version) AND o.created_at >= v.created_at
                    WHERE EXISTS (SELECT FROM forecast.override_cell AS cell
                        WHERE cell.override_id = o.override_id AND cell.portfolio = v.portfolio)
                    ORDER BY o.override_id LIMIT 50
                    """, connection))
        }
    }

    /// How its trial in the shadow went.
    private static func shadow(_ version: Int64, _ connection: Connection) async throws -> [String] {
        try await connection.query(
            """
            SELECT ARRAY[pg_catalog.format('In the shadow of version %s for %s buckets: %s.', rival_id, buckets, state)]
                || reasons AS sentences
            FROM suyo.shadow_trial WHERE version_id = \(version)
            """
        ).first?.decode("sentences", as: [String].self) ?? []
    }

    /// What the last check found while it was the champion.
    private static func drift(_ version: Int64, _ connection: Connection) async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_catalog.array_remove(ARRAY[pg_catalog.format(
                    'Check %s, of demand through %s: %s of %s series and %s of %s totals had changed, %s series had no reference yet.',
                    check_id, data_through, named, series_count, named_totals, totals, series_count - judged), reason],
                NULL) AS sentences
            FROM suyo.drift_check WHERE version_id = \(version) ORDER BY check_id DESC LIMIT 1
            """
        ).first?.decode("sentences", as: [String].self) ?? []
    }

    private static func cardSeries(_ version: Int64, _ connection: Connection) async throws -> [ModelCard.Series] {
        try await connection.query(
            """
            SELECT site_id, demand_class, model, scored, coalesce(absolute_actual, 0) AS actual,
                coalesce(absolute_error, 0) AS error, coalesce(naive_absolute_error, 0) AS naive,
                coalesce(coverage80, 0) AS in80, coalesce(coverage95, 0) AS in95, step_errors
            FROM suyo.version_series WHERE version_id = \(version)
            ORDER BY item_id COLLATE "C", coalesce(site_id, '') COLLATE "C", coalesce(customer_id, '') COLLATE "C"
            """
        ).map { row in
            ModelCard.Series(
                site: try row.decode("site_id", as: String?.self),
                demandClass: try row.decode("demand_class", as: String.self),
                model: try row.decode("model", as: String.self), scored: try row.decode("scored", as: Int.self),
                actual: try row.decode("actual", as: Double.self), error: try row.decode("error", as: Double.self),
                naiveError: try row.decode("naive", as: Double.self),
                coverage80: try row.decode("in80", as: Double.self),
                coverage95: try row.decode("in95", as: Double.self),
                stepErrors: try row.decode("step_errors", as: [Double].self))
        }
    }

    private static func rows(_ query: Query, _ connection: Connection) async throws -> [[String]] {
        try await connection.query(query).map { try $0.decode(0, as: [String].self) }
    }
}
