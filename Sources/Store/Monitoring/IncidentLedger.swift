internal import Monitoring
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// What a check does to the portfolio's incident, in the transaction that stores the check.
///
/// At most one incident per portfolio is not resolved: a storm of changes is one incident with many series, told once.
struct IncidentLedger {
    let connection: Connection
    let report: DriftReport
    let checkID: Int64

    struct Change {
        var incidentID: Int64?
        var isNew = false
        var retrainRunID: Int64?
        var notes: [String] = []
    }

    func follow(_ named: [SeriesDrift]) async throws -> Change {
        var change = Change()
        let found = try await connection.query(
            """
            SELECT incident_id, retrain_run_id FROM suyo.incident
            WHERE portfolio = \(report.portfolio) AND state <> 'resolved' FOR UPDATE
            """)
        change.incidentID = try found.first?.decode("incident_id", as: Int64.self)
        if let incident = change.incidentID {
            try await leave(incident, staying: named)
            if named.isEmpty {
                let answer =
                    report.answered.isEmpty
                    ? "No series is named any more." : "The retrain it asked for was trained on the changed demand."
                try await connection.execute(
                    """
                    UPDATE suyo.incident SET state = 'resolved', resolved_at = pg_catalog.clock_timestamp(),
                        resolution = \(answer)
                    WHERE incident_id = \(incident)
                    """)
                try await tell("drift_resolved", incident, answer)
                change.notes.append("Incident \(incident) is resolved. \(answer)")
                change.incidentID = nil
                return change
            }
        }
        guard !named.isEmpty else { return change }
        if change.incidentID == nil {
            change.incidentID = try await open(named)
            change.isNew = true
        }
        guard let incident = change.incidentID else { return change }
        try await join(incident, named)
        if change.isNew, let summary = report.summary {
            change.notes.append("Incident \(incident): \(summary)")
            change.retrainRunID = try await askForRetrain(incident, &change.notes)
            try await tell("drift_opened", incident, summary)
        }
        return change
    }

    private func open(_ named: [SeriesDrift]) async throws -> Int64 {
        let since = named.compactMap { one in
            one.finding.map { Bucket(frequency: one.through.frequency, ordinal: $0.since).firstDay.daysSinceEpoch }
        }
        let rows = try await connection.query(
            """
            INSERT INTO suyo.incident (portfolio, summary, since, series_count, version_id, check_id)
            VALUES (\(report.portfolio), \(report.summary ?? ""),
                date '1970-01-01' + \(since.min() ?? report.dataThrough.daysSinceEpoch)::integer, \(named.count),
                \(report.versionID), \(checkID))
            RETURNING incident_id
            """)
        return try rows[0].decode("incident_id", as: Int64.self)
    }

    /// Names series that the incident did not name before.
    private func join(_ incident: Int64, _ named: [SeriesDrift]) async throws {
        for one in named {
            guard let finding = one.finding else { continue }
            let since = Bucket(frequency: one.through.frequency, ordinal: finding.since).description
            try await connection.execute(
                """
                INSERT INTO suyo.incident_series
                    (incident_id, item_id, site_id, customer_id, metric, is_forecast, since, alarms_per_year)
                VALUES (\(incident), \(one.key.item), \(one.key.site), \(one.key.customer), \(finding.detector.name),
                    \(finding.isForecast), \(since)::timestamp, \(DriftStore.alarmsPerYear(finding)))
                ON CONFLICT (incident_id, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')))
                DO UPDATE SET left_at = NULL
                """)
        }
        try await connection.execute(
            """
            UPDATE suyo.incident SET series_count = (
                SELECT pg_catalog.count(*) FROM suyo.incident_series AS s WHERE s.incident_id = \(incident))
            WHERE incident_id = \(incident)
            """)
    }

    /// Notes which series are no longer named.
    private func leave(_ incident: Int64, staying named: [SeriesDrift]) async throws {
        try await connection.execute(
            """
            UPDATE suyo.incident_series AS s SET left_at = pg_catalog.clock_timestamp()
            WHERE s.incident_id = \(incident) AND s.left_at IS NULL AND NOT EXISTS (
                SELECT FROM unnest(\(named.map(\.key.item)), \(named.map { $0.key.site ?? "" }),
                    \(named.map { $0.key.customer ?? "" })) AS n (item_id, site_id, customer_id)
                WHERE n.item_id = s.item_id AND n.site_id = coalesce(s.site_id, '')
                    AND n.customer_id = coalesce(s.customer_id, ''))
            """)
    }

