internal import Monitoring
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// What a check does to the portfolio's incident, in the transaction that stores the check.
///
/// At most one incident per portfolio is not resolved: a storm of changes is one incident with many series and totals,
/// told once.
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

    func follow(_ named: [Drift<SeriesKey>], _ totals: [Drift<TotalKey>]) async throws -> Change {
        var change = Change()
        let found = try await connection.query(
            """
            SELECT incident_id, retrain_run_id FROM suyo.incident
            WHERE portfolio = \(report.portfolio) AND state <> 'resolved' FOR UPDATE
            """)
        change.incidentID = try found.first?.decode("incident_id", as: Int64.self)
        if let incident = change.incidentID {
            try await leave(incident, staying: named)
            try await leave(incident, staying: totals)
            if named.isEmpty && totals.isEmpty {
                let answer =
                    report.answered.isEmpty && report.answeredTotals.isEmpty
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
        guard !named.isEmpty || !totals.isEmpty else { return change }
        if change.incidentID == nil {
            change.incidentID = try await open(since: named.compactMap(\.since) + totals.compactMap(\.since))
            change.isNew = true
        }
        guard let incident = change.incidentID else { return change }
        try await join(incident, named)
        try await join(incident, totals)
        try await count(incident)
        if change.isNew, let summary = report.summary {
            change.notes.append("Incident \(incident): \(summary)")
            change.retrainRunID = try await askForRetrain(incident, &change.notes)
            try await tell("drift_opened", incident, summary)
        }
        return change
    }

    private func open(since days: [Int]) async throws -> Int64 {
        let rows = try await connection.query(
            """
            INSERT INTO suyo.incident (portfolio, summary, since, series_count, total_count, version_id, check_id)
            VALUES (\(report.portfolio), \(report.summary ?? ""),
                date '1970-01-01' + \(days.min() ?? report.dataThrough.daysSinceEpoch)::integer, 0, 0,
                \(report.versionID), \(checkID))
            RETURNING incident_id
            """)
        return try rows[0].decode("incident_id", as: Int64.self)
    }

    /// Names series that the incident did not name before.
    private func join(_ incident: Int64, _ named: [Drift<SeriesKey>]) async throws {
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
    }

    /// Names totals that the incident did not name before.
    private func join(_ incident: Int64, _ named: [Drift<TotalKey>]) async throws {
        for one in named {
            guard let finding = one.finding else { continue }
            let since = Bucket(frequency: one.through.frequency, ordinal: finding.since).description
            try await connection.execute(
                """
                INSERT INTO suyo.incident_total
                    (incident_id, level, site_id, category, metric, is_forecast, since, alarms_per_year)
                VALUES (\(incident), \(one.key.level.rawValue), \(one.key.site), \(one.key.category),
                    \(finding.detector.name), \(finding.isForecast), \(since)::timestamp,
                    \(DriftStore.alarmsPerYear(finding)))
                ON CONFLICT (incident_id, level, (coalesce(site_id, '')), (coalesce(category, '')), (category IS NULL))
                DO UPDATE SET left_at = NULL
                """)
        }
    }

    private func count(_ incident: Int64) async throws {
        try await connection.execute(
            """
            UPDATE suyo.incident SET
                series_count = (
                    SELECT pg_catalog.count(*) FROM suyo.incident_series AS s WHERE s.incident_id = \(incident)),
                total_count = (
                    SELECT pg_catalog.count(*) FROM suyo.incident_total AS t WHERE t.incident_id = \(incident))
            WHERE incident_id = \(incident)
            """)
    }

    /// Notes which series are no longer named.
    private func leave(_ incident: Int64, staying named: [Drift<SeriesKey>]) async throws {
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

    /// Notes which totals are no longer named.
    private func leave(_ incident: Int64, staying named: [Drift<TotalKey>]) async throws {
        try await connection.execute(
            """
            UPDATE suyo.incident_total AS t SET left_at = pg_catalog.clock_timestamp()
            WHERE t.incident_id = \(incident) AND t.left_at IS NULL AND NOT EXISTS (
                SELECT FROM unnest(\(named.map(\.key.level.rawValue)), \(named.map { $0.key.site ?? "" }),
                    \(named.map { $0.key.category ?? "" }), \(named.map { $0.key.category == nil ? "none" : "" }))
                    AS n (level, site_id, category, nothing)
                WHERE n.level = t.level AND n.site_id = coalesce(t.site_id, '')
                    AND n.category = coalesce(t.category, '') AND (n.nothing = 'none') = (t.category IS NULL))
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
            let pause: Double? =
                switch try await budget() {
                case .now: 0
                case .later(let seconds): seconds
                case .never: nil
                }
            guard let pause else {
                try await hold(
                    "A retrain of \(report.portfolio) takes longer than the \(Int(report.specification.retrainMinutesPerDay)) minutes a day that retrain_minutes_per_day allows: suyo jobs run \(report.portfolio) asks for one.",
                    incident, &notes)
                return nil
            }
            if let run = try await insertRetrain(incident, after: pause, &notes) { return run }
        }
        try await hold(brake ?? "There is no job '\(report.portfolio)' any more.", incident, &notes)
        return nil
    }

    /// Says why no retrain is asked for.
    private func hold(_ brake: String, _ incident: Int64, _ notes: inout [String]) async throws {
        try await connection.execute("UPDATE suyo.incident SET brake = \(brake) WHERE incident_id = \(incident)")
        notes.append("No retrain was asked for: \(brake)")
    }

    /// When the portfolio may be retrained, by what incidents of all portfolios have asked for of late.
    private func budget() async throws -> RetrainBudget.Answer {
        let expected = try await connection.query(
            """
            SELECT coalesce((
                SELECT pg_catalog.date_part('epoch', r.ended_at - r.started_at)
                FROM suyo.run AS r JOIN suyo.job AS j USING (job_id)
                WHERE j.name = \(report.portfolio) AND r.kind = 'retrain' AND r.state = 'completed'
                    AND r.effect_at IS NOT NULL
                ORDER BY r.run_id DESC LIMIT 1), 0) AS seconds
            """)[0].decode("seconds", as: Double.self)
        let spent = try await connection.query(
            """
            SELECT pg_catalog.date_part('epoch',
                    pg_catalog.now() - coalesce(r.first_started_at, r.available_at)) AS ago,
                coalesce(pg_catalog.date_part('epoch', r.finished_at - r.first_started_at),
                    greatest(\(expected), pg_catalog.date_part('epoch', pg_catalog.now() - r.first_started_at))) AS seconds
            FROM suyo.incident AS i JOIN suyo.run AS r ON r.run_id = i.retrain_run_id
            WHERE i.opened_at > pg_catalog.now() - interval '7 days'
                AND (r.finished_at IS NULL OR r.first_started_at > pg_catalog.now() - interval '1 day')
            """
        ).map { row in
            RetrainBudget.Spent(
                ago: try row.decode("ago", as: Double.self), seconds: try row.decode("seconds", as: Double.self))
        }
        return RetrainBudget(seconds: 60 * report.specification.retrainMinutesPerDay)
            .answer(expected: expected, after: spent)
    }

    /// Makes the run, to be claimed after so many seconds; `nil` where the job is gone.
    private func insertRetrain(
        _ incident: Int64, after seconds: Double, _ notes: inout [String]
    ) async throws -> Int64? {
        let rows = try await connection.query(
            """
            INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, max_attempts, retry, timeout_seconds,
                exclusive, state, scheduled_for, available_at)
            SELECT j.job_id, j.name, 'retrain', coalesce(j.definition -> 'spec', '{}'), 'incident',
                coalesce((j.definition ->> 'max_attempts')::integer, 3), coalesce(j.definition -> 'retry', '{}'),
                (j.definition ->> 'timeout_seconds')::float8,
                coalesce(j.definition ->> 'overlap', 'skip') <> 'allow',
                CASE WHEN \(seconds) > 0 THEN 'scheduled' ELSE 'available' END, later, later
            FROM suyo.job AS j,
                LATERAL (SELECT pg_catalog.now() + \(seconds) * interval '1 second' AS later) AS t
            WHERE j.name = \(report.portfolio) AND j.removed_at IS NULL
            RETURNING run_id, pg_catalog.to_char(available_at, 'YYYY-MM-DD HH24:MI TZHTZM') AS later
            """)
        guard let row = rows.first else { return nil }
        let run = try row.decode("run_id", as: Int64.self)
        try await connection.execute(
            "UPDATE suyo.incident SET retrain_run_id = \(run) WHERE incident_id = \(incident)")
        var asked = "asked for by incident \(incident)"
        if seconds > 0 {
            let pause =
                "Run \(run) waits until \(try row.decode("later", as: String.self)): retrains for incidents have taken the \(Int(report.specification.retrainMinutesPerDay)) minutes a day that retrain_minutes_per_day allows."
            try await connection.execute("UPDATE suyo.incident SET brake = \(pause) WHERE incident_id = \(incident)")
            notes.append(pause)
            asked += "; \(pause)"
        } else {
            notes.append("Run \(run) retrains \(report.portfolio).")
        }
        try await connection.execute(
            """
            INSERT INTO suyo.run_log (run_id, attempt, level, message) VALUES (\(run), 0, 'info', \(asked))
            """)
        return run
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

extension Drift {
    /// The day on which what was found begins, as days since 1970-01-01.
    fileprivate var since: Int? {
        finding.map { Bucket(frequency: through.frequency, ordinal: $0.since).firstDay.daysSinceEpoch }
    }
}
