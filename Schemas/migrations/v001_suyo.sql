-- How Suyo is run: jobs, ticks, runs, model versions.
CREATE SCHEMA suyo;
COMMENT ON SCHEMA suyo IS 'How Suyo is run: jobs, ticks, runs, workers, model versions and promotions.';
-- Old history goes by the month, by dropping tables: nothing is left behind that would have to be vacuumed.
CREATE SCHEMA suyo_history;
COMMENT ON SCHEMA suyo_history IS 'Partitions of suyo.tick and suyo.run_log, one a month; read them through those.';

CREATE TABLE suyo.migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suyo.migration IS 'Schema migrations applied, in order.';
COMMENT ON COLUMN suyo.migration.version IS 'Number of the migration.';
COMMENT ON COLUMN suyo.migration.name IS 'Its file''s name.';
COMMENT ON COLUMN suyo.migration.checksum IS 'SHA-256 of its text.';
COMMENT ON COLUMN suyo.migration.applied_at IS 'When it was applied.';

CREATE TABLE suyo.job (
    job_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    source text NOT NULL,
    kind text NOT NULL,
    definition jsonb NOT NULL,
    next_fire_at timestamptz,
    considered_until timestamptz NOT NULL DEFAULT now(),
    problem text,
    waits_for text,
    removed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suyo.job IS 'Jobs and their schedules.';
COMMENT ON COLUMN suyo.job.job_id IS 'Number of the job.';
COMMENT ON COLUMN suyo.job.name IS 'Its name; the name of the portfolio it retrains.';
COMMENT ON COLUMN suyo.job.source IS 'Who owns the definition: file or sql. One source never touches another''s jobs.';
COMMENT ON COLUMN suyo.job.kind IS 'What it does, such as retrain or forecast.';
COMMENT ON COLUMN suyo.job.definition IS 'The whole definition as JSON.';
COMMENT ON COLUMN suyo.job.next_fire_at IS 'Next tick, or next look where a tick waits for data; null where a daemon has yet to work it out, infinity where there is none.';
COMMENT ON COLUMN suyo.job.considered_until IS 'Every tick up to this instant has been decided and stands in suyo.tick.';
COMMENT ON COLUMN suyo.job.problem IS 'Why it cannot fire, such as a cron expression that is wrong; null where it can.';
COMMENT ON COLUMN suyo.job.waits_for IS 'What a tick that is due waits for, such as data of a day; null where none waits.';
COMMENT ON COLUMN suyo.job.removed_at IS 'When its definition was taken away; its history stays.';
COMMENT ON COLUMN suyo.job.created_at IS 'When it was first applied.';
COMMENT ON COLUMN suyo.job.updated_at IS 'When its definition last changed.';
CREATE INDEX job_due ON suyo.job ((coalesce(next_fire_at, '-infinity'))) WHERE removed_at IS NULL;

CREATE TABLE suyo.job_pause (
    job_id bigint NOT NULL REFERENCES suyo.job,
    paused_at timestamptz NOT NULL DEFAULT now(),
    paused_by text NOT NULL DEFAULT session_user,
    resumed_at timestamptz,
    resumed_by text,
    PRIMARY KEY (job_id, paused_at),
    CHECK (resumed_at >= paused_at)
);
COMMENT ON TABLE suyo.job_pause IS 'Each time in which a job was paused; its ticks in it are skipped.';
COMMENT ON COLUMN suyo.job_pause.job_id IS 'The job.';
COMMENT ON COLUMN suyo.job_pause.paused_at IS 'Since when.';
COMMENT ON COLUMN suyo.job_pause.paused_by IS 'Who paused it.';
COMMENT ON COLUMN suyo.job_pause.resumed_at IS 'Until when; null where it goes on.';
COMMENT ON COLUMN suyo.job_pause.resumed_by IS 'Who resumed it.';
CREATE UNIQUE INDEX job_paused ON suyo.job_pause (job_id) WHERE resumed_at IS NULL;

CREATE TABLE suyo.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id bigint REFERENCES suyo.job,
    job_name text NOT NULL,
    kind text NOT NULL,
    spec jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'available' CHECK (state IN
        ('scheduled', 'available', 'running', 'retryable', 'completed', 'failed', 'cancelled')),
    reason text NOT NULL,
    priority smallint NOT NULL DEFAULT 100,
    scheduled_for timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts integer NOT NULL DEFAULT 3 CHECK (max_attempts > 0),
    retry jsonb NOT NULL DEFAULT '{}',
    timeout_seconds float8,
    exclusive boolean NOT NULL DEFAULT true,
    fence bigint NOT NULL DEFAULT 0,
    cancel_requested_at timestamptz,
    effect_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    first_started_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    finished_at timestamptz,
    error text,
    failure text CHECK (failure IN
        ('transient', 'database', 'crash', 'timeout', 'memory', 'data', 'configuration', 'internal')),
    result jsonb
);
COMMENT ON TABLE suyo.run IS 'One execution that a tick or a person asked for.';
COMMENT ON COLUMN suyo.run.run_id IS 'Number of the run.';
COMMENT ON COLUMN suyo.run.job_id IS 'The job it belongs to.';
COMMENT ON COLUMN suyo.run.job_name IS 'The job''s name when the run was made.';
COMMENT ON COLUMN suyo.run.kind IS 'What it does.';
COMMENT ON COLUMN suyo.run.spec IS 'What it is asked to do, fixed when the run was made.';
COMMENT ON COLUMN suyo.run.state IS 'scheduled, available, running, retryable, completed, failed or cancelled.';
COMMENT ON COLUMN suyo.run.reason IS 'Who asked for it: tick, person, incident, or a retrain that shares its work.';
COMMENT ON COLUMN suyo.run.priority IS 'Lower runs first; a point is worth ten seconds of waiting, so that nothing waits for ever.';
COMMENT ON COLUMN suyo.run.scheduled_for IS 'The tick, or the instant a person asked.';
COMMENT ON COLUMN suyo.run.available_at IS 'Not claimed before.';
COMMENT ON COLUMN suyo.run.attempt IS 'Attempts made; an interrupted one that handed back is not counted.';
COMMENT ON COLUMN suyo.run.max_attempts IS 'Attempts allowed.';
COMMENT ON COLUMN suyo.run.retry IS 'After which failures it is tried again and when: the job''s retry when the run was made; a key left out is as usual.';
COMMENT ON COLUMN suyo.run.timeout_seconds IS 'Seconds one attempt may take; null is no limit.';
COMMENT ON COLUMN suyo.run.exclusive IS 'Whether it waits while another run of its job runs.';
COMMENT ON COLUMN suyo.run.fence IS 'Raised by each claim; a write with an older fence is refused.';
COMMENT ON COLUMN suyo.run.cancel_requested_at IS 'When somebody asked to cancel it.';
COMMENT ON COLUMN suyo.run.effect_at IS 'When its effects were committed; from then on it is done, however its attempt ends.';
COMMENT ON COLUMN suyo.run.created_at IS 'When it was made.';
COMMENT ON COLUMN suyo.run.first_started_at IS 'When its first attempt began.';
COMMENT ON COLUMN suyo.run.started_at IS 'When its last attempt began.';
COMMENT ON COLUMN suyo.run.ended_at IS 'When its last attempt ended; null while one runs.';
COMMENT ON COLUMN suyo.run.finished_at IS 'When it ended for good.';
COMMENT ON COLUMN suyo.run.error IS 'Why its last attempt failed; null while the next one runs.';
COMMENT ON COLUMN suyo.run.failure IS 'Which kind of failure that was: transient, database, crash, timeout, memory, data, configuration or internal.';
COMMENT ON COLUMN suyo.run.result IS 'What it reported at the end.';
-- In the order in which runs are claimed, so that a claim reads the first and not all that wait. A difference of instants,
-- because an instant plus an interval depends on the session's time zone, and no index can.
CREATE INDEX run_claim ON suyo.run ((available_at - timestamptz '2000-01-01 00:00+00' + priority * interval '10 seconds'), run_id)
    WHERE state IN ('available', 'scheduled', 'retryable');
