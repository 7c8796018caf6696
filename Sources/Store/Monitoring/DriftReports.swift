public import Pipeline
internal import PostgresClient

/// What the command line shows of drift.
public struct DriftReports: Sendable {
    private let database: Database

    /// Reports of one database.
    public init(database: Database) { self.database = database }

    private func fetch(_ query: Query) async throws -> ReportTable {
        try await database.transaction { try await ReportTable.fetch(query, $0) }
    }

    /// How each series stands, the surest change first; `every` shows those without a sign too.
    public func status(
        _ audience: ReportStore.Audience, portfolio: String?, every: Bool, limit: Int
    ) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch(
                """
                SELECT * FROM suyo.drift_status
                WHERE (\(portfolio)::text IS NULL OR portfolio = \(portfolio)) AND (\(every) OR standing <> 'ok')
                ORDER BY alarms_per_year, portfolio, item_id, site_id LIMIT \(limit)
                """)
        }
        return try await fetch(
            """
            SELECT item_id AS item, site_id AS site, standing, metric,
                CASE WHEN standing <> 'abstains' THEN since::date END AS since,
                pg_catalog.round(least(alarms_per_year, 999)::numeric, 3) AS by_chance,
                pg_catalog.round(wasserstein::numeric, 2) AS moved, reason
            FROM suyo.drift_status
            WHERE (\(portfolio)::text IS NULL OR portfolio = \(portfolio)) AND (\(every) OR standing <> 'ok')
            ORDER BY alarms_per_year, portfolio, item_id, site_id LIMIT \(limit)
            """)
    }

    /// How each total stands: that of the portfolio, of its sites and of its categories, the surest change first; `every`
    /// shows those without a sign too.
    public func totals(
        _ audience: ReportStore.Audience, portfolio: String?, every: Bool, limit: Int
    ) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch(
                """
                SELECT * FROM suyo.drift_total
                WHERE (\(portfolio)::text IS NULL OR portfolio = \(portfolio)) AND (\(every) OR standing <> 'ok')
                ORDER BY alarms_per_year, portfolio, level, site_id, category LIMIT \(limit)
                """)
        }
        return try await fetch(
            """
            SELECT pg_catalog.replace(level, '_', ' × ') AS total, site_id AS site, category, standing, metric,
                CASE WHEN standing <> 'abstains' THEN since::date END AS since,
                pg_catalog.round(least(alarms_per_year, 999)::numeric, 3) AS by_chance,
                pg_catalog.round(wasserstein::numeric, 2) AS moved, reason
            FROM suyo.drift_total
            WHERE (\(portfolio)::text IS NULL OR portfolio = \(portfolio)) AND (\(every) OR standing <> 'ok')
            ORDER BY alarms_per_year, portfolio, level, site_id, category LIMIT \(limit)
            """)
    }

    /// The latest checks.
    public func history(
        _ audience: ReportStore.Audience, portfolio: String?, limit: Int
    ) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch(
                """
                SELECT * FROM suyo.drift_check WHERE \(portfolio)::text IS NULL OR portfolio = \(portfolio)
                ORDER BY check_id DESC LIMIT \(limit)
                """)
        }
        return try await fetch(
            """
            SELECT check_id AS check, portfolio, data_through AS through, buckets AS new, series_count AS series, judged,
                alarms AS watch, named, named_totals AS totals, reason
            FROM suyo.drift_check WHERE \(portfolio)::text IS NULL OR portfolio = \(portfolio)
            ORDER BY check_id DESC LIMIT \(limit)
            """)
    }

    /// Incidents, newest first; `every` shows those that are resolved too.
    public func incidents(_ audience: ReportStore.Audience, every: Bool, limit: Int) async throws -> ReportTable {
        if audience == .programs {
            return try await fetch(
                """
                SELECT * FROM suyo.incident WHERE \(every) OR state <> 'resolved'
                ORDER BY incident_id DESC LIMIT \(limit)
                """)
        }
        return try await fetch(
            """
            SELECT incident_id AS incident, portfolio, state, since, series_count AS series, total_count AS totals,
                retrain_run_id AS retrain, coalesce(brake, resolution, summary) AS what
            FROM suyo.incident WHERE \(every) OR state <> 'resolved'
            ORDER BY incident_id DESC LIMIT \(limit)
            """)
    }

    /// The series an incident names, the surest first.
    public func series(ofIncident incident: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT s.item_id AS item, s.site_id AS site, s.customer_id AS customer, s.metric,
                CASE WHEN s.is_forecast THEN 'forecast errors' ELSE 'demand' END AS of, s.since::date AS since,
                pg_catalog.round(least(s.alarms_per_year, 999)::numeric, 6) AS by_chance,
                s.left_at IS NULL AS named
            FROM suyo.incident_series AS s WHERE s.incident_id = \(incident)
            ORDER BY s.alarms_per_year, s.item_id, s.site_id
            """)
    }

    /// The totals an incident names, the surest first.
    public func totals(ofIncident incident: Int64) async throws -> ReportTable {
        try await fetch(
            """
            SELECT pg_catalog.replace(t.level, '_', ' × ') AS total, t.site_id AS site, t.category, t.metric,
                CASE WHEN t.is_forecast THEN 'forecast errors' ELSE 'demand' END AS of, t.since::date AS since,
                pg_catalog.round(least(t.alarms_per_year, 999)::numeric, 6) AS by_chance,
                t.left_at IS NULL AS named
            FROM suyo.incident_total AS t WHERE t.incident_id = \(incident)
            ORDER BY t.alarms_per_year, t.level, t.site_id, t.category
            """)
    }

    /// An incident's sentence; `nil` where there is none of that number.
    public func summary(ofIncident incident: Int64) async throws -> String? {
        try await database.transaction { connection in
            try await connection.query("SELECT summary FROM suyo.incident WHERE incident_id = \(incident)").first?
                .decode("summary", as: String.self)
        }
    }

    /// The portfolios that jobs of kind `drift` check, with their specs, and those that were checked before.
    public func portfolios() async throws -> [DriftSpecification] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT definition ->> 'spec' AS spec FROM suyo.job WHERE kind = 'drift' AND removed_at IS NULL
                ORDER BY name
                """
            ).map { try DriftSpecification(json: try $0.decode("spec", as: String.self)) }
        }
    }

    /// Incidents that are not resolved, of a portfolio or of all.
    public func openIncidents(portfolio: String?) async throws -> Int {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT pg_catalog.count(*) AS open FROM suyo.incident
                WHERE state <> 'resolved' AND (\(portfolio)::text IS NULL OR portfolio = \(portfolio))
                """)[0].decode("open", as: Int.self)
        }
    }

    /// Says that a person has taken an incident; `false` where it is not open.
    public func acknowledge(_ incident: Int64, note: String?) async throws -> Bool {
        try await database.transaction { connection in
            try await connection.query("SELECT suyo.acknowledge(\(incident), \(note)) AS done")[0]
                .decode("done", as: Bool.self)
        }
    }
}