    /// Asks for a retrain of the portfolio, once per incident, unless the brake is on; returns its run.
    private func askForRetrain(_ incident: Int64, _ notes: inout [String]) async throws -> Int64? {
        guard report.specification.retrain else { return nil }
        let before = try await connection.query(
            """
            SELECT (SELECT pg_catalog.count(*) FROM suyo.incident
                WHERE portfolio = \(report.portfolio) AND retrain_run_id IS NOT NULL
                    AND opened_at > pg_catalog.now() - interval '90 days') AS retrains,
                (SELECT run_id FROM suyo.run JOIN suyo.job USING (job_id)
                WHERE job.name = \(report.portfolio) AND run.reason = 'incident'
                    AND run.state IN ('available', 'scheduled', 'retryable', 'running') LIMIT 1) AS waiting
            """)
        let retrains = try before[0].decode("retrains", as: Int.self)
        var brake: String?
        if retrains >= report.specification.maxRetrains {
            brake = "\(retrains) retrains for incidents in ninety days have not ended them: a person has to look."
        } else if let waiting = try before[0].decode("waiting", as: Int64?.self) {
            brake = "Run \(waiting), asked for by an earlier incident, is not over yet."
        }
        if brake == nil {
            let rows = try await connection.query(
                """
                INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, max_attempts, retry, timeout_seconds,
                    exclusive)
                SELECT j.job_id, j.name, 'retrain', coalesce(j.definition -> 'spec', '{}'), 'incident',
                    coalesce((j.definition ->> 'max_attempts')::integer, 3), coalesce(j.definition -> 'retry', '{}'),
                    (j.definition ->> 'timeout_seconds')::float8,
                    coalesce(j.definition ->> 'overlap', 'skip') <> 'allow'
                FROM suyo.job AS j WHERE j.name = \(report.portfolio) AND j.removed_at IS NULL
                RETURNING run_id
                """)
            if let run = try rows.first?.decode("run_id", as: Int64.self) {
                try await connection.execute(
                    "UPDATE suyo.incident SET retrain_run_id = \(run) WHERE incident_id = \(incident)")
                try await connection.execute(
                    """
                    INSERT INTO suyo.run_log (run_id, attempt, level, message)
                    VALUES (\(run), 0, 'info', \("asked for by incident \(incident)"))
                    """)
                notes.append("Run \(run) retrains \(report.portfolio).")
                return run
            }
            brake = "There is no job '\(report.portfolio)' any more."
        }
        guard let brake else { return nil }
        try await connection.execute("UPDATE suyo.incident SET brake = \(brake) WHERE incident_id = \(incident)")
        notes.append("No retrain was asked for: \(brake)")
        return nil
    }

    /// Tells other systems, in the outbox and by NOTIFY.
    private func tell(_ topic: String, _ incident: Int64, _ text: String) async throws {
        try await connection.execute(
            """
            INSERT INTO forecast.outbox (topic, portfolio, payload)
            VALUES (\(topic), \(report.portfolio), pg_catalog.jsonb_build_object('incident_id', \(incident),
                'portfolio', \(report.portfolio)::text, 'summary', \(text)::text))
            """)
        try await connection.execute(
            "SELECT pg_catalog.pg_notify('suyo_incident', pg_catalog.concat(\(topic)::text, ' ', \(incident)))")
        guard let webhook = report.specification.webhook else { return }
        // A run of its own is the outbox: it is there if and only if the incident is, is tried again with longer and
        // longer pauses, and holds up nothing else.
        try await connection.execute(
            """
            INSERT INTO suyo.run (job_name, kind, spec, reason, max_attempts, timeout_seconds, exclusive)
            VALUES ('webhook', 'webhook', pg_catalog.jsonb_build_object('url', \(webhook)::text, 'body',
                    pg_catalog.jsonb_build_object('topic', \(topic)::text, 'incident_id', \(incident),
                        'portfolio', \(report.portfolio)::text, 'summary', \(text)::text)),
                'incident', 10, 60, false)
            """)
    }
}