CREATE INDEX run_by_job ON suyo.run (job_id, run_id);
CREATE INDEX run_open ON suyo.run (job_id) WHERE state IN ('available', 'scheduled', 'retryable', 'running');
-- Whatever claims think they see, two runs of a job that may not overlap never run at once.
CREATE UNIQUE INDEX run_exclusive ON suyo.run (job_id) WHERE state = 'running' AND exclusive;

CREATE FUNCTION suyo.check_run_state() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    BEGIN
        IF (OLD.state, NEW.state) NOT IN (
            ('scheduled', 'running'), ('scheduled', 'cancelled'),
            ('available', 'running'), ('available', 'cancelled'),
            ('retryable', 'running'), ('retryable', 'cancelled'),
            ('running', 'completed'), ('running', 'retryable'), ('running', 'failed'),
            ('running', 'cancelled'),
            ('failed', 'available'), ('cancelled', 'available'))
        THEN
            RAISE EXCEPTION 'run % is %, and from there no run becomes %', OLD.run_id, OLD.state, NEW.state
                USING ERRCODE = 'restrict_violation', HINT = 'ops/run-states.md draws the states of a run.';
        END IF;
        RETURN NEW;
    END
    $$;
COMMENT ON FUNCTION suyo.check_run_state() IS 'Refuses a change of a run''s state that ops/run-states.md does not draw.';
CREATE TRIGGER run_state BEFORE UPDATE OF state ON suyo.run
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION suyo.check_run_state();

