-- Forecasts that have to be there by a time of day, with or without tonight's run.

CREATE TABLE suyo.publish_deadline (
    job_id bigint NOT NULL REFERENCES suyo.job,
    fire_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    decided_at timestamptz,
    outcome text CHECK (outcome IN ('published', 'stale', 'nothing')),
    publication_id bigint REFERENCES forecast.publication,
    PRIMARY KEY (job_id, fire_at),
    CHECK ((decided_at IS NULL) = (outcome IS NULL)),
    CHECK (outcome IS DISTINCT FROM 'stale' OR publication_id IS NOT NULL)
);
COMMENT ON TABLE suyo.publish_deadline IS 'By when a forecast was to be published after a tick, for jobs that say publish_by, and what came of it.';
COMMENT ON COLUMN suyo.publish_deadline.job_id IS 'The job.';
COMMENT ON COLUMN suyo.publish_deadline.fire_at IS 'The tick.';
COMMENT ON COLUMN suyo.publish_deadline.due_at IS 'By when.';
COMMENT ON COLUMN suyo.publish_deadline.decided_at IS 'When a daemon looked; null before it is due.';
COMMENT ON COLUMN suyo.publish_deadline.outcome IS 'published: the forecast was there, or was found to need no change; stale: the last one stands, marked stale; nothing: there is none, or the job was removed.';
COMMENT ON COLUMN suyo.publish_deadline.publication_id IS 'The publication that stood then.';
CREATE INDEX publish_deadline_due ON suyo.publish_deadline (due_at) WHERE decided_at IS NULL;

CREATE FUNCTION suyo.publish_overdue() RETURNS integer
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    DECLARE
        late record;
        shown forecast.publication;
        stale bigint;
        came text;
        published integer := 0;
    BEGIN
        FOR late IN
            SELECT d.job_id, d.fire_at, d.due_at, j.name, j.removed_at
            FROM suyo.publish_deadline AS d JOIN suyo.job AS j USING (job_id)
            WHERE d.decided_at IS NULL AND d.due_at <= pg_catalog.now()
            ORDER BY d.due_at LIMIT 100 FOR UPDATE OF d SKIP LOCKED
        LOOP
            SELECT p.* INTO shown
            FROM forecast.current_publication AS c JOIN forecast.publication AS p USING (publication_id)
            WHERE c.portfolio = late.name FOR UPDATE OF c SKIP LOCKED;
            IF shown.publication_id IS NULL
                AND EXISTS (SELECT FROM forecast.current_publication AS c WHERE c.portfolio = late.name) THEN
                -- Somebody publishes at this moment: the next look sees what.
                CONTINUE;
            END IF;
            stale := NULL;
            came := CASE
                WHEN late.removed_at IS NOT NULL THEN 'nothing'
                WHEN EXISTS (
                    SELECT FROM forecast.publication AS p
                    WHERE p.portfolio = late.name AND p.run_id IS NOT NULL AND p.issued_at >= late.fire_at
                        AND p.status IN ('champion', 'fallback')) THEN 'published'
                -- A run that found nothing new to forecast has said that the forecast stands.
                WHEN EXISTS (
                    SELECT FROM suyo.run AS r
                    WHERE r.job_id = late.job_id AND r.state = 'completed' AND r.scheduled_for >= late.fire_at)
                    THEN 'published'
                WHEN shown.publication_id IS NULL THEN 'nothing'
                ELSE 'stale' END;
            IF came = 'stale' AND shown.status = 'stale' THEN
                stale := shown.publication_id;
            ELSIF came = 'stale' THEN
                INSERT INTO forecast.publication (portfolio, version_id, frequency, bucket_length, data_through, status,
                    forecasts_of)
                VALUES (shown.portfolio, shown.version_id, shown.frequency, shown.bucket_length, shown.data_through,
                    'stale', coalesce(shown.forecasts_of, shown.publication_id))
                RETURNING publication_id INTO stale;
                PERFORM forecast.make_current(stale, pg_catalog.jsonb_build_object('action', 'publish_by', 'status', 'stale',
                    'reason', pg_catalog.format('no forecast of %s was published by %s', late.fire_at, late.due_at)));
                published := published + 1;
            END IF;
            IF came <> 'published' THEN
                INSERT INTO suyo.run_log (run_id, attempt, level, message)
                SELECT r.run_id, r.attempt, 'warning',
                    CASE WHEN stale IS NULL THEN 'no forecast was published by '
                        ELSE 'the last forecast was published once more, marked stale: there was no new one by ' END
                    || late.due_at
                FROM suyo.tick AS t JOIN suyo.run AS r USING (run_id)
                WHERE t.job_id = late.job_id AND t.fire_at = late.fire_at AND late.removed_at IS NULL;
            END IF;
            UPDATE suyo.publish_deadline AS d SET decided_at = pg_catalog.now(), outcome = came,
                publication_id = coalesce(stale, shown.publication_id)
            WHERE d.job_id = late.job_id AND d.fire_at = late.fire_at;
        END LOOP;
        RETURN published;
    END
    $$;
COMMENT ON FUNCTION suyo.publish_overdue() IS
    'Publishes the last forecast once more, marked stale, for each job that should have published one by now (publish_by) and did not. Returns how many.';
