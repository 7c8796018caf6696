-- What an operator does, as functions: each takes part in the caller's own transaction.

CREATE FUNCTION suyo.job_named(name text) RETURNS suyo.job
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        found_job suyo.job;
    BEGIN
        SELECT * INTO found_job FROM suyo.job AS j
        WHERE j.name = job_named.name AND j.removed_at IS NULL FOR NO KEY UPDATE;
        IF found_job.job_id IS NULL THEN
            RAISE EXCEPTION 'there is no job %: suyo.job_status has those there are', pg_catalog.quote_literal(job_named.name)
                USING ERRCODE = 'no_data_found';
        END IF;
        RETURN found_job;
    END
    $$;
COMMENT ON FUNCTION suyo.job_named(text) IS 'The job of that name, locked until the transaction ends; an error where there is none.';

CREATE FUNCTION suyo.skip_due_tick(job suyo.job, reason text) RETURNS void
    LANGUAGE sql SET search_path = ''
    AS $$
    INSERT INTO suyo.tick (job_id, fire_at, outcome, reason)
    SELECT job.job_id, job.next_fire_at, 'skipped', reason || '; later ticks up to then were not worked out'
    WHERE job.next_fire_at <= pg_catalog.now()
    ON CONFLICT DO NOTHING
    $$;
COMMENT ON FUNCTION suyo.skip_due_tick(suyo.job, text) IS
    'Records the tick that is due and that no daemon has decided; SQL cannot work out those after it.';