CREATE TABLE suyo.tick (
    job_id bigint NOT NULL REFERENCES suyo.job,
    fire_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('enqueued', 'skipped')),
    reason text,
    run_id bigint REFERENCES suyo.run,
    tick_count integer NOT NULL DEFAULT 1,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, fire_at),
    CHECK ((outcome = 'enqueued') = (run_id IS NOT NULL)),
    CHECK (outcome = 'enqueued' OR reason IS NOT NULL),
    CHECK (tick_count = 1 OR (outcome = 'skipped' AND tick_count > 1))
) PARTITION BY RANGE (fire_at);
CREATE TABLE suyo_history.tick_rest PARTITION OF suyo.tick DEFAULT;
CREATE INDEX tick_run ON suyo.tick (run_id);
COMMENT ON TABLE suyo.tick IS 'The ledger of ticks: each due instant of each job once, fired or skipped with its reason. Only a job of kind prune drops what is old; what was decided stays decided by suyo.job.considered_until.';
COMMENT ON TABLE suyo_history.tick_rest IS 'Ticks of months without a partition.';
COMMENT ON COLUMN suyo.tick.job_id IS 'The job.';
COMMENT ON COLUMN suyo.tick.fire_at IS 'The due instant.';
COMMENT ON COLUMN suyo.tick.outcome IS 'enqueued or skipped.';
COMMENT ON COLUMN suyo.tick.reason IS 'Why it was skipped, or what is out of the ordinary about one that was not.';
COMMENT ON COLUMN suyo.tick.run_id IS 'The run it made.';
COMMENT ON COLUMN suyo.tick.tick_count IS 'How many it stands for: more than one where a long absence is summed up from its first tick on.';
COMMENT ON COLUMN suyo.tick.decided_at IS 'When a daemon decided.';

-- Leases are updated every few seconds, so they stay narrow and apart, and every update stays on its page.
CREATE TABLE suyo.lease (
    run_id bigint PRIMARY KEY REFERENCES suyo.run,
    fence bigint NOT NULL,
    worker_id uuid NOT NULL,
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    percent float4,
    message text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50,
    autovacuum_vacuum_cost_limit = 2000, autovacuum_vacuum_cost_delay = 2);
COMMENT ON TABLE suyo.lease IS 'The fenced right of one attempt to write.';
COMMENT ON COLUMN suyo.lease.run_id IS 'The run held.';
COMMENT ON COLUMN suyo.lease.fence IS 'The fence its writes must carry.';
COMMENT ON COLUMN suyo.lease.worker_id IS 'Who holds it.';
COMMENT ON COLUMN suyo.lease.heartbeat_at IS 'Last sign of life.';
COMMENT ON COLUMN suyo.lease.percent IS 'Progress, 0 to 100.';
COMMENT ON COLUMN suyo.lease.message IS 'What it is doing.';

