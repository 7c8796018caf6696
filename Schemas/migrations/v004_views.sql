-- What an operator looks at.
CREATE VIEW suyo.job_status AS
    SELECT j.name, j.kind, j.definition ->> 'description' AS description,
        j.definition ->> 'cron' AS cron, j.definition ->> 'time_zone' AS time_zone,
        coalesce(j.definition ->> 'cron', 'every ' || (j.definition ->> 'every')
            || coalesce(' + ' || (j.definition ->> 'offset'), ''), 'at ' || (j.definition ->> 'at')) AS schedule,
        CASE WHEN p.job_id IS NULL THEN nullif(j.next_fire_at, 'infinity') END AS next_fire_at,
        p.job_id IS NOT NULL AS paused, p.paused_at, p.paused_by,
        coalesce(j.problem, CASE WHEN j.definition ? 'calendar' AND NOT EXISTS (
            SELECT FROM demand.holiday AS h WHERE h.calendar = j.definition ->> 'calendar' AND h.date >= current_date)
            THEN 'no coming holidays of calendar ' || (j.definition ->> 'calendar') || ' in demand.holiday' END) AS problem, j.waits_for, j.source,
        r.run_id AS last_run_id, r.state AS last_state, r.started_at AS last_started_at,
        r.finished_at AS last_finished_at, r.error AS last_error,
        coalesce((j.definition ->> 'max_attempts')::integer, 3) AS max_attempts, j.definition -> 'retry' AS retry,
        j.definition -> 'after' AS after, j.job_id, j.definition ->> 'publish_by' AS publish_by,
        extract(epoch FROM r.first_started_at - r.scheduled_for)::float8 AS last_lateness_seconds,
        (SELECT f.issued_at FROM forecast.current_publication AS c JOIN forecast.publication AS f USING (publication_id)
            WHERE c.portfolio = j.name AND f.status = 'stale' AND j.kind IN ('retrain', 'forecast')) AS stale_since
    FROM suyo.job AS j
    LEFT JOIN suyo.job_pause AS p ON p.job_id = j.job_id AND p.resumed_at IS NULL
    LEFT JOIN LATERAL (
        SELECT * FROM suyo.run WHERE run.job_id = j.job_id ORDER BY run.run_id DESC LIMIT 1) AS r ON true
    WHERE j.removed_at IS NULL;
COMMENT ON VIEW suyo.job_status IS 'Each job with its next tick and its last run.';
COMMENT ON COLUMN suyo.job_status.name IS 'The job''s name.';
COMMENT ON COLUMN suyo.job_status.kind IS 'What it does.';
COMMENT ON COLUMN suyo.job_status.description IS 'In words.';
COMMENT ON COLUMN suyo.job_status.cron IS 'When it fires, as a cron expression; null where it has none.';
COMMENT ON COLUMN suyo.job_status.time_zone IS 'Time zone of its schedule.';
COMMENT ON COLUMN suyo.job_status.schedule IS 'When it fires: its cron expression, interval or single local time; null where only people run it.';
COMMENT ON COLUMN suyo.job_status.next_fire_at IS 'Its next tick, or next look where one waits for data; null where it is paused, has none, or waits for a daemon to work it out.';
COMMENT ON COLUMN suyo.job_status.paused IS 'Whether it is paused.';
COMMENT ON COLUMN suyo.job_status.paused_at IS 'Since when.';
COMMENT ON COLUMN suyo.job_status.paused_by IS 'Who paused it.';
COMMENT ON COLUMN suyo.job_status.problem IS 'Why it cannot fire, such as a cron expression that is wrong, or what its calendar lacks.';
COMMENT ON COLUMN suyo.job_status.waits_for IS 'What its tick that is due waits for; null where none waits.';
COMMENT ON COLUMN suyo.job_status.source IS 'Who owns its definition.';
COMMENT ON COLUMN suyo.job_status.last_run_id IS 'Its last run.';
COMMENT ON COLUMN suyo.job_status.last_state IS 'State of that run.';
COMMENT ON COLUMN suyo.job_status.last_started_at IS 'When it began.';
COMMENT ON COLUMN suyo.job_status.last_finished_at IS 'When it ended.';
COMMENT ON COLUMN suyo.job_status.last_error IS 'Why it failed, if it did.';
COMMENT ON COLUMN suyo.job_status.max_attempts IS 'Attempts before a run of it has failed.';
COMMENT ON COLUMN suyo.job_status.retry IS 'After which failures a run is tried again, and when; null or a key left out is as usual.';
COMMENT ON COLUMN suyo.job_status.after IS 'Which jobs its ticks wait for, until when, and what becomes of them then.';
COMMENT ON COLUMN suyo.job_status.job_id IS 'Number of the job.';
COMMENT ON COLUMN suyo.job_status.publish_by IS 'By when its forecast is to be published: a local time, or a length of time after the tick; null where it does not say.';
COMMENT ON COLUMN suyo.job_status.last_lateness_seconds IS 'Seconds from when its last run was due to the start of that run''s first attempt.';
COMMENT ON COLUMN suyo.job_status.stale_since IS 'Since when its forecast is marked stale; null where it is not.';

