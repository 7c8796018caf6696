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

CREATE FUNCTION suyo.schedule(
    name text, kind text, cron text, time_zone text DEFAULT 'UTC', spec jsonb DEFAULT '{}') RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        old suyo.job;
        wanted jsonb;
        fields integer := pg_catalog.array_length(
            pg_catalog.regexp_split_to_array(pg_catalog.btrim(schedule.cron), '\s+'), 1);
        result bigint;
    BEGIN
        IF schedule.cron !~ '^@' AND fields NOT IN (5, 6) THEN
            RAISE EXCEPTION '% has % fields; a cron expression has five (minute hour day month weekday), or six with seconds in front',
                pg_catalog.quote_literal(schedule.cron), fields USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = schedule.time_zone) THEN
            RAISE EXCEPTION 'there is no time zone %; names are such as Asia/Seoul or Europe/London',
                pg_catalog.quote_literal(schedule.time_zone) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF pg_catalog.jsonb_typeof(schedule.spec) <> 'object' THEN
            RAISE EXCEPTION 'a spec is a JSON object' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        wanted := pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'name', schedule.name, 'kind', schedule.kind, 'cron', schedule.cron, 'time_zone', schedule.time_zone,
            'misfire', 'coalesce', 'overlap', 'skip', 'max_attempts', 3))
            || pg_catalog.jsonb_build_object('spec', schedule.spec);

        SELECT * INTO old FROM suyo.job AS j WHERE j.name = schedule.name FOR NO KEY UPDATE;
        IF old.job_id IS NOT NULL AND old.removed_at IS NULL AND old.source <> 'sql' THEN
            RAISE EXCEPTION 'the job % is declared elsewhere (source %): change it there, or take another name',
                pg_catalog.quote_literal(schedule.name), old.source USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF old.removed_at IS NULL AND old.problem IS NULL AND old.definition ->> 'cron' = schedule.cron
            AND old.definition ->> 'time_zone' = schedule.time_zone THEN
            -- The same ticks as before: none of them may get lost.
            UPDATE suyo.job SET kind = schedule.kind, definition = wanted, updated_at = pg_catalog.now()
            WHERE job_id = old.job_id AND definition <> wanted;
            RETURN old.job_id;
        END IF;
        IF old.removed_at IS NULL THEN
            PERFORM suyo.skip_due_tick(old, 'the schedule was changed before a daemon looked');
        END IF;
        INSERT INTO suyo.job (name, source, kind, definition)
        VALUES (schedule.name, 'sql', schedule.kind, wanted)
        ON CONFLICT ON CONSTRAINT job_name_key DO UPDATE SET source = 'sql', kind = excluded.kind,
            definition = excluded.definition, next_fire_at = NULL, problem = NULL, removed_at = NULL,
            considered_until = greatest(job.considered_until, pg_catalog.now()), updated_at = pg_catalog.now()
            WHERE job.source = 'sql' OR job.removed_at IS NOT NULL
        RETURNING job_id INTO result;
        IF result IS NULL THEN
            RAISE EXCEPTION 'the job % was declared elsewhere at the same moment: take another name',
                pg_catalog.quote_literal(schedule.name) USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.schedule(text, text, text, text, jsonb) IS
    'Makes or changes a job that runs by a cron expression; a daemon works out its next tick, and says so in suyo.job_status.problem where it cannot.';

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

CREATE FUNCTION suyo.run_now(name text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        job suyo.job := suyo.job_named(run_now.name);
        result bigint;
    BEGIN
        INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, max_attempts, timeout_seconds, exclusive)
        VALUES (job.job_id, job.name, job.kind, coalesce(job.definition -> 'spec', '{}'), 'person',
            coalesce((job.definition ->> 'max_attempts')::integer, 3), (job.definition ->> 'timeout_seconds')::float8,
            coalesce(job.definition ->> 'overlap', 'skip') <> 'allow')
        RETURNING run_id INTO result;
        INSERT INTO suyo.run_log (run_id, attempt, level, message)
        VALUES (result, 0, 'info', pg_catalog.format('asked for by %s', session_user));
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.run_now(text) IS 'Enqueues a run of a job, paused or not, and returns its number.';

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

CREATE FUNCTION suyo.look_again_at_calendars() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        UPDATE suyo.job SET next_fire_at = NULL WHERE definition OPERATOR(pg_catalog.?) 'calendar' AND removed_at IS NULL;
        RETURN NULL;
    END
    $$;
COMMENT ON FUNCTION suyo.look_again_at_calendars() IS
    'Has a daemon work out the next tick of each job with a calendar, after holidays have changed.';
CREATE TRIGGER holidays_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON demand.holiday
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.look_again_at_calendars();