CREATE TABLE suyo.run_limit (
    kind text PRIMARY KEY,
    max_runs integer NOT NULL CHECK (max_runs >= 0),
    set_by text NOT NULL DEFAULT session_user,
    set_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suyo.run_limit IS 'How many runs may go on at once, on all hosts together; claims lock the rows that concern them.';
COMMENT ON COLUMN suyo.run_limit.kind IS 'Kind of run; * for those of all kinds together.';
COMMENT ON COLUMN suyo.run_limit.max_runs IS 'As many at most; 0 holds all back.';
COMMENT ON COLUMN suyo.run_limit.set_by IS 'Who said so.';
COMMENT ON COLUMN suyo.run_limit.set_at IS 'When.';

CREATE SEQUENCE suyo.run_log_number;
COMMENT ON SEQUENCE suyo.run_log_number IS 'Numbers of the lines in suyo.run_log.';

CREATE TABLE suyo.run_log (
    run_id bigint NOT NULL REFERENCES suyo.run,
    log_id bigint NOT NULL DEFAULT nextval('suyo.run_log_number'),
    attempt integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    level text NOT NULL CHECK (level IN ('debug', 'info', 'warning', 'error')),
    failure text,
    message text NOT NULL,
    PRIMARY KEY (run_id, log_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE suyo_history.run_log_rest PARTITION OF suyo.run_log DEFAULT;
COMMENT ON TABLE suyo_history.run_log_rest IS 'Lines of months without a partition.';
COMMENT ON TABLE suyo.run_log IS 'What each attempt had to say.';
COMMENT ON COLUMN suyo.run_log.run_id IS 'The run.';
COMMENT ON COLUMN suyo.run_log.log_id IS 'Order of the lines.';
COMMENT ON COLUMN suyo.run_log.attempt IS 'Which attempt.';
COMMENT ON COLUMN suyo.run_log.at IS 'When.';
COMMENT ON COLUMN suyo.run_log.level IS 'debug, info, warning or error.';
COMMENT ON COLUMN suyo.run_log.failure IS 'Which kind of failure ended the attempt, in the line that says so: as in suyo.run.';
COMMENT ON COLUMN suyo.run_log.message IS 'One line.';

CREATE TABLE suyo.worker (
    worker_id uuid PRIMARY KEY,
    host text NOT NULL,
    process_id integer NOT NULL,
    code_version text NOT NULL,
    processor text NOT NULL,
    kinds text[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE suyo.worker IS 'Processes that run or ran jobs.';
COMMENT ON COLUMN suyo.worker.worker_id IS 'New with each process.';
COMMENT ON COLUMN suyo.worker.host IS 'Machine it runs on.';
COMMENT ON COLUMN suyo.worker.process_id IS 'Its process number there.';
COMMENT ON COLUMN suyo.worker.code_version IS 'Version of the binary.';
COMMENT ON COLUMN suyo.worker.processor IS 'Kind of processor whose arithmetic it uses: the same numbers come out only on one kind.';
COMMENT ON COLUMN suyo.worker.kinds IS 'Run kinds it knows.';
COMMENT ON COLUMN suyo.worker.started_at IS 'When it registered.';
COMMENT ON COLUMN suyo.worker.seen_at IS 'When it was last heard of.';

-- What was known besides demand: kept once however many versions knew it.
CREATE TABLE suyo.training_knowledge (
    content_hash text PRIMARY KEY,
    content text NOT NULL
);
COMMENT ON TABLE suyo.training_knowledge IS 'Holidays and events that versions were trained with, by their content.';
COMMENT ON COLUMN suyo.training_knowledge.content_hash IS 'SHA-256 of the content.';
COMMENT ON COLUMN suyo.training_knowledge.content IS 'The holidays of a calendar, or the events of a series, as JSON.';

CREATE TABLE suyo.model_version (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    run_id bigint REFERENCES suyo.run,
    frequency text NOT NULL,
    season integer NOT NULL,
    horizon integer NOT NULL,
    quantile_levels float8[] NOT NULL,
    series_count integer NOT NULL,
    data_hash text NOT NULL,
    data_through date NOT NULL,
    configuration jsonb NOT NULL,
    code_version text NOT NULL,
    seed bigint NOT NULL,
    metrics jsonb NOT NULL,
    timings jsonb NOT NULL,
    notes text[] NOT NULL DEFAULT '{}',
    shard_sizes integer[] NOT NULL DEFAULT '{}',
    holidays_hash text REFERENCES suyo.training_knowledge,
    holds_version_id bigint REFERENCES suyo.model_version,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suyo.model_version IS 'One retrained portfolio: immutable, with its lineage.';
COMMENT ON COLUMN suyo.model_version.version_id IS 'Number of the version.';
COMMENT ON COLUMN suyo.model_version.portfolio IS 'The job whose series it covers.';
COMMENT ON COLUMN suyo.model_version.run_id IS 'The run that made it.';
COMMENT ON COLUMN suyo.model_version.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN suyo.model_version.season IS 'Buckets in a season.';
COMMENT ON COLUMN suyo.model_version.horizon IS 'Steps forecast.';
COMMENT ON COLUMN suyo.model_version.quantile_levels IS 'Levels of the quantiles forecast.';
COMMENT ON COLUMN suyo.model_version.series_count IS 'Series it covers.';
COMMENT ON COLUMN suyo.model_version.data_hash IS 'SHA-256 over every training series'' content hash, in key order.';
COMMENT ON COLUMN suyo.model_version.data_through IS 'Last local day of complete data.';
COMMENT ON COLUMN suyo.model_version.configuration IS 'Everything that decided how it was trained.';
COMMENT ON COLUMN suyo.model_version.code_version IS 'Version of the binary that trained it.';
COMMENT ON COLUMN suyo.model_version.seed IS 'Seed of all randomness.';
COMMENT ON COLUMN suyo.model_version.metrics IS 'Backtest accuracy of the portfolio, model and seasonal naive.';
COMMENT ON COLUMN suyo.model_version.timings IS 'Seconds spent reading, training and writing.';
COMMENT ON COLUMN suyo.model_version.notes IS 'What a reader should know.';
COMMENT ON COLUMN suyo.model_version.shard_sizes IS 'How many series, in key order, were trained together each time: they learn from each other.';
COMMENT ON COLUMN suyo.model_version.holidays_hash IS 'The holidays it knew: suyo.training_knowledge; null where it knew none.';
COMMENT ON COLUMN suyo.model_version.holds_version_id IS 'The version whose choice of models it holds on to, for all series or for some; null where it chose its own.';
COMMENT ON COLUMN suyo.model_version.created_at IS 'When it was made.';
CREATE INDEX model_version_portfolio ON suyo.model_version (portfolio, version_id);

-- What a version was trained on, stored once however many versions saw the same values.
CREATE TABLE suyo.training_series (
    content_hash text PRIMARY KEY,
    first_bucket timestamp NOT NULL,
    "values" float8[] NOT NULL,
    events_hash text REFERENCES suyo.training_knowledge
);
CREATE INDEX training_series_events ON suyo.training_series (events_hash) WHERE events_hash IS NOT NULL;
COMMENT ON TABLE suyo.training_series IS 'Training data by its content: what a version was made from.';
COMMENT ON COLUMN suyo.training_series.content_hash IS 'SHA-256 of key, first bucket and values.';
COMMENT ON COLUMN suyo.training_series.first_bucket IS 'Local start of the first bucket.';
COMMENT ON COLUMN suyo.training_series."values" IS 'Demand per bucket; NaN is missing.';
COMMENT ON COLUMN suyo.training_series.events_hash IS 'The events it knew: suyo.training_knowledge; null where it knew none.';

CREATE TABLE suyo.version_series (
    -- Its series are stored while the version is trained, and the version's own row last.
    version_id bigint NOT NULL REFERENCES suyo.model_version DEFERRABLE INITIALLY DEFERRED,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    content_hash text NOT NULL REFERENCES suyo.training_series,
    model text NOT NULL,
    demand_class text NOT NULL,
    parameter_names text[] NOT NULL,
    parameters float8[] NOT NULL,
    state float8[] NOT NULL,
    observations integer NOT NULL,
    log_likelihood float8,
    aicc float8,
    scored integer NOT NULL,
    absolute_actual float8,
    absolute_error float8,
    signed_error float8,
    mase float8,
    rmsse float8,
    pinball float8,
    coverage80 float8,
    coverage95 float8,
    naive_absolute_error float8,
    naive_mase float8,
    naive_pinball float8,
    candidates text[] NOT NULL,
    candidate_losses float8[] NOT NULL,
    step_errors float8[] NOT NULL,
    notes text[] NOT NULL DEFAULT '{}',
    holds boolean NOT NULL DEFAULT false,
    CHECK (cardinality(parameter_names) = cardinality(parameters)),
    CHECK (cardinality(candidates) = cardinality(candidate_losses))
);
COMMENT ON TABLE suyo.version_series IS 'The model of each series in a version.';
COMMENT ON COLUMN suyo.version_series.version_id IS 'The version.';
COMMENT ON COLUMN suyo.version_series.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.version_series.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN suyo.version_series.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN suyo.version_series.content_hash IS 'What it was trained on: suyo.training_series.';
COMMENT ON COLUMN suyo.version_series.model IS 'The model chosen, such as ETS(A,Ad,M).';
COMMENT ON COLUMN suyo.version_series.demand_class IS 'smooth, erratic, intermittent, lumpy or none.';
COMMENT ON COLUMN suyo.version_series.parameter_names IS 'Names of the parameters.';
COMMENT ON COLUMN suyo.version_series.parameters IS 'Their values.';
COMMENT ON COLUMN suyo.version_series.state IS 'End state in the order of the model: level, trend, then the seasons from the next bucket on; of a combination, that of each member after the other.';
COMMENT ON COLUMN suyo.version_series.observations IS 'Buckets that were not missing.';
COMMENT ON COLUMN suyo.version_series.log_likelihood IS 'Log-likelihood, constants dropped; null for models without one.';
COMMENT ON COLUMN suyo.version_series.aicc IS 'Corrected Akaike criterion; null for models without a likelihood.';
COMMENT ON COLUMN suyo.version_series.scored IS 'Points scored in the backtest; 0 where the series was too short for one.';
COMMENT ON COLUMN suyo.version_series.absolute_actual IS 'Sum of |actual| over the scored points.';
COMMENT ON COLUMN suyo.version_series.absolute_error IS 'Sum of |actual - forecast|.';
COMMENT ON COLUMN suyo.version_series.signed_error IS 'Sum of forecast - actual: positive is too much.';
COMMENT ON COLUMN suyo.version_series.mase IS 'Mean absolute scaled error.';
COMMENT ON COLUMN suyo.version_series.rmsse IS 'Root mean squared scaled error.';
COMMENT ON COLUMN suyo.version_series.pinball IS 'Sum of the pinball loss over points, mean over levels.';
COMMENT ON COLUMN suyo.version_series.coverage80 IS 'Share of points inside the central 80 % interval.';
COMMENT ON COLUMN suyo.version_series.coverage95 IS 'Share of points inside the central 95 % interval.';
COMMENT ON COLUMN suyo.version_series.naive_absolute_error IS 'Sum of |actual - seasonal naive| on the same points.';
COMMENT ON COLUMN suyo.version_series.naive_mase IS 'Mean absolute scaled error of the seasonal naive.';
COMMENT ON COLUMN suyo.version_series.naive_pinball IS 'Pinball loss of the seasonal naive.';
COMMENT ON COLUMN suyo.version_series.candidates IS 'The models that were tried, best first.';
COMMENT ON COLUMN suyo.version_series.candidate_losses IS 'Their losses in the backtest.';
COMMENT ON COLUMN suyo.version_series.step_errors IS 'Mean absolute scaled error at each step.';
COMMENT ON COLUMN suyo.version_series.notes IS 'What a person should know of this series.';
COMMENT ON COLUMN suyo.version_series.holds IS 'Whether it keeps the choice of model of the version held on to.';
CREATE UNIQUE INDEX version_series_key ON suyo.version_series
    (version_id, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')));
-- Training data that no version refers to any more is found by it.
CREATE INDEX version_series_content ON suyo.version_series USING hash (content_hash);

CREATE TABLE suyo.version_like_item (
    version_id bigint NOT NULL REFERENCES suyo.model_version DEFERRABLE INITIALLY DEFERRED,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    place integer NOT NULL,
    like_item_id text NOT NULL,
    factor float8 NOT NULL,
    content_hash text NOT NULL REFERENCES suyo.training_series,
    buckets_before integer NOT NULL
);
COMMENT ON TABLE suyo.version_like_item IS 'What the series of a version were forecast by that had next to no history of their own.';
COMMENT ON COLUMN suyo.version_like_item.version_id IS 'The version.';
COMMENT ON COLUMN suyo.version_like_item.item_id IS 'The new item.';
COMMENT ON COLUMN suyo.version_like_item.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN suyo.version_like_item.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN suyo.version_like_item.place IS 'Order of those it is like, from 1.';
COMMENT ON COLUMN suyo.version_like_item.like_item_id IS 'One that it is like, at the same site and for the same customer.';
COMMENT ON COLUMN suyo.version_like_item.factor IS 'How much it was expected to sell for each unit of that one.';
COMMENT ON COLUMN suyo.version_like_item.content_hash IS 'That one''s history: suyo.training_series.';
COMMENT ON COLUMN suyo.version_like_item.buckets_before IS 'Buckets from the first one forecast to the first in which the new item could be ordered.';
CREATE UNIQUE INDEX version_like_item_key ON suyo.version_like_item
    (version_id, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')), place);
CREATE INDEX version_like_item_content ON suyo.version_like_item USING hash (content_hash);

CREATE TABLE suyo.champion (
    portfolio text PRIMARY KEY,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    promoted_at timestamptz NOT NULL
);
COMMENT ON TABLE suyo.champion IS 'The version in use, per portfolio.';
COMMENT ON COLUMN suyo.champion.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.champion.version_id IS 'Its champion.';
COMMENT ON COLUMN suyo.champion.promoted_at IS 'Since when.';

CREATE TABLE suyo.promotion_log (
    promotion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    previous_version_id bigint REFERENCES suyo.model_version,
    action text NOT NULL CHECK (action IN ('promote', 'rollback')),
    reason text NOT NULL,
    run_id bigint REFERENCES suyo.run,
    is_automatic boolean NOT NULL DEFAULT false,
    actor text NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE suyo.promotion_log IS 'Which version was champion when, and why. Append-only.';
COMMENT ON COLUMN suyo.promotion_log.promotion_id IS 'Order of the entries.';
COMMENT ON COLUMN suyo.promotion_log.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.promotion_log.version_id IS 'The version that became champion.';
COMMENT ON COLUMN suyo.promotion_log.previous_version_id IS 'The champion before it.';
COMMENT ON COLUMN suyo.promotion_log.action IS 'promote or rollback.';
COMMENT ON COLUMN suyo.promotion_log.reason IS 'Why.';
COMMENT ON COLUMN suyo.promotion_log.run_id IS 'The run that did it; null where a person did.';
COMMENT ON COLUMN suyo.promotion_log.is_automatic IS 'Whether a rollback came about by itself, for errors that matured.';
COMMENT ON COLUMN suyo.promotion_log.actor IS 'Database role that did it.';
COMMENT ON COLUMN suyo.promotion_log.at IS 'When.';

CREATE FUNCTION suyo.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    BEGIN
        RAISE EXCEPTION '%.% is append-only: add a new row instead of changing an old one', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END
    $$;
COMMENT ON FUNCTION suyo.refuse_change() IS 'Refuses to change or delete rows of an append-only table.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suyo.promotion_log
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON suyo.model_version
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON suyo.version_series
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON suyo.version_like_item
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON suyo.training_series
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON suyo.training_knowledge
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