CREATE VIEW suyo.calendar_use AS
    SELECT DISTINCT c.calendar, j.name AS job
    FROM suyo.job AS j
    CROSS JOIN LATERAL (VALUES (j.definition ->> 'calendar'), (j.definition #>> '{spec,holiday_calendar}'))
        AS c (calendar)
    WHERE j.removed_at IS NULL AND c.calendar IS NOT NULL;
COMMENT ON VIEW suyo.calendar_use IS 'Which jobs go by which holiday calendar, for their schedule or for their model.';
COMMENT ON COLUMN suyo.calendar_use.calendar IS 'Name of the calendar, in demand.holiday or missing there.';
COMMENT ON COLUMN suyo.calendar_use.job IS 'The job''s name.';

CREATE VIEW suyo.run_history AS
    SELECT r.run_id, r.job_name, r.kind, r.state, r.reason, r.attempt, r.max_attempts, r.scheduled_for,
        r.started_at, r.finished_at,
        extract(epoch FROM r.first_started_at - r.scheduled_for)::float8 AS lateness_seconds,
        extract(epoch FROM coalesce(r.ended_at, now()) - r.started_at)::float8 AS seconds,
        l.percent, l.message, r.error, r.failure, r.result
    FROM suyo.run AS r
    LEFT JOIN suyo.lease AS l USING (run_id);
COMMENT ON VIEW suyo.run_history IS 'Every run with its state, lateness, progress and result.';
COMMENT ON COLUMN suyo.run_history.run_id IS 'Number of the run.';
COMMENT ON COLUMN suyo.run_history.job_name IS 'The job.';
COMMENT ON COLUMN suyo.run_history.kind IS 'What it does.';
COMMENT ON COLUMN suyo.run_history.state IS 'scheduled, available, running, retryable, completed, failed or cancelled.';
COMMENT ON COLUMN suyo.run_history.reason IS 'Who asked for it.';
COMMENT ON COLUMN suyo.run_history.attempt IS 'Attempts made.';
COMMENT ON COLUMN suyo.run_history.max_attempts IS 'Attempts allowed.';
COMMENT ON COLUMN suyo.run_history.scheduled_for IS 'When it was due.';
COMMENT ON COLUMN suyo.run_history.started_at IS 'When its last attempt began.';
COMMENT ON COLUMN suyo.run_history.finished_at IS 'When it ended for good.';
COMMENT ON COLUMN suyo.run_history.lateness_seconds IS 'Seconds from due to the start of its first attempt.';
COMMENT ON COLUMN suyo.run_history.seconds IS 'Seconds its last attempt took, or has taken so far.';
COMMENT ON COLUMN suyo.run_history.percent IS 'Progress of a running attempt.';
COMMENT ON COLUMN suyo.run_history.message IS 'What a running attempt is doing.';
COMMENT ON COLUMN suyo.run_history.error IS 'Why its last attempt failed.';
COMMENT ON COLUMN suyo.run_history.failure IS 'Which kind of failure that was: transient, database, crash, timeout, memory, data, configuration or internal.';
COMMENT ON COLUMN suyo.run_history.result IS 'What it reported.';

CREATE VIEW suyo.model_history AS
    SELECT v.version_id, v.portfolio, v.created_at, v.series_count, v.frequency, v.horizon, v.data_through, v.data_hash,
        v.code_version, v.seed, v.metrics, v.configuration, v.timings, v.run_id,
        c.version_id IS NOT NULL AS is_champion, v.notes
    FROM suyo.model_version AS v
    LEFT JOIN suyo.champion AS c ON c.portfolio = v.portfolio AND c.version_id = v.version_id;
COMMENT ON VIEW suyo.model_history IS 'Every model version with its lineage and accuracy.';
COMMENT ON COLUMN suyo.model_history.version_id IS 'Number of the version.';
COMMENT ON COLUMN suyo.model_history.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.model_history.created_at IS 'When it was made.';
COMMENT ON COLUMN suyo.model_history.series_count IS 'Series it covers.';
COMMENT ON COLUMN suyo.model_history.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN suyo.model_history.horizon IS 'Steps forecast.';
COMMENT ON COLUMN suyo.model_history.data_through IS 'Last local day of complete data.';
COMMENT ON COLUMN suyo.model_history.data_hash IS 'Hash of everything it was trained on.';
COMMENT ON COLUMN suyo.model_history.code_version IS 'Version of the binary.';
COMMENT ON COLUMN suyo.model_history.seed IS 'Seed of all randomness.';
COMMENT ON COLUMN suyo.model_history.metrics IS 'Backtest accuracy.';
COMMENT ON COLUMN suyo.model_history.configuration IS 'How it was trained.';
COMMENT ON COLUMN suyo.model_history.timings IS 'Seconds spent.';
COMMENT ON COLUMN suyo.model_history.run_id IS 'The run that made it.';
COMMENT ON COLUMN suyo.model_history.is_champion IS 'Whether it is in use.';
COMMENT ON COLUMN suyo.model_history.notes IS 'What a reader should know.';