CREATE FUNCTION suyo.timing(definition jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = ''
    AS $$
    SELECT pg_catalog.jsonb_object_agg(key, value) FROM pg_catalog.jsonb_each(definition)
    WHERE key IN ('cron', 'every', 'offset', 'at', 'time_zone', 'gap', 'fold', 'calendar', 'on_holiday', 'working_days')
    $$;
COMMENT ON FUNCTION suyo.timing(jsonb) IS 'What of a definition decides when it is due: where it is the same, so are the ticks.';

CREATE FUNCTION suyo.predecessors(definition jsonb) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE SET search_path = ''
    AS $$
    SELECT pg_catalog.jsonb_array_elements_text(
        CASE WHEN pg_catalog.jsonb_typeof(said.jobs) = 'array' THEN said.jobs ELSE '[]' END)
    FROM (SELECT CASE WHEN pg_catalog.jsonb_typeof(definition -> 'after') = 'array' THEN definition -> 'after'
        ELSE definition #> '{after,jobs}' END AS jobs) AS said
    $$;
COMMENT ON FUNCTION suyo.predecessors(jsonb) IS 'The jobs that a definition waits for: its after.';

CREATE FUNCTION suyo.order_mistake(name text, definition jsonb) RETURNS text
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
    WITH RECURSIVE path AS (
        SELECT p.name, ARRAY[order_mistake.name, p.name] AS trail
        FROM suyo.predecessors(order_mistake.definition) AS p (name)
        UNION ALL
        SELECT p.name, path.trail || p.name
        FROM path JOIN suyo.job AS j ON j.name = path.name AND j.removed_at IS NULL AND j.name <> order_mistake.name
        CROSS JOIN LATERAL suyo.predecessors(j.definition) AS p (name)
        -- A circle that does not lead back here is told of where it is made.
        WHERE p.name <> ALL (path.trail[2:])),
    mistake (place, text) AS (
        SELECT 1, pg_catalog.format('the job %L waits for %L (after), and there is no such job', order_mistake.name, p.name)
        FROM suyo.predecessors(order_mistake.definition) AS p (name)
        WHERE p.name <> order_mistake.name
            AND NOT EXISTS (SELECT FROM suyo.job AS j WHERE j.name = p.name AND j.removed_at IS NULL)
        UNION ALL
        SELECT 2, 'jobs wait for each other in a circle (after): ' || pg_catalog.array_to_string(path.trail, ' → ')
        FROM path WHERE path.name = order_mistake.name)
    SELECT m.text FROM mistake AS m ORDER BY m.place, pg_catalog.length(m.text) LIMIT 1
    $$;
COMMENT ON FUNCTION suyo.order_mistake(text, jsonb) IS
    'What is wrong with the jobs that a job would wait for: one there is not, or a circle; null where nothing is.';

CREATE FUNCTION suyo.schedule(definition jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        known constant text[] := ARRAY['name', 'kind', 'description', 'cron', 'every', 'offset', 'at', 'time_zone', 'gap',
            'fold', 'jitter', 'calendar', 'on_holiday', 'working_days', 'after', 'ready_when', 'publish_by', 'misfire', 'overlap', 'priority',
            'max_attempts', 'retry', 'timeout_seconds', 'spec'];
        said constant jsonb := CASE WHEN pg_catalog.jsonb_typeof(schedule.definition) = 'object'
            THEN pg_catalog.jsonb_strip_nulls(schedule.definition - 'spec') ELSE '{}' END
            || pg_catalog.jsonb_build_object('spec', coalesce(schedule.definition -> 'spec', '{}'));
        wanted constant jsonb := '{"time_zone": "UTC", "gap": "first_after", "fold": "first", "on_holiday": "run",
            "working_days": "MON-FRI", "misfire": "coalesce", "overlap": "skip", "priority": 100, "max_attempts": 3}' || said;
        unknown text;
        mistake text;
        fields integer := pg_catalog.array_length(
            pg_catalog.regexp_split_to_array(pg_catalog.btrim(said ->> 'cron'), '\s+'), 1);
        old suyo.job;
        result bigint;
    BEGIN
        SELECT key INTO unknown FROM pg_catalog.jsonb_object_keys(said) AS key WHERE key <> ALL (known) LIMIT 1;
        IF unknown IS NOT NULL THEN
            RAISE EXCEPTION '% is no key of a job; those are %', pg_catalog.quote_literal(unknown),
                pg_catalog.array_to_string(known, ', ') USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF coalesce(said ->> 'name', '') = '' OR coalesce(said ->> 'kind', '') = '' THEN
            RAISE EXCEPTION 'a job is a JSON object with a name and a kind at least' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF said ->> 'cron' !~ '^@' AND fields NOT IN (5, 6) THEN
            RAISE EXCEPTION '% has % fields; a cron expression has five (minute hour day month weekday), or six with seconds in front',
                pg_catalog.quote_literal(said ->> 'cron'), fields USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = wanted ->> 'time_zone') THEN
            RAISE EXCEPTION 'there is no time zone %; names are such as Asia/Seoul or Europe/London',
                pg_catalog.quote_literal(wanted ->> 'time_zone') USING ERRCODE = 'invalid_parameter_value';
        END IF;
        mistake := suyo.order_mistake(wanted ->> 'name', wanted);
        IF mistake IS NOT NULL THEN
            RAISE EXCEPTION '%', mistake USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF pg_catalog.jsonb_typeof(wanted -> 'spec') <> 'object' THEN
            RAISE EXCEPTION 'a spec is a JSON object' USING ERRCODE = 'invalid_parameter_value';
        END IF;

        SELECT * INTO old FROM suyo.job AS j WHERE j.name = wanted ->> 'name' FOR NO KEY UPDATE;
        IF old.job_id IS NOT NULL AND old.removed_at IS NULL AND old.source <> 'sql' THEN
            RAISE EXCEPTION 'the job % is declared elsewhere (source %): change it there, or take another name',
                pg_catalog.quote_literal(old.name), old.source USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF old.removed_at IS NULL AND old.problem IS NULL AND suyo.timing(old.definition) = suyo.timing(wanted) THEN
            -- The same ticks as before: none of them may get lost.
            UPDATE suyo.job SET kind = wanted ->> 'kind', definition = wanted, updated_at = pg_catalog.now()
            WHERE job_id = old.job_id AND definition <> wanted;
            RETURN old.job_id;
        END IF;
        IF old.removed_at IS NULL THEN
            PERFORM suyo.skip_due_tick(old, 'the schedule was changed before a daemon looked');
        END IF;
        INSERT INTO suyo.job (name, source, kind, definition)
        VALUES (wanted ->> 'name', 'sql', wanted ->> 'kind', wanted)
        ON CONFLICT ON CONSTRAINT job_name_key DO UPDATE SET source = 'sql', kind = excluded.kind,
            definition = excluded.definition, next_fire_at = NULL, problem = NULL, waits_for = NULL, removed_at = NULL,
            considered_until = greatest(job.considered_until, pg_catalog.now()), updated_at = pg_catalog.now()
            WHERE job.source = 'sql' OR job.removed_at IS NOT NULL
        RETURNING job_id INTO result;
        IF result IS NULL THEN
            RAISE EXCEPTION 'the job % was declared elsewhere at the same moment: take another name',
                pg_catalog.quote_literal(wanted ->> 'name') USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.schedule(jsonb) IS
    'Makes or changes a job from a whole definition, with the keys of a job file; a daemon works out its next tick, and says so in suyo.job_status.problem where it cannot.';

CREATE FUNCTION suyo.schedule(
    name text, kind text, cron text, time_zone text DEFAULT 'UTC', spec jsonb DEFAULT '{}') RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT suyo.schedule(pg_catalog.jsonb_build_object('name', name, 'kind', kind, 'cron', cron, 'time_zone', time_zone,
        'spec', spec))
    $$;
COMMENT ON FUNCTION suyo.schedule(text, text, text, text, jsonb) IS
    'Makes or changes a job that runs by a cron expression; see suyo.schedule(jsonb) for the rest.';

CREATE FUNCTION suyo.unschedule(name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        old suyo.job := suyo.job_named(unschedule.name);
    BEGIN
        IF old.source <> 'sql' THEN
            RAISE EXCEPTION 'the job % is declared elsewhere (source %): remove it there, or pause it',
                pg_catalog.quote_literal(unschedule.name), old.source USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM suyo.skip_due_tick(old, 'the job was removed before a daemon looked');
        UPDATE suyo.job SET removed_at = pg_catalog.now() WHERE job_id = old.job_id;
        RETURN true;
    END
    $$;
COMMENT ON FUNCTION suyo.unschedule(text) IS 'Removes a job that suyo.schedule made; its history stays, and runs under way go on.';

CREATE FUNCTION suyo.run_now(name text, parameters jsonb DEFAULT '{}', if_none_waiting boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        job suyo.job := suyo.job_named(run_now.name);
        result bigint;
    BEGIN
        IF pg_catalog.jsonb_typeof(run_now.parameters) IS DISTINCT FROM 'object' THEN
            RAISE EXCEPTION 'parameters are a JSON object, such as %', '{"horizon": 7}'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF run_now.if_none_waiting THEN
            -- The job is locked: two that ask at the same moment get the same run.
            SELECT r.run_id INTO result FROM suyo.run AS r
            WHERE r.job_id = job.job_id AND r.state IN ('available', 'scheduled', 'retryable') AND r.attempt = 0
            ORDER BY r.run_id LIMIT 1;
            IF result IS NOT NULL THEN RETURN result; END IF;
        END IF;
        INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, priority, max_attempts, retry, timeout_seconds,
            exclusive)
        VALUES (job.job_id, job.name, job.kind, coalesce(job.definition -> 'spec', '{}') || run_now.parameters, 'person',
            coalesce((job.definition ->> 'priority')::smallint, 100),
            coalesce((job.definition ->> 'max_attempts')::integer, 3), coalesce(job.definition -> 'retry', '{}'),
            (job.definition ->> 'timeout_seconds')::float8,
            coalesce(job.definition ->> 'overlap', 'skip') <> 'allow')
        RETURNING run_id INTO result;
        INSERT INTO suyo.run_log (run_id, attempt, level, message)
        VALUES (result, 0, 'info', pg_catalog.concat('asked for by ', session_user,
            CASE WHEN run_now.parameters <> '{}' THEN ' with ' || run_now.parameters::text END));
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.run_now(text, jsonb, boolean) IS
    'Enqueues a run of a job, paused or not, and returns its number; parameters replace keys of the job''s spec, and if_none_waiting returns the run that waits already, if one does.';

CREATE FUNCTION suyo.pause(name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        job suyo.job := suyo.job_named(pause.name);
    BEGIN
        INSERT INTO suyo.job_pause (job_id) SELECT job.job_id
        WHERE NOT EXISTS (SELECT FROM suyo.job_pause WHERE job_id = job.job_id AND resumed_at IS NULL)
        -- Paused, resumed and paused in one transaction is one pause.
        ON CONFLICT ON CONSTRAINT job_pause_pkey DO UPDATE SET resumed_at = NULL, resumed_by = NULL;
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION suyo.pause(text) IS 'Pauses a job: its ticks are skipped until it is resumed. False where it was paused.';

CREATE FUNCTION suyo.resume(name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        job suyo.job := suyo.job_named(resume.name);
    BEGIN
        UPDATE suyo.job_pause SET resumed_at = greatest(paused_at, pg_catalog.now()), resumed_by = session_user
        WHERE job_id = job.job_id AND resumed_at IS NULL;
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION suyo.resume(text) IS 'Resumes a paused job; what was due meanwhile stays skipped. False where it was not paused.';

CREATE FUNCTION suyo.cancel(run bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        attempts integer;
    BEGIN
        UPDATE suyo.run AS r SET cancel_requested_at = coalesce(r.cancel_requested_at, pg_catalog.now()),
            state = CASE WHEN r.state = 'running' THEN r.state ELSE 'cancelled' END,
            finished_at = CASE WHEN r.state = 'running' THEN NULL ELSE pg_catalog.now() END
        WHERE r.run_id = cancel.run AND r.state IN ('scheduled', 'available', 'running', 'retryable')
        RETURNING r.attempt INTO attempts;
        IF NOT FOUND THEN RETURN false; END IF;
        INSERT INTO suyo.run_log (run_id, attempt, level, message)
        VALUES (cancel.run, attempts, 'warning', pg_catalog.format('asked to stop by %s', session_user));
        RETURN true;
    END
    $$;
COMMENT ON FUNCTION suyo.cancel(bigint) IS
    'Asks a run to stop: at once where it waits, at its next heartbeat where it runs. False where it is over.';

CREATE FUNCTION suyo.retry(run bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        attempts integer;
    BEGIN
        UPDATE suyo.run AS r SET state = 'available', available_at = pg_catalog.now(), cancel_requested_at = NULL,
            finished_at = NULL, max_attempts = greatest(r.max_attempts, r.attempt + 1)
        WHERE r.run_id = retry.run AND r.state IN ('failed', 'cancelled')
        RETURNING r.attempt INTO attempts;
        IF NOT FOUND THEN RETURN false; END IF;
        INSERT INTO suyo.run_log (run_id, attempt, level, message)
        VALUES (retry.run, attempts, 'info', pg_catalog.format('to be tried again, asked for by %s', session_user));
        RETURN true;
    END
    $$;
COMMENT ON FUNCTION suyo.retry(bigint) IS 'Gives a run that failed or was cancelled another attempt. False where it did neither.';

CREATE FUNCTION suyo.limit_runs(max_runs integer, kind text DEFAULT '*') RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    BEGIN
        IF limit_runs.max_runs IS NULL THEN
            DELETE FROM suyo.run_limit AS l WHERE l.kind = limit_runs.kind;
            RETURN;
        END IF;
        INSERT INTO suyo.run_limit AS l (kind, max_runs) VALUES (limit_runs.kind, limit_runs.max_runs)
        ON CONFLICT ON CONSTRAINT run_limit_pkey
            DO UPDATE SET max_runs = excluded.max_runs, set_by = session_user, set_at = pg_catalog.now();
    END
    $$;
COMMENT ON FUNCTION suyo.limit_runs(integer, text) IS
    'Limits how many runs of a kind, or of all kinds together (*), go on at once on all hosts; null lifts the limit.';

CREATE FUNCTION suyo.look_again_at_calendars() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        UPDATE suyo.job SET next_fire_at = NULL WHERE definition ? 'calendar' AND removed_at IS NULL;
        RETURN NULL;
    END
    $$;
COMMENT ON FUNCTION suyo.look_again_at_calendars() IS
    'Has a daemon work out the next tick of each job with a calendar, after holidays have changed.';
CREATE TRIGGER holidays_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON demand.holiday
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.look_again_at_calendars();

CREATE FUNCTION suyo.announce_run() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    BEGIN
        PERFORM pg_catalog.pg_notify('suyo_run', pg_catalog.current_database());
        RETURN NULL;
    END
    $$;
COMMENT ON FUNCTION suyo.announce_run() IS
    'Tells daemons that listen on channel suyo_run that a run was enqueued: a hint that saves them a second of waiting.';
CREATE TRIGGER announced AFTER INSERT ON suyo.run FOR EACH STATEMENT EXECUTE FUNCTION suyo.announce_run();

-- In PL/pgSQL, which plans once in a session: a claim takes less time than its planning. And by the index in the order of
-- claims, whatever the planner believes of a queue that nobody has analysed yet.
CREATE FUNCTION suyo.claim(kinds text[], run bigint, worker uuid)
    RETURNS TABLE (run_id bigint, fence bigint, job_name text, kind text, spec text, attempt integer, max_attempts integer,
        retry text, timeout_seconds float8, late float8)
    LANGUAGE plpgsql SET search_path = '' SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
        SET jit = off SET plan_cache_mode = force_generic_plan
    AS $$
    #variable_conflict use_column
    DECLARE
        exhausted text[] := '{}';
        busy bigint[];
        chosen bigint;
    BEGIN
        IF EXISTS (SELECT FROM suyo.run_limit) THEN
            -- Claims under limits go one after the other, and each sees what those before it took: a statement sees what was
            -- committed before it began.
            PERFORM FROM suyo.run_limit AS l WHERE l.kind = '*' OR l.kind = ANY (claim.kinds) ORDER BY l.kind FOR UPDATE;
            exhausted := ARRAY(
                SELECT l.kind FROM suyo.run_limit AS l WHERE l.max_runs <= (
                    SELECT pg_catalog.count(*) FROM suyo.lease JOIN suyo.run AS o USING (run_id)
                    WHERE l.kind IN ('*', o.kind)));
            IF '*' = ANY (exhausted) THEN RETURN; END IF;
        END IF;
        -- Read once and not for each run that waits: while an old transaction stays open, every run since it began is
        -- passed over one by one.
        busy := ARRAY(SELECT r.job_id FROM suyo.run AS r
            WHERE r.state = 'running' AND r.exclusive AND r.job_id IS NOT NULL);
        IF claim.run IS NULL THEN
            SELECT r.run_id INTO chosen FROM suyo.run AS r
            WHERE r.state IN ('available', 'scheduled', 'retryable') AND r.available_at <= pg_catalog.now()
                AND r.kind = ANY (claim.kinds) AND r.kind <> ALL (exhausted)
                AND (r.exclusive AND r.job_id = ANY (busy)) IS NOT TRUE
            -- As the index run_claim has it.
            ORDER BY r.available_at - timestamptz '2000-01-01 00:00+00' + r.priority * interval '10 seconds', r.run_id
            LIMIT 1 FOR UPDATE SKIP LOCKED;
        ELSE
            SELECT r.run_id INTO chosen FROM suyo.run AS r
            WHERE r.run_id = claim.run
                AND r.state IN ('available', 'scheduled', 'retryable') AND r.available_at <= pg_catalog.now()
                AND r.kind = ANY (claim.kinds) AND r.kind <> ALL (exhausted)
                AND (r.exclusive AND r.job_id = ANY (busy)) IS NOT TRUE
            FOR UPDATE SKIP LOCKED;
        END IF;
        IF chosen IS NULL THEN RETURN; END IF;
        RETURN QUERY
            WITH taken AS (
                UPDATE suyo.run AS r SET state = 'running', attempt = r.attempt + 1, fence = r.fence + 1,
                    first_started_at = coalesce(r.first_started_at, pg_catalog.now()),
                    started_at = pg_catalog.now(), ended_at = NULL, error = NULL, failure = NULL
                WHERE r.run_id = chosen RETURNING r.*),
            leased AS (
                INSERT INTO suyo.lease (run_id, fence, worker_id)
                SELECT t.run_id, t.fence, claim.worker FROM taken AS t
                ON CONFLICT ON CONSTRAINT lease_pkey DO UPDATE SET fence = excluded.fence, worker_id = excluded.worker_id,
                    heartbeat_at = pg_catalog.now(), percent = NULL, message = NULL)
            SELECT t.run_id, t.fence, t.job_name, t.kind, t.spec::text, t.attempt, t.max_attempts, t.retry::text,
                t.timeout_seconds,
                CASE WHEN t.attempt = 1 THEN extract(epoch FROM t.first_started_at - t.scheduled_for)::float8 END
            FROM taken AS t;
    END
    $$;
-- In PL/pgSQL for the same reason, and by index, whatever the planner believes: a plan made while the tables were small would
-- read through all that an old transaction keeps from being cleared away.
CREATE FUNCTION suyo.finish(run bigint, fence bigint, state text, result jsonb, error text, failure text,
    delay float8, refund integer)
    RETURNS boolean LANGUAGE plpgsql SET search_path = '' SET enable_seqscan = off SET enable_bitmapscan = off
        SET plan_cache_mode = force_generic_plan
    AS $$
    #variable_conflict use_column
    DECLARE
        held suyo.run;
        outcome text;
    BEGIN
        DELETE FROM suyo.lease AS l WHERE l.run_id = finish.run AND l.fence = finish.fence;
        IF NOT FOUND THEN RETURN false; END IF;
        SELECT * INTO STRICT held FROM suyo.run AS r WHERE r.run_id = finish.run FOR UPDATE;
        outcome := CASE WHEN held.effect_at IS NOT NULL THEN 'completed'
            WHEN held.cancel_requested_at IS NOT NULL AND finish.state <> 'completed' THEN 'cancelled'
            ELSE finish.state END;
        UPDATE suyo.run AS r SET state = outcome, result = finish.result, error = finish.error,
            failure = CASE WHEN outcome <> 'completed' THEN finish.failure END,
            attempt = r.attempt - CASE WHEN outcome = 'retryable' THEN finish.refund ELSE 0 END,
            available_at = pg_catalog.now() + pg_catalog.make_interval(secs => finish.delay),
            ended_at = pg_catalog.now(),
            finished_at = CASE WHEN outcome <> 'retryable' THEN pg_catalog.now() END
        WHERE r.run_id = finish.run;
        RETURN true;
    END
    $$;
COMMENT ON FUNCTION suyo.finish(bigint, bigint, text, jsonb, text, text, float8, integer) IS
    'Ends an attempt as its worker says, and gives back its lease: completed where its effect was recorded, cancelled where that was asked for. False where the attempt no longer holds the run.';
COMMENT ON FUNCTION suyo.claim(text[], bigint, uuid) IS
    'Claims for a worker the next run of some kinds that may start now, or the one named: the most urgent and oldest first. A run that may not overlap is passed over while another of its job runs, and so is one of a kind of which as many run as suyo.run_limit allows.';
