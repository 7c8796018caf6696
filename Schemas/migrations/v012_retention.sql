-- What is kept for how long: what is old goes, in small transactions that nobody waits for.

CREATE FUNCTION suyo.make_history_partitions(until timestamptz DEFAULT now() + interval '3 months') RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
    AS $$
    DECLARE
        part record;
        holds_rows boolean;
        made integer := 0;
    BEGIN
        -- Two at once would make the same tables; the letters of "hist".
        PERFORM pg_catalog.pg_advisory_xact_lock(1751741300);
        FOR part IN
            SELECT p.parent, p.clock, m.month,
                p.parent || '_' || pg_catalog.to_char(m.month, 'YYYY_MM') AS name
            FROM (VALUES ('tick', 'fire_at'), ('run_log', 'at')) AS p (parent, clock)
            CROSS JOIN pg_catalog.generate_series(
                pg_catalog.date_trunc('month', pg_catalog.now() AT TIME ZONE 'UTC'),
                make_history_partitions.until AT TIME ZONE 'UTC', interval '1 month') AS m (month)
            WHERE pg_catalog.to_regclass('suyo_history.' || p.parent || '_' || pg_catalog.to_char(m.month, 'YYYY_MM')) IS NULL
        LOOP
            -- What came in before its partition was made stays where it is, and goes from there.
            EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM suyo_history.%I WHERE %I >= $1 AND %I < $2)',
                part.parent || '_rest', part.clock, part.clock)
            INTO holds_rows USING part.month AT TIME ZONE 'UTC', (part.month + interval '1 month') AT TIME ZONE 'UTC';
            CONTINUE WHEN holds_rows;
            EXECUTE pg_catalog.format('CREATE TABLE suyo_history.%I PARTITION OF suyo.%I FOR VALUES FROM (%L) TO (%L)',
                part.name, part.parent, part.month AT TIME ZONE 'UTC',
                (part.month + interval '1 month') AT TIME ZONE 'UTC');
            EXECUTE pg_catalog.format('COMMENT ON TABLE suyo_history.%I IS %L', part.name,
                'Rows of suyo.' || part.parent || ' of ' || pg_catalog.to_char(part.month, 'YYYY-MM') || '.');
            made := made + 1;
        END LOOP;
        RETURN made;
    END
    $$;
COMMENT ON FUNCTION suyo.make_history_partitions(timestamptz) IS
    'Makes the partitions of suyo.tick and suyo.run_log of this month and the coming ones, and returns how many were missing.';
SELECT suyo.make_history_partitions();

CREATE FUNCTION suyo.drop_history(parent text, before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
    AS $$
    DECLARE
        clock constant text := CASE drop_history.parent WHEN 'tick' THEN 'fire_at' WHEN 'run_log' THEN 'at' END;
        part text;
        counted bigint;
        gone bigint := 0;
    BEGIN
        IF clock IS NULL OR drop_history.before > pg_catalog.now() THEN
            RAISE EXCEPTION 'history is that of tick or run_log, and is past' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        FOR part IN
            SELECT c.relname FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = pg_catalog.to_regclass('suyo.' || drop_history.parent)
                AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
                AND pg_catalog.to_date(pg_catalog.right(c.relname, 7), 'YYYY_MM') + interval '1 month'
                    <= drop_history.before AT TIME ZONE 'UTC'
            ORDER BY c.relname
        LOOP
            EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM suyo_history.%I', part) INTO counted;
            EXECUTE pg_catalog.format('DROP TABLE suyo_history.%I', part);
            gone := gone + counted;
        END LOOP;
        EXECUTE pg_catalog.format('DELETE FROM suyo_history.%I WHERE %I < $1', drop_history.parent || '_rest', clock)
        USING pg_catalog.date_trunc('month', drop_history.before AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        GET DIAGNOSTICS counted = ROW_COUNT;
        RETURN gone + counted;
    END
    $$;
COMMENT ON FUNCTION suyo.drop_history(text, timestamptz) IS
    'Drops the months of suyo.tick or suyo.run_log that were over before an instant, and returns how many rows that were.';

CREATE FUNCTION suyo.delete_runs(before timestamptz, at_most integer) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH old AS (
        SELECT r.run_id FROM suyo.run AS r
        WHERE r.finished_at < delete_runs.before AND r.state IN ('completed', 'failed', 'cancelled')
            -- The last run of a job is how the job stands.
            AND (r.job_id IS NULL
                OR r.run_id < (SELECT pg_catalog.max(l.run_id) FROM suyo.run AS l WHERE l.job_id = r.job_id))
            AND NOT EXISTS (SELECT FROM suyo.tick AS t WHERE t.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM suyo.run_log AS l WHERE l.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM suyo.lease AS l WHERE l.run_id = r.run_id)
            -- Which run made what stays known.
            AND NOT EXISTS (SELECT FROM suyo.model_version AS v WHERE v.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM suyo.promotion_log AS p WHERE p.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM forecast.publication AS p WHERE p.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM suyo.drift_check AS d WHERE d.run_id = r.run_id)
            AND NOT EXISTS (SELECT FROM suyo.incident AS i WHERE i.retrain_run_id = r.run_id)
        ORDER BY r.run_id LIMIT delete_runs.at_most FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM suyo.run AS r USING old WHERE r.run_id = old.run_id RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_runs(timestamptz, integer) IS
    'Deletes runs that ended before an instant, whose ticks and logs are gone and that made nothing that is kept, a number of them at most; returns how many.';

CREATE FUNCTION suyo.delete_matured(before timestamp, at_most integer) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH gone AS (
        DELETE FROM suyo.matured_bucket AS m WHERE m.ctid = ANY (ARRAY(
            SELECT b.ctid FROM (SELECT DISTINCT portfolio FROM suyo.matured_sum) AS p
            JOIN suyo.matured_bucket AS b ON b.portfolio = p.portfolio AND b.bucket_start < delete_matured.before
            LIMIT delete_matured.at_most))
        RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_matured(timestamp, integer) IS
    'Deletes scores of single series in buckets before an instant, a number of them at most; their sums stay in suyo.matured_sum. Returns how many.';

CREATE FUNCTION suyo.delete_events(before timestamptz) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH gone AS (
        DELETE FROM forecast.outbox AS o
        WHERE o.created_at < delete_events.before
            AND o.outbox_id <= ALL (SELECT c.acknowledged_id FROM forecast.outbox_consumer AS c)
            -- The number of the last one is where a new consumer begins.
            AND o.outbox_id < (SELECT pg_catalog.max(l.outbox_id) FROM forecast.outbox AS l)
        RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_events(timestamptz) IS
    'Deletes events before an instant that every consumer has dealt with, and returns how many.';

CREATE FUNCTION suyo.delete_workers(before timestamptz) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH gone AS (
        DELETE FROM suyo.worker AS w
        WHERE w.seen_at < delete_workers.before
            AND NOT EXISTS (SELECT FROM suyo.lease AS l WHERE l.worker_id = w.worker_id)
        RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_workers(timestamptz) IS
    'Forgets processes that were last heard of before an instant, and returns how many.';

CREATE FUNCTION suyo.delete_deadlines(before timestamptz) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH gone AS (
        DELETE FROM suyo.publish_deadline AS d WHERE d.decided_at < delete_deadlines.before RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_deadlines(timestamptz) IS
    'Forgets by when forecasts were to be published where that was decided before an instant, and returns how many.';

CREATE FUNCTION suyo.delete_knowledge() RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH gone AS (
        DELETE FROM suyo.training_knowledge AS k
        WHERE NOT EXISTS (SELECT FROM suyo.training_series AS t WHERE t.events_hash = k.content_hash)
            AND NOT EXISTS (SELECT FROM suyo.model_version AS v WHERE v.holidays_hash = k.content_hash)
        RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_knowledge() IS
    'Deletes events that no stored training data knows any more, and returns how many sets of them.';
