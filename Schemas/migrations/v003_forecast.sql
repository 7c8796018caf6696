-- What goes out: published forecasts, and the surface WMS, ERP and planners read.
CREATE SCHEMA forecast;
COMMENT ON SCHEMA forecast IS 'What goes out: published forecasts for WMS, ERP and planners.';

CREATE TABLE forecast.publication (
    publication_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    run_id bigint REFERENCES suyo.run,
    frequency text NOT NULL,
    bucket_length interval NOT NULL,
    data_through date NOT NULL,
    status text NOT NULL CHECK (status IN ('champion', 'fallback', 'stale', 'challenger')),
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- A version rolled back to, or the last one where tonight's is late, is published again without copying its rows.
    forecasts_of bigint REFERENCES forecast.publication
);
COMMENT ON TABLE forecast.publication IS 'Each time a portfolio''s forecasts were made current. Nothing published is ever overwritten.';
COMMENT ON COLUMN forecast.publication.publication_id IS 'Number of the publication.';
COMMENT ON COLUMN forecast.publication.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.publication.version_id IS 'The model version that made it.';
COMMENT ON COLUMN forecast.publication.run_id IS 'The run that made it.';
COMMENT ON COLUMN forecast.publication.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN forecast.publication.bucket_length IS 'The same as an interval.';
COMMENT ON COLUMN forecast.publication.data_through IS 'Last local day of complete data it knew.';
COMMENT ON COLUMN forecast.publication.status IS 'champion, fallback or stale; challenger where the gate refused its version, so that it never was current.';
COMMENT ON COLUMN forecast.publication.issued_at IS 'When it became current.';
COMMENT ON COLUMN forecast.publication.forecasts_of IS 'The earlier publication whose forecasts it shows once more; null where it has its own.';
CREATE INDEX publication_portfolio ON forecast.publication (portfolio, issued_at);
-- However often a run is attempted, it publishes once.
CREATE UNIQUE INDEX publication_run ON forecast.publication (run_id);

CREATE TABLE forecast.series_forecast (
    -- Stored while the version is trained; the publication's own row comes last.
    publication_id bigint NOT NULL REFERENCES forecast.publication DEFERRABLE INITIALLY DEFERRED,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    first_bucket timestamp NOT NULL,
    model text NOT NULL,
    mean float8[] NOT NULL,
    quantiles float8[] NOT NULL,
    cumulative_quantiles float8[],
    components text[] NOT NULL,
    component_values float8[] NOT NULL,
    CHECK (cardinality(mean) > 0 AND cardinality(quantiles) = 8 * cardinality(mean)),
    CHECK (cardinality(cumulative_quantiles) = cardinality(quantiles)),
    CHECK (cardinality(component_values) = cardinality(components) * cardinality(mean))
);
COMMENT ON TABLE forecast.series_forecast IS 'One series'' published forecast, its steps as arrays.';
COMMENT ON COLUMN forecast.series_forecast.publication_id IS 'The publication.';
COMMENT ON COLUMN forecast.series_forecast.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.series_forecast.site_id IS 'Where.';
COMMENT ON COLUMN forecast.series_forecast.customer_id IS 'For whom.';
COMMENT ON COLUMN forecast.series_forecast.first_bucket IS 'Local start of step 1.';
COMMENT ON COLUMN forecast.series_forecast.model IS 'The model that made it.';
COMMENT ON COLUMN forecast.series_forecast.mean IS 'Mean demand per step.';
COMMENT ON COLUMN forecast.series_forecast.quantiles IS 'Eight quantiles per step: 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99.';
COMMENT ON COLUMN forecast.series_forecast.cumulative_quantiles IS 'The same eight quantiles of the demand of steps 1 to k together, for each k: what a lead time uses up.';
COMMENT ON COLUMN forecast.series_forecast.components IS 'Names of the components of the mean.';
COMMENT ON COLUMN forecast.series_forecast.component_values IS 'Their values, all steps of the first component, then of the next; per step they add up to the mean.';
CREATE UNIQUE INDEX series_forecast_key ON forecast.series_forecast
    (publication_id, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')));

CREATE TABLE forecast.current_publication (
    portfolio text PRIMARY KEY,
    publication_id bigint NOT NULL REFERENCES forecast.publication
);
COMMENT ON TABLE forecast.current_publication IS 'Which publication is current, per portfolio; one row is flipped to publish.';
COMMENT ON COLUMN forecast.current_publication.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.current_publication.publication_id IS 'Its current publication.';

CREATE TABLE forecast.outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    portfolio text NOT NULL,
    publication_id bigint REFERENCES forecast.publication,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE forecast.outbox IS 'Events for other systems, written in the transaction that made them true.';
COMMENT ON COLUMN forecast.outbox.outbox_id IS 'Order of the events.';
COMMENT ON COLUMN forecast.outbox.topic IS 'What happened, such as forecast_published.';
COMMENT ON COLUMN forecast.outbox.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.outbox.publication_id IS 'The publication.';
COMMENT ON COLUMN forecast.outbox.payload IS 'Details.';
COMMENT ON COLUMN forecast.outbox.created_at IS 'When.';

CREATE TABLE forecast.override (
    override_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id text,
    site_id text,
    customer_id text,
    category text,
    portfolio text,
    from_date date NOT NULL,
    to_date date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('absolute', 'delta', 'percent')),
    value float8 NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\S'),
    locked boolean NOT NULL,
    actor text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    CHECK (to_date >= from_date)
);
COMMENT ON TABLE forecast.override IS 'What people changed in the forecasts, and why. Append-only: forecast.withdraw takes one back.';
COMMENT ON COLUMN forecast.override.override_id IS 'Number of the override; where two meet, the later one counts.';
COMMENT ON COLUMN forecast.override.item_id IS 'Which item; null is all of them.';
COMMENT ON COLUMN forecast.override.site_id IS 'Where; null is everywhere.';
COMMENT ON COLUMN forecast.override.customer_id IS 'For whom; null is for all.';
COMMENT ON COLUMN forecast.override.category IS 'Which category of items; null is all of them.';
COMMENT ON COLUMN forecast.override.portfolio IS 'Of which job; null is all of them.';
COMMENT ON COLUMN forecast.override.from_date IS 'First day a changed bucket begins on.';
COMMENT ON COLUMN forecast.override.to_date IS 'Last day a changed bucket begins on.';
COMMENT ON COLUMN forecast.override.kind IS 'absolute: the total of all buckets and series meant; delta: what is added to it; percent: by how much it changes.';
COMMENT ON COLUMN forecast.override.value IS 'By how much.';
COMMENT ON COLUMN forecast.override.reason IS 'Why.';
COMMENT ON COLUMN forecast.override.locked IS 'Whether others are refused on these buckets until it expires or is withdrawn.';
COMMENT ON COLUMN forecast.override.actor IS 'Database role that did it.';
COMMENT ON COLUMN forecast.override.created_at IS 'Since when it counts.';
COMMENT ON COLUMN forecast.override.expires_at IS 'Until when it counts; null is until it is withdrawn.';

CREATE TABLE forecast.override_cell (
    override_id bigint NOT NULL REFERENCES forecast.override,
    portfolio text NOT NULL,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    bucket_start timestamp NOT NULL,
    factor float8 NOT NULL,
    addend float8 NOT NULL
);
COMMENT ON TABLE forecast.override_cell IS 'An override split over series and buckets: final is factor times mean plus addend, never below 0, whatever is retrained later.';
COMMENT ON COLUMN forecast.override_cell.override_id IS 'The override.';
COMMENT ON COLUMN forecast.override_cell.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.override_cell.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.override_cell.site_id IS 'Where.';
COMMENT ON COLUMN forecast.override_cell.customer_id IS 'For whom.';
COMMENT ON COLUMN forecast.override_cell.bucket_start IS 'Start of the bucket, in the site''s local time.';
COMMENT ON COLUMN forecast.override_cell.factor IS 'What the mean is multiplied by: 0 where the figure replaces it.';
COMMENT ON COLUMN forecast.override_cell.addend IS 'What is added then.';
CREATE UNIQUE INDEX override_cell_key ON forecast.override_cell
    (item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')), portfolio, bucket_start, override_id);

CREATE TABLE forecast.override_withdrawal (
    override_id bigint PRIMARY KEY REFERENCES forecast.override,
    reason text NOT NULL CHECK (reason ~ '\S'),
    actor text NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE forecast.override_withdrawal IS 'Overrides that were taken back. Append-only.';
COMMENT ON COLUMN forecast.override_withdrawal.override_id IS 'The override.';
COMMENT ON COLUMN forecast.override_withdrawal.reason IS 'Why.';
COMMENT ON COLUMN forecast.override_withdrawal.actor IS 'Database role that did it.';
COMMENT ON COLUMN forecast.override_withdrawal.at IS 'Since when it counts no more.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON forecast.override
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON forecast.override_cell
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON forecast.override_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();

-- Who sees which sites. Everybody sees all of them, until a role is restricted.
CREATE TABLE forecast.reader_site (
    role_name text NOT NULL,
    site_id text NOT NULL,
    set_by text NOT NULL DEFAULT session_user,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (role_name, site_id)
);
COMMENT ON TABLE forecast.reader_site IS
    'Roles that see, override and plan only some sites; their members see what any of their roles does. Change it with forecast.restrict_reader.';
COMMENT ON COLUMN forecast.reader_site.role_name IS 'The role: a login, or a group that logins are members of.';
COMMENT ON COLUMN forecast.reader_site.site_id IS 'A site that it sees.';
COMMENT ON COLUMN forecast.reader_site.set_by IS 'Who said so.';
COMMENT ON COLUMN forecast.reader_site.set_at IS 'When.';

CREATE FUNCTION forecast.readable_sites(reader text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM forecast.reader_site) THEN RETURN NULL; END IF;
        RETURN (
            WITH RECURSIVE role AS (
                SELECT r.oid, r.rolname FROM pg_catalog.pg_roles AS r WHERE r.rolname = readable_sites.reader
                UNION
                SELECT g.oid, g.rolname FROM role
                JOIN pg_catalog.pg_auth_members AS m ON m.member = role.oid
                JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid)
            SELECT pg_catalog.array_agg(DISTINCT s.site_id)
            FROM role JOIN forecast.reader_site AS s ON s.role_name = role.rolname);
    END
    $$;
COMMENT ON FUNCTION forecast.readable_sites(text) IS
    'The sites that a role sees: those of all roles it is a member of that are restricted; null, which is all, where none is.';

CREATE FUNCTION forecast.caller() RETURNS text
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
    SELECT coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user)
    $$;
COMMENT ON FUNCTION forecast.caller() IS
    'Who calls, also from within a function that runs with its owner''s rights: the role that was set, else the login.';

CREATE FUNCTION forecast.restrict_reader(role_name text, sites text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        unknown text;
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = restrict_reader.role_name) THEN
            RAISE EXCEPTION 'there is no role %: create it first, as a member of suyo_reader or suyo_planner',
                pg_catalog.quote_nullable(restrict_reader.role_name) USING ERRCODE = 'undefined_object';
        END IF;
        IF cardinality(restrict_reader.sites) = 0 THEN
            RAISE EXCEPTION 'no sites: name those that % may see, or null for all',
                pg_catalog.quote_ident(restrict_reader.role_name) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT given.site_id INTO unknown FROM pg_catalog.unnest(restrict_reader.sites) AS given (site_id)
        WHERE NOT EXISTS (SELECT FROM demand.site AS s WHERE s.site_id = given.site_id)
        ORDER BY 1 NULLS FIRST LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'there is no site %; there are such as %', pg_catalog.quote_nullable(unknown),
                coalesce((SELECT pg_catalog.string_agg(near.site_id, ', ') FROM (
                    SELECT s.site_id FROM demand.site AS s ORDER BY 1 LIMIT 5) AS near), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;
        DELETE FROM forecast.reader_site AS r WHERE r.role_name = restrict_reader.role_name;
        INSERT INTO forecast.reader_site (role_name, site_id)
        SELECT DISTINCT restrict_reader.role_name, given.site_id
        FROM pg_catalog.unnest(restrict_reader.sites) AS given (site_id);
    END
    $$;
COMMENT ON FUNCTION forecast.restrict_reader(text, text[]) IS
    'Lets a role and its members see, override and plan these sites only; null lifts that. Forecasts of an item over all sites are not shown to them.';

CREATE FUNCTION forecast.refuse_other_site(site text) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        sites text[] := forecast.readable_sites(forecast.caller());
    BEGIN
        IF sites IS NOT NULL AND NOT coalesce(refuse_other_site.site = ANY (sites), false) THEN
            RAISE EXCEPTION 'this concerns %, and % plans % only',
                coalesce('site ' || pg_catalog.quote_literal(refuse_other_site.site), 'all sites'), forecast.caller(),
                pg_catalog.array_to_string(sites, ', ') USING ERRCODE = 'insufficient_privilege';
        END IF;
    END
    $$;
COMMENT ON FUNCTION forecast.refuse_other_site(text) IS
    'Refuses a caller who is restricted to other sites than this one; null is all sites.';

CREATE VIEW forecast.current_series AS
    SELECT p.publication_id, p.portfolio, p.frequency, p.bucket_length, p.version_id, p.issued_at, p.data_through, p.status,
        s.item_id, s.site_id, s.customer_id, s.first_bucket, s.model, s.mean, s.quantiles, s.cumulative_quantiles,
        s.components, s.component_values
    FROM forecast.current_publication AS c
    JOIN forecast.publication AS p USING (publication_id)
    JOIN forecast.series_forecast AS s ON s.publication_id = coalesce(p.forecasts_of, p.publication_id);
COMMENT ON VIEW forecast.current_series IS 'What forecast.current shows, one row for each series, its steps as arrays.';
COMMENT ON COLUMN forecast.current_series.publication_id IS 'The publication.';
COMMENT ON COLUMN forecast.current_series.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.current_series.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN forecast.current_series.bucket_length IS 'The same as an interval.';
COMMENT ON COLUMN forecast.current_series.version_id IS 'The model version that made it.';
COMMENT ON COLUMN forecast.current_series.issued_at IS 'When it became current.';
COMMENT ON COLUMN forecast.current_series.data_through IS 'Last local day of complete data it knew.';
COMMENT ON COLUMN forecast.current_series.status IS 'champion, fallback or stale.';
COMMENT ON COLUMN forecast.current_series.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.current_series.site_id IS 'Where.';
COMMENT ON COLUMN forecast.current_series.customer_id IS 'For whom.';
COMMENT ON COLUMN forecast.current_series.first_bucket IS 'Local start of step 1.';
COMMENT ON COLUMN forecast.current_series.model IS 'The model that made it.';
COMMENT ON COLUMN forecast.current_series.mean IS 'Mean demand per step.';
COMMENT ON COLUMN forecast.current_series.quantiles IS 'Eight quantiles per step.';
COMMENT ON COLUMN forecast.current_series.cumulative_quantiles IS 'Eight quantiles of the demand of steps 1 to k together, for each k.';
COMMENT ON COLUMN forecast.current_series.components IS 'Names of the components of the mean.';
COMMENT ON COLUMN forecast.current_series.component_values IS 'Their values, all steps of one component, then of the next.';

-- A restricted planner sees what was changed at the own sites and everywhere, not at others.
ALTER TABLE forecast.override ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sites ON forecast.override USING (site_id IS NULL
    OR (SELECT forecast.readable_sites(current_user)) IS NULL
    OR site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]));
ALTER TABLE forecast.override_cell ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sites ON forecast.override_cell USING ((SELECT forecast.readable_sites(current_user)) IS NULL
    OR site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]));
ALTER TABLE forecast.override_withdrawal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sites ON forecast.override_withdrawal
    USING (EXISTS (SELECT FROM forecast.override AS o WHERE o.override_id = override_withdrawal.override_id));

CREATE VIEW forecast.override_validity AS
    SELECT cell.override_id, cell.portfolio, cell.item_id, cell.site_id, cell.customer_id, cell.bucket_start, cell.factor,
        cell.addend, o.created_at AS valid_from, coalesce(least(o.expires_at, w.at), 'infinity') AS valid_until, o.locked
    FROM forecast.override_cell AS cell
    JOIN forecast.override AS o USING (override_id)
    LEFT JOIN forecast.override_withdrawal AS w USING (override_id);
COMMENT ON VIEW forecast.override_validity IS 'Each override''s cells and the time in which they count: until it expires or is withdrawn.';
COMMENT ON COLUMN forecast.override_validity.override_id IS 'The override; of those valid at once the latest counts.';
COMMENT ON COLUMN forecast.override_validity.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.override_validity.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.override_validity.site_id IS 'Where.';
COMMENT ON COLUMN forecast.override_validity.customer_id IS 'For whom.';
COMMENT ON COLUMN forecast.override_validity.bucket_start IS 'Start of the bucket, in the site''s local time.';
COMMENT ON COLUMN forecast.override_validity.factor IS 'What the mean is multiplied by.';
COMMENT ON COLUMN forecast.override_validity.addend IS 'What is added then.';
COMMENT ON COLUMN forecast.override_validity.valid_from IS 'Since when it counts.';
COMMENT ON COLUMN forecast.override_validity.valid_until IS 'From when on it does not.';
COMMENT ON COLUMN forecast.override_validity.locked IS 'Whether others are refused meanwhile.';

-- A barrier, lest a function that somebody filters by is shown other sites' rows. What it compares is still looked up.
CREATE VIEW forecast.current_step WITH (security_barrier) AS
    SELECT s.publication_id, s.portfolio, s.item_id, s.site_id, s.customer_id, s.frequency,
        s.first_bucket + (m.step - 1) * s.bucket_length AS bucket_start,
        s.first_bucket + m.step * s.bucket_length AS bucket_end,
        m.step::integer AS step, m.mean,
        plain.quantiles[8 * m.step - 7] AS p05, plain.quantiles[8 * m.step - 6] AS p10,
        plain.quantiles[8 * m.step - 5] AS p25, plain.quantiles[8 * m.step - 4] AS p50,
        plain.quantiles[8 * m.step - 3] AS p75, plain.quantiles[8 * m.step - 2] AS p90,
        plain.quantiles[8 * m.step - 1] AS p95, plain.quantiles[8 * m.step] AS p99,
        greatest(0, coalesce(changed.factors[found.place], 1) * m.mean
            + coalesce(changed.addends[found.place], 0)) AS final,
        changed.ids[found.place] AS override_id,
        s.model, s.version_id, s.issued_at, s.data_through, s.status
    FROM forecast.current_series AS s
    -- Decompressed once for a series, where each subscript of each step would do it again: three times as fast.
    CROSS JOIN LATERAL (SELECT s.quantiles[1:] AS quantiles OFFSET 0) AS plain
    -- Of the overrides of a bucket that are valid then, the latest; looked up once for a series.
    LEFT JOIN LATERAL (
        SELECT pg_catalog.array_agg(latest.bucket_start) AS buckets, pg_catalog.array_agg(latest.factor) AS factors,
            pg_catalog.array_agg(latest.addend) AS addends, pg_catalog.array_agg(latest.override_id) AS ids
        FROM (
            SELECT DISTINCT ON (o.bucket_start) o.bucket_start, o.factor, o.addend, o.override_id
            FROM forecast.override_validity AS o
            WHERE o.item_id = s.item_id AND coalesce(o.site_id, '') = coalesce(s.site_id, '')
                AND coalesce(o.customer_id, '') = coalesce(s.customer_id, '') AND o.portfolio = s.portfolio
                AND o.bucket_start >= s.first_bucket AND o.valid_from <= now() AND now() < o.valid_until
            ORDER BY o.bucket_start, o.override_id DESC) AS latest) AS changed ON true
    CROSS JOIN LATERAL unnest(s.mean) WITH ORDINALITY AS m (mean, step)
    CROSS JOIN LATERAL (SELECT pg_catalog.array_position(changed.buckets,
        s.first_bucket + (m.step - 1) * s.bucket_length) AS place) AS found
    WHERE (SELECT forecast.readable_sites(current_user)) IS NULL
        OR s.site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]);
COMMENT ON VIEW forecast.current_step IS 'What forecast.current shows, with publication and portfolio.';
COMMENT ON COLUMN forecast.current_step.publication_id IS 'The publication: which of them is current changes with every retrain.';
COMMENT ON COLUMN forecast.current_step.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.current_step.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.current_step.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN forecast.current_step.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN forecast.current_step.frequency IS 'hourly, daily, weekly, monthly, quarterly or yearly.';
COMMENT ON COLUMN forecast.current_step.bucket_start IS 'Start of the bucket, in the site''s local time.';
COMMENT ON COLUMN forecast.current_step.bucket_end IS 'End of the bucket, not included.';
COMMENT ON COLUMN forecast.current_step.step IS 'Buckets after the last one known: 1 is the next.';
COMMENT ON COLUMN forecast.current_step.mean IS 'Expected demand in base units.';
COMMENT ON COLUMN forecast.current_step.p05 IS 'Demand is at or below this with probability 0.05.';
COMMENT ON COLUMN forecast.current_step.p10 IS 'Demand is at or below this with probability 0.10.';
COMMENT ON COLUMN forecast.current_step.p25 IS 'Demand is at or below this with probability 0.25.';
COMMENT ON COLUMN forecast.current_step.p50 IS 'Median demand.';
COMMENT ON COLUMN forecast.current_step.p75 IS 'Demand is at or below this with probability 0.75.';
COMMENT ON COLUMN forecast.current_step.p90 IS 'Demand is at or below this with probability 0.90.';
COMMENT ON COLUMN forecast.current_step.p95 IS 'Demand is at or below this with probability 0.95.';
COMMENT ON COLUMN forecast.current_step.p99 IS 'Demand is at or below this with probability 0.99.';
COMMENT ON COLUMN forecast.current_step.final IS 'The override if one is valid, else the mean: the figure to use.';
COMMENT ON COLUMN forecast.current_step.override_id IS 'The override that made final; null where there is none.';
COMMENT ON COLUMN forecast.current_step.model IS 'The model that made it.';
COMMENT ON COLUMN forecast.current_step.version_id IS 'The model version: suyo models show.';
COMMENT ON COLUMN forecast.current_step.issued_at IS 'When it became current.';
COMMENT ON COLUMN forecast.current_step.data_through IS 'Last local day of complete data it knew.';
COMMENT ON COLUMN forecast.current_step.status IS 'champion, fallback or stale.';

CREATE VIEW forecast.current AS
    SELECT s.item_id, s.site_id, s.customer_id, s.frequency, s.bucket_start, s.bucket_end, s.step, s.mean, s.p05, s.p10,
        s.p25, s.p50, s.p75, s.p90, s.p95, s.p99, s.final, s.override_id, s.model, s.version_id, s.issued_at,
        s.data_through, s.status
    FROM forecast.current_step AS s;
COMMENT ON VIEW forecast.current IS
    'The current forecast of every series and bucket. Where two jobs cover the same item, both have rows: tell them apart by frequency, by site_id and customer_id (null where the grain leaves them out), else by version_id; never add them up.';
COMMENT ON COLUMN forecast.current.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.current.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN forecast.current.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN forecast.current.frequency IS 'hourly, daily, weekly, monthly, quarterly or yearly.';
COMMENT ON COLUMN forecast.current.bucket_start IS 'Start of the bucket, in the site''s local time.';
COMMENT ON COLUMN forecast.current.bucket_end IS 'End of the bucket, not included.';
COMMENT ON COLUMN forecast.current.step IS 'Buckets after the last one known: 1 is the next.';
COMMENT ON COLUMN forecast.current.mean IS 'Expected demand in base units.';
COMMENT ON COLUMN forecast.current.p05 IS 'Demand is at or below this with probability 0.05.';
COMMENT ON COLUMN forecast.current.p10 IS 'Demand is at or below this with probability 0.10.';
COMMENT ON COLUMN forecast.current.p25 IS 'Demand is at or below this with probability 0.25.';
COMMENT ON COLUMN forecast.current.p50 IS 'Median demand.';
COMMENT ON COLUMN forecast.current.p75 IS 'Demand is at or below this with probability 0.75.';
COMMENT ON COLUMN forecast.current.p90 IS 'Demand is at or below this with probability 0.90.';
COMMENT ON COLUMN forecast.current.p95 IS 'Demand is at or below this with probability 0.95.';
COMMENT ON COLUMN forecast.current.p99 IS 'Demand is at or below this with probability 0.99.';
COMMENT ON COLUMN forecast.current.final IS 'The override if one is valid, else the mean: the figure to use.';
COMMENT ON COLUMN forecast.current.override_id IS 'The override that made final; null where there is none.';
COMMENT ON COLUMN forecast.current.model IS 'The model that made it.';
COMMENT ON COLUMN forecast.current.version_id IS 'The model version: suyo models show.';
COMMENT ON COLUMN forecast.current.issued_at IS 'When it became current.';
COMMENT ON COLUMN forecast.current.data_through IS 'Last local day of complete data it knew.';
COMMENT ON COLUMN forecast.current.status IS 'champion, fallback or stale.';

CREATE VIEW forecast.planning_schedule AS
    SELECT s.publication_id AS schedule_id, s.portfolio,
        pg_catalog.to_char(s.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS issued_at,
        s.item_id, s.site_id AS ship_to, s.customer_id, 'D' AS forecast_qualifier,
        CASE s.frequency WHEN 'hourly' THEN 'H' WHEN 'daily' THEN 'D' WHEN 'weekly' THEN 'W' WHEN 'monthly' THEN 'M'
            WHEN 'quarterly' THEN 'Q' ELSE 'Y' END AS timing_qualifier,
        pg_catalog.to_char(s.bucket_start, 'YYYY-MM-DD"T"HH24:MI') AS period_start,
        pg_catalog.to_char(s.bucket_end, 'YYYY-MM-DD"T"HH24:MI') AS period_end,
        pg_catalog.round(s.final::numeric, 3) AS quantity,
        pg_catalog.round(pg_catalog.sum(s.final) OVER (
            PARTITION BY s.publication_id, s.item_id, s.site_id, s.customer_id ORDER BY s.step)::numeric, 3)
            AS cumulative_quantity
    FROM forecast.current_step AS s;
COMMENT ON VIEW forecast.planning_schedule IS
    'The current forecast as a planning schedule in the manner of EDI 830: whole schedules, each replacing the one before it.';
COMMENT ON COLUMN forecast.planning_schedule.schedule_id IS 'Number of the schedule: the publication.';
COMMENT ON COLUMN forecast.planning_schedule.portfolio IS 'The portfolio.';
COMMENT ON COLUMN forecast.planning_schedule.issued_at IS 'When it became current, in UTC.';
COMMENT ON COLUMN forecast.planning_schedule.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.planning_schedule.ship_to IS 'The site it is wanted at; null where the grain is the item alone.';
COMMENT ON COLUMN forecast.planning_schedule.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN forecast.planning_schedule.forecast_qualifier IS 'D, planning: no commitment to buy.';
COMMENT ON COLUMN forecast.planning_schedule.timing_qualifier IS 'Length of the period: H, D, W, M, Q or Y.';
COMMENT ON COLUMN forecast.planning_schedule.period_start IS 'Start of the period, in the site''s local time.';
COMMENT ON COLUMN forecast.planning_schedule.period_end IS 'End of the period, not included.';
COMMENT ON COLUMN forecast.planning_schedule.quantity IS 'Base units: the forecast with overrides.';
COMMENT ON COLUMN forecast.planning_schedule.cumulative_quantity IS 'The same from the start of the schedule on.';

CREATE TABLE forecast.total_forecast (
    publication_id bigint NOT NULL REFERENCES forecast.publication,
    level text NOT NULL CHECK (level IN ('company', 'site', 'category', 'site_category')),
    site_id text,
    category text,
    series integer NOT NULL,
    first_bucket timestamp NOT NULL,
    quantiles float8[] NOT NULL,
    cumulative_quantiles float8[] NOT NULL
);
COMMENT ON TABLE forecast.total_forecast IS 'How sure the totals of a publication are, one row for each, its steps as an array.';
COMMENT ON COLUMN forecast.total_forecast.publication_id IS 'The publication.';
COMMENT ON COLUMN forecast.total_forecast.level IS 'company, site, category or site_category.';
COMMENT ON COLUMN forecast.total_forecast.site_id IS 'Where, on the levels site and site_category.';
COMMENT ON COLUMN forecast.total_forecast.category IS 'Which category, on the levels category and site_category; null is items without one.';
COMMENT ON COLUMN forecast.total_forecast.series IS 'How many series it adds up.';
COMMENT ON COLUMN forecast.total_forecast.first_bucket IS 'Local start of step 1.';
COMMENT ON COLUMN forecast.total_forecast.quantiles IS 'Quantiles 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99 of step 1, then of step 2, and so on.';
COMMENT ON COLUMN forecast.total_forecast.cumulative_quantiles IS 'The same of the demand of step 1, then of steps 1 and 2 together, and so on.';
CREATE UNIQUE INDEX total_forecast_key ON forecast.total_forecast
    (publication_id, level, (coalesce(site_id, '')), (coalesce(category, '')), (category IS NULL));

CREATE VIEW forecast.total WITH (security_barrier) AS
    WITH step AS (
        SELECT s.portfolio, s.item_id, s.site_id, s.customer_id, i.category, s.frequency, s.bucket_start, s.bucket_end,
            s.mean, s.final
        FROM forecast.current_step AS s
        LEFT JOIN demand.item AS i ON i.item_id = s.item_id),
    added AS (
        SELECT portfolio, 'company' AS level, NULL::text AS item_id, NULL::text AS site_id, NULL::text AS category, NULL::text AS customer_id, frequency, bucket_start,
            bucket_end, pg_catalog.count(*) AS series, pg_catalog.sum(mean) AS mean, pg_catalog.sum(final) AS final
        FROM step GROUP BY portfolio, frequency, bucket_start, bucket_end
        UNION ALL
        SELECT portfolio, 'site', NULL, site_id, NULL, NULL, frequency, bucket_start, bucket_end,
            pg_catalog.count(*), pg_catalog.sum(mean), pg_catalog.sum(final)
        FROM step WHERE site_id IS NOT NULL GROUP BY portfolio, site_id, frequency, bucket_start, bucket_end
        UNION ALL
        SELECT portfolio, 'category', NULL, NULL, category, NULL, frequency, bucket_start, bucket_end,
            pg_catalog.count(*), pg_catalog.sum(mean), pg_catalog.sum(final)
        FROM step GROUP BY portfolio, category, frequency, bucket_start, bucket_end
        UNION ALL
        SELECT portfolio, 'site_category', NULL, site_id, category, NULL, frequency, bucket_start, bucket_end,
            pg_catalog.count(*), pg_catalog.sum(mean), pg_catalog.sum(final)
        FROM step WHERE site_id IS NOT NULL GROUP BY portfolio, site_id, category, frequency, bucket_start, bucket_end
        UNION ALL
        SELECT portfolio, 'item', item_id, NULL, NULL, NULL, frequency, bucket_start, bucket_end,
            pg_catalog.count(*), pg_catalog.sum(mean), pg_catalog.sum(final)
        FROM step GROUP BY portfolio, item_id, frequency, bucket_start, bucket_end
        UNION ALL
        SELECT portfolio, 'customer', NULL, NULL, NULL, customer_id, frequency, bucket_start, bucket_end,
            pg_catalog.count(*), pg_catalog.sum(mean), pg_catalog.sum(final)
        FROM step WHERE customer_id IS NOT NULL GROUP BY portfolio, customer_id, frequency, bucket_start, bucket_end),
    sure AS (
        SELECT p.portfolio, t.level, t.site_id, t.category,
            t.first_bucket + (step - 1) * p.bucket_length AS bucket_start, plain.quantiles, plain.cumulative, step
        FROM forecast.current_publication AS c
        JOIN forecast.publication AS p USING (publication_id)
        JOIN forecast.total_forecast AS t ON t.publication_id = coalesce(p.forecasts_of, p.publication_id)
        CROSS JOIN LATERAL (
            SELECT t.quantiles[1:] AS quantiles, t.cumulative_quantiles[1:] AS cumulative OFFSET 0) AS plain
        CROSS JOIN LATERAL pg_catalog.generate_series(1, cardinality(plain.quantiles) / 8) AS step
        -- Who sees some sites only sees their totals, and of all sites no more than theirs come to.
        WHERE t.level IN ('site', 'site_category') OR (SELECT forecast.readable_sites(current_user)) IS NULL)
    SELECT a.portfolio, a.level, a.item_id, a.site_id, a.category, a.customer_id, a.frequency, a.bucket_start, a.bucket_end,
        a.series, a.mean, a.final,
        q.quantiles[8 * q.step - 7] AS p05, q.quantiles[8 * q.step - 6] AS p10, q.quantiles[8 * q.step - 5] AS p25,
        q.quantiles[8 * q.step - 4] AS p50, q.quantiles[8 * q.step - 3] AS p75, q.quantiles[8 * q.step - 2] AS p90,
        q.quantiles[8 * q.step - 1] AS p95, q.quantiles[8 * q.step] AS p99,
        q.cumulative[8 * q.step - 6] AS cumulative_p10, q.cumulative[8 * q.step - 2] AS cumulative_p90
    FROM added AS a
    LEFT JOIN sure AS q ON q.portfolio = a.portfolio AND q.level = a.level AND q.bucket_start = a.bucket_start
        AND coalesce(q.site_id, '') = coalesce(a.site_id, '') AND coalesce(q.category, '') = coalesce(a.category, '')
        AND (q.category IS NULL) = (a.category IS NULL);
COMMENT ON VIEW forecast.total IS
    'The current forecast added up: one row for each bucket of the company, of each site, category, category at a site, item and customer. The levels of a portfolio add up to each other, overrides included; portfolios cover the same demand and are never added up. Quantiles do not add up: those of company, site, category and site_category are measured on sums of the items'' errors, around the mean without overrides.';
COMMENT ON COLUMN forecast.total.portfolio IS 'The portfolio: the job that made the forecasts.';
COMMENT ON COLUMN forecast.total.level IS 'company, site, category, site_category, item or customer.';
COMMENT ON COLUMN forecast.total.item_id IS 'Which item, on that level.';
COMMENT ON COLUMN forecast.total.site_id IS 'Where, on the levels site and site_category.';
COMMENT ON COLUMN forecast.total.category IS 'Which category, on the levels category and site_category; null is items without one.';
COMMENT ON COLUMN forecast.total.customer_id IS 'For whom, on that level.';
COMMENT ON COLUMN forecast.total.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN forecast.total.bucket_start IS 'Start of the bucket, in each site''s local time.';
COMMENT ON COLUMN forecast.total.bucket_end IS 'End of the bucket, not included.';
COMMENT ON COLUMN forecast.total.series IS 'How many series it adds up.';
COMMENT ON COLUMN forecast.total.mean IS 'Expected demand in base units, added up whatever the items'' units are.';
COMMENT ON COLUMN forecast.total.final IS 'The same with overrides: the figure to use.';
COMMENT ON COLUMN forecast.total.p05 IS 'Demand in base units is at or below this with probability 0.05; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p10 IS 'Demand in base units is at or below this with probability 0.10; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p25 IS 'Demand in base units is at or below this with probability 0.25; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p50 IS 'Demand in base units is at or below this with probability 0.50; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p75 IS 'Demand in base units is at or below this with probability 0.75; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p90 IS 'Demand in base units is at or below this with probability 0.90; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p95 IS 'Demand in base units is at or below this with probability 0.95; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.p99 IS 'Demand in base units is at or below this with probability 0.99; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.cumulative_p10 IS 'Demand of the first bucket to the end of this one together is at or below this with probability 0.10; null on the levels item and customer.';
COMMENT ON COLUMN forecast.total.cumulative_p90 IS 'The same with probability 0.90.';

CREATE FUNCTION forecast.publication_as_of(as_of timestamptz) RETURNS SETOF bigint
    -- A handful of portfolios: the planner must not take the thousand it would guess for a reason to read everything.
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 5 SET search_path = ''
    AS $$
    SELECT c.publication_id FROM forecast.current_publication AS c WHERE as_of IS NULL
    UNION ALL
    SELECT latest.publication_id
    FROM (SELECT DISTINCT p.portfolio FROM forecast.publication AS p WHERE as_of IS NOT NULL) AS known
    CROSS JOIN LATERAL (
        SELECT p.publication_id FROM forecast.publication AS p
        WHERE p.portfolio = known.portfolio AND p.issued_at <= as_of AND p.status <> 'challenger'
        ORDER BY p.issued_at DESC, p.publication_id DESC LIMIT 1) AS latest
    $$;
COMMENT ON FUNCTION forecast.publication_as_of(timestamptz) IS
    'The publications that were current at an instant (null: now), one per portfolio.';

CREATE FUNCTION forecast.get(
    item text, site text DEFAULT NULL, horizon integer DEFAULT NULL, as_of timestamptz DEFAULT NULL)
    RETURNS SETOF forecast.current
    -- In PL/pgSQL, and for all parameters alike: planned once in a session. A function in SQL is planned with each call,
    -- and so is one whose plan the planner thinks a little better for each parameter, for longer than it runs.
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
    AS $$
    #variable_conflict use_column
    DECLARE
        instant timestamptz := coalesce(get.as_of, pg_catalog.now());
        sites text[] := forecast.readable_sites(forecast.caller());
        publications bigint[];
    BEGIN
        IF get.as_of IS NULL THEN
            publications := ARRAY(SELECT c.publication_id FROM forecast.current_publication AS c);
        ELSE
            publications := ARRAY(SELECT forecast.publication_as_of(get.as_of));
        END IF;
        RETURN QUERY
        SELECT s.item_id, s.site_id, s.customer_id, p.frequency,
            s.first_bucket + (step - 1) * p.bucket_length,
            s.first_bucket + step * p.bucket_length,
            step, plain.mean[step],
            plain.quantiles[8 * step - 7], plain.quantiles[8 * step - 6], plain.quantiles[8 * step - 5], plain.quantiles[8 * step - 4],
            plain.quantiles[8 * step - 3], plain.quantiles[8 * step - 2], plain.quantiles[8 * step - 1], plain.quantiles[8 * step],
            greatest(0, coalesce(changed.factors[found.place], 1) * plain.mean[step]
                + coalesce(changed.addends[found.place], 0)),
            changed.ids[found.place],
            s.model, p.version_id, p.issued_at, p.data_through, p.status
        FROM forecast.publication AS p
        JOIN forecast.series_forecast AS s ON s.publication_id = coalesce(p.forecasts_of, p.publication_id)
            AND s.item_id = get.item
            AND (get.site IS NULL OR s.site_id = get.site) AND (sites IS NULL OR s.site_id = ANY (sites))
        -- Decompressed once for a series, where each subscript of each step would do it again.
        CROSS JOIN LATERAL (SELECT s.mean[1:] AS mean, s.quantiles[1:] AS quantiles OFFSET 0) AS plain
        -- Of the overrides of a bucket that are valid then, the latest; looked up once for a series.
        LEFT JOIN LATERAL (
            SELECT pg_catalog.array_agg(latest.bucket_start) AS buckets, pg_catalog.array_agg(latest.factor) AS factors,
                pg_catalog.array_agg(latest.addend) AS addends, pg_catalog.array_agg(latest.override_id) AS ids
            FROM (
                SELECT DISTINCT ON (o.bucket_start) o.bucket_start, o.factor, o.addend, o.override_id
                FROM forecast.override_validity AS o
                WHERE o.item_id = s.item_id AND coalesce(o.site_id, '') = coalesce(s.site_id, '')
                    AND coalesce(o.customer_id, '') = coalesce(s.customer_id, '') AND o.portfolio = p.portfolio
                    AND o.bucket_start >= s.first_bucket AND o.valid_from <= instant AND instant < o.valid_until
                ORDER BY o.bucket_start, o.override_id DESC) AS latest) AS changed ON true
        CROSS JOIN LATERAL generate_series(1, least(cardinality(plain.mean), get.horizon)) AS step
        CROSS JOIN LATERAL (SELECT pg_catalog.array_position(changed.buckets,
            s.first_bucket + (step - 1) * p.bucket_length) AS place) AS found
        WHERE p.publication_id = ANY (publications)
        ORDER BY p.portfolio, s.site_id, s.customer_id, step;
    END
    $$;
COMMENT ON FUNCTION forecast.get(text, text, integer, timestamptz) IS
    'The forecast of one item: at one site or in every series of it, some steps or all, now or as published at an earlier instant. A series of the item alone has no site, so asking for one leaves it out.';

CREATE FUNCTION forecast.explain(item text, site text DEFAULT NULL)
    RETURNS TABLE (
        bucket_start timestamp, component text, value float8, site_id text, portfolio text, customer_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
    AS $$
    #variable_conflict use_column
    DECLARE
        sites text[] := forecast.readable_sites(forecast.caller());
    BEGIN
        RETURN QUERY
        SELECT s.first_bucket + (m.step - 1) * s.bucket_length, c.name,
            s.component_values[(c.place - 1) * cardinality(s.mean) + m.step], s.site_id, s.portfolio, s.customer_id
        FROM forecast.current_series AS s
        CROSS JOIN LATERAL unnest(s.mean) WITH ORDINALITY AS m (mean, step)
        CROSS JOIN LATERAL unnest(s.components) WITH ORDINALITY AS c (name, place)
        WHERE s.item_id = explain.item AND (explain.site IS NULL OR s.site_id = explain.site)
            AND (sites IS NULL OR s.site_id = ANY (sites))
        ORDER BY s.portfolio, s.site_id, s.customer_id, m.step, c.place;
    END
    $$;
COMMENT ON FUNCTION forecast.explain(text, text) IS
    'Why this number: the components of each step''s mean, which they add up to within a portfolio, site and customer.';

CREATE FUNCTION forecast.standard_normal_quantile(p float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = ''
    AS $$
    DECLARE
        -- The lower half only; the upper one mirrors it.
        tail float8 := least(p, 1 - p);
        q float8;
        r float8;
        x float8;
    BEGIN
        IF NOT (p > 0 AND p < 1) THEN RETURN NULL; END IF;
        IF tail < 0.02425 THEN
            q := pg_catalog.sqrt(-2 * pg_catalog.ln(tail));
            x := (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q
                - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
                / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q
                + 3.754408661907416) * q + 1);
        ELSE
            q := tail - 0.5;
            r := q * q;
            x := (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
                + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239) * q
                / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r
                + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);
        END IF;
        RETURN CASE WHEN p > 0.5 THEN -x ELSE x END;
    END
    $$;
COMMENT ON FUNCTION forecast.standard_normal_quantile(float8) IS
    'The standard normal quantile by Acklam''s rational approximation, relative error below 1.2e-9; null outside (0, 1).';

CREATE FUNCTION forecast.lead_time_demand(item text, site text, days integer, service_level float8) RETURNS float8
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
        levels constant float8[] := '{0.05,0.10,0.25,0.50,0.75,0.90,0.95,0.99}';
        place integer;
        share float8;
        before float8;
        after float8;
        found record;
        sites text[] := forecast.readable_sites(forecast.caller());
    BEGIN
        IF lead_time_demand.days IS NULL OR lead_time_demand.days < 0 THEN
            RAISE EXCEPTION 'a lead time of % days is none: take 0 or more', lead_time_demand.days
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF lead_time_demand.service_level IS NULL OR NOT lead_time_demand.service_level BETWEEN 0.01 AND 0.999 THEN
            RAISE EXCEPTION 'a service level of % is none: take 0.01 to 0.999, such as 0.95', lead_time_demand.service_level
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- The finest forecast that reaches so far.
        SELECT s.cumulative_quantiles AS quantiles, e.step, e.fraction INTO found
        FROM forecast.current_series AS s
        CROSS JOIN LATERAL (
            -- The step in which the lead time ends, and how much of it.
            SELECT step, extract(epoch FROM s.first_bucket + pg_catalog.make_interval(days => lead_time_demand.days)
                - (s.first_bucket + (step - 1) * s.bucket_length))
                / extract(epoch FROM (s.first_bucket + step * s.bucket_length)
                - (s.first_bucket + (step - 1) * s.bucket_length)) AS fraction
            FROM pg_catalog.generate_series(1, pg_catalog.cardinality(s.mean)) AS step
            WHERE s.first_bucket + step * s.bucket_length
                >= s.first_bucket + pg_catalog.make_interval(days => lead_time_demand.days)
            ORDER BY step LIMIT 1) AS e
        WHERE s.item_id = lead_time_demand.item AND coalesce(s.site_id, '') = coalesce(lead_time_demand.site, '')
            AND coalesce(s.customer_id, '') = '' AND s.cumulative_quantiles IS NOT NULL
            AND (sites IS NULL OR s.site_id = ANY (sites))
        ORDER BY s.bucket_length, s.issued_at DESC LIMIT 1;
        IF found IS NULL THEN RETURN NULL; END IF;
        IF lead_time_demand.days = 0 THEN RETURN 0; END IF;
        -- Between two levels the quantile is straight in the normal score, and beyond them it goes on so.
        place := greatest(1, least(7, (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(levels) AS level
            WHERE level <= lead_time_demand.service_level)::integer));
        share := (forecast.standard_normal_quantile(lead_time_demand.service_level)
            - forecast.standard_normal_quantile(levels[place]))
            / (forecast.standard_normal_quantile(levels[place + 1]) - forecast.standard_normal_quantile(levels[place]));
        after := found.quantiles[8 * found.step - 8 + place]
            + share * (found.quantiles[8 * found.step - 7 + place] - found.quantiles[8 * found.step - 8 + place]);
        before := CASE WHEN found.step = 1 THEN 0 ELSE found.quantiles[8 * found.step - 16 + place]
            + share * (found.quantiles[8 * found.step - 15 + place] - found.quantiles[8 * found.step - 16 + place]) END;
        RETURN greatest(0, before + found.fraction * (after - before));
    END
    $$;
COMMENT ON FUNCTION forecast.lead_time_demand(text, text, integer, float8) IS
    'The demand of the days after the last known one that is not exceeded with a probability, such as 0.95: a quantile of their sum, measured on sums of errors and not scaled by a root. Null where no forecast of the item at the site (null: of the item alone) reaches so far.';

CREATE FUNCTION forecast.history_and_forecast(item text, site text DEFAULT NULL)
    RETURNS TABLE (
        site_id text, frequency text, bucket_start timestamp, stage text, actual float8, adjusted float8,
        reason text, mean float8, p10 float8, p50 float8, p90 float8, portfolio text, customer_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT v.site_id, v.frequency, v.bucket_start, 'history', v.raw, v.adjusted, v.reason,
        NULL::float8, NULL::float8, NULL::float8, NULL::float8, v.portfolio, v.customer_id
    FROM demand.series_value AS v
    CROSS JOIN (SELECT forecast.readable_sites(forecast.caller()) AS sites) AS may
    WHERE v.item_id = history_and_forecast.item
        AND (history_and_forecast.site IS NULL OR v.site_id = history_and_forecast.site)
        AND (may.sites IS NULL OR v.site_id = ANY (may.sites))
    UNION ALL
    SELECT f.site_id, f.frequency, f.bucket_start, 'forecast', NULL, NULL, NULL, f.mean, f.p10, f.p50, f.p90,
        m.portfolio, f.customer_id
    FROM forecast.get(history_and_forecast.item, history_and_forecast.site) AS f
    JOIN suyo.model_version AS m USING (version_id)
    ORDER BY 12, 1, 13, 3
    $$;
COMMENT ON FUNCTION forecast.history_and_forecast(text, text) IS
    'Actuals and forecast of one item in one result, for a chart: one line per portfolio, site and customer.';

CREATE FUNCTION forecast.adjust(
    item text DEFAULT NULL, site text DEFAULT NULL, from_date date DEFAULT NULL, to_date date DEFAULT NULL,
    value float8 DEFAULT NULL, reason text DEFAULT NULL, kind text DEFAULT 'absolute', customer text DEFAULT NULL,
    category text DEFAULT NULL, portfolio text DEFAULT NULL, expires_at timestamptz DEFAULT NULL,
    locked boolean DEFAULT false)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        last_date date := coalesce(adjust.to_date, adjust.from_date);
        reach record;
        lock record;
        sites text[] := forecast.readable_sites(forecast.caller());
        result bigint;
    BEGIN
        IF adjust.reason IS NULL OR adjust.reason !~ '\S' THEN
            RAISE EXCEPTION 'an override needs a reason: say why, for whoever asks later'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF adjust.kind IS NULL OR adjust.kind NOT IN ('absolute', 'delta', 'percent') THEN
            RAISE EXCEPTION 'there is no kind of override %; there are absolute, delta and percent',
                pg_catalog.quote_nullable(adjust.kind) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF adjust.value IS NULL OR NOT adjust.value BETWEEN -1e12 AND 1e12
            OR (adjust.kind = 'absolute' AND adjust.value < 0) OR (adjust.kind = 'percent' AND adjust.value < -100) THEN
            RAISE EXCEPTION 'a value of % is none: demand is 0 or more, a percentage -100 or more',
                coalesce(adjust.value::text, 'null') USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF adjust.from_date IS NULL OR last_date < adjust.from_date THEN
            RAISE EXCEPTION 'no buckets from % to %: say from_date, and a to_date that is not before it',
                coalesce(adjust.from_date::text, 'null'), coalesce(last_date::text, 'null')
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF adjust.expires_at <= pg_catalog.now() THEN
            RAISE EXCEPTION 'an override that expires at % counts for nothing: that is past', adjust.expires_at
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF adjust.item IS NOT NULL
            AND NOT EXISTS (SELECT FROM forecast.current_series AS s WHERE s.item_id = adjust.item
                AND (sites IS NULL OR s.site_id = ANY (sites))) THEN
            RAISE EXCEPTION 'no forecast of an item %; there are such as %', pg_catalog.quote_literal(adjust.item),
                coalesce((SELECT pg_catalog.string_agg(near.item_id, ', ') FROM (
                    SELECT DISTINCT s.item_id FROM forecast.current_series AS s
                    WHERE sites IS NULL OR s.site_id = ANY (sites) ORDER BY 1 LIMIT 5) AS near), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;

        CREATE TEMPORARY TABLE adjusted ON COMMIT DROP AS
            SELECT s.portfolio, s.item_id, s.site_id, s.customer_id,
                s.first_bucket + (m.step - 1) * s.bucket_length AS bucket_start,
                s.first_bucket + m.step * s.bucket_length AS bucket_end, m.mean
            FROM forecast.current_series AS s
            LEFT JOIN demand.item AS i ON i.item_id = s.item_id
            CROSS JOIN LATERAL unnest(s.mean) WITH ORDINALITY AS m (mean, step)
            WHERE (adjust.item IS NULL OR s.item_id = adjust.item) AND (adjust.site IS NULL OR s.site_id = adjust.site)
                AND (adjust.customer IS NULL OR s.customer_id = adjust.customer)
                AND (adjust.category IS NULL OR i.category = adjust.category)
                AND (adjust.portfolio IS NULL OR s.portfolio = adjust.portfolio)
                AND (sites IS NULL OR s.site_id = ANY (sites));
        SELECT pg_catalog.min(a.bucket_start)::date AS first, pg_catalog.max(a.bucket_start)::date AS last,
            (pg_catalog.max(a.bucket_end) - interval '1 day')::date AS ends INTO reach FROM pg_temp.adjusted AS a;
        IF reach.first IS NULL THEN
            RAISE EXCEPTION 'no current forecast has %: look at forecast.current', pg_catalog.concat_ws(' and ',
                'item ' || pg_catalog.quote_literal(adjust.item), 'site ' || pg_catalog.quote_literal(adjust.site),
                'customer ' || pg_catalog.quote_literal(adjust.customer),
                'category ' || pg_catalog.quote_literal(adjust.category),
                'portfolio ' || pg_catalog.quote_literal(adjust.portfolio)) USING ERRCODE = 'no_data_found';
        END IF;
        IF last_date > reach.ends THEN
            RAISE EXCEPTION '% lies beyond the horizon: the forecast goes from % to %', last_date, reach.first, reach.ends
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        DELETE FROM pg_temp.adjusted AS a WHERE a.bucket_start::date NOT BETWEEN adjust.from_date AND last_date;
        IF NOT EXISTS (SELECT FROM pg_temp.adjusted) THEN
            RAISE EXCEPTION 'no bucket begins from % to %: the forecast''s begin from % to %', adjust.from_date, last_date,
                reach.first, reach.last USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- One at a time, so that two do not both find a bucket free that each of them locks.
        LOCK TABLE forecast.override IN SHARE ROW EXCLUSIVE MODE;
        SELECT o.override_id, o.actor, o.reason, v.bucket_start INTO lock
        FROM pg_temp.adjusted AS a
        JOIN forecast.override_validity AS v ON v.item_id = a.item_id
            AND coalesce(v.site_id, '') = coalesce(a.site_id, '')
            AND coalesce(v.customer_id, '') = coalesce(a.customer_id, '')
            AND v.portfolio = a.portfolio AND v.bucket_start = a.bucket_start
        JOIN forecast.override AS o USING (override_id)
        WHERE v.locked AND v.valid_from <= pg_catalog.now() AND pg_catalog.now() < v.valid_until
        ORDER BY v.bucket_start LIMIT 1;
        IF lock.override_id IS NOT NULL THEN
            RAISE EXCEPTION 'the bucket of % is locked by override % of % (%): withdraw that first', lock.bucket_start::date,
                lock.override_id, lock.actor, lock.reason USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;

        INSERT INTO forecast.override (item_id, site_id, customer_id, category, portfolio, from_date, to_date, kind,
            value, reason, locked, expires_at)
        VALUES (adjust.item, adjust.site, adjust.customer, adjust.category, adjust.portfolio, adjust.from_date,
            last_date, adjust.kind, adjust.value, pg_catalog.btrim(adjust.reason), coalesce(adjust.locked, false),
            adjust.expires_at)
        RETURNING override_id INTO result;
        -- A total is split as the means stand to each other; evenly where all of them are 0.
        INSERT INTO forecast.override_cell (override_id, portfolio, item_id, site_id, customer_id, bucket_start, factor,
            addend)
        SELECT result, a.portfolio, a.item_id, a.site_id, a.customer_id, a.bucket_start,
            CASE adjust.kind WHEN 'absolute' THEN 0 WHEN 'delta' THEN 1 ELSE 1 + adjust.value / 100 END,
            CASE WHEN adjust.kind = 'percent' THEN 0
                WHEN pg_catalog.sum(a.mean) OVER (PARTITION BY a.portfolio) > 0
                THEN adjust.value * a.mean / pg_catalog.sum(a.mean) OVER (PARTITION BY a.portfolio)
                ELSE adjust.value / pg_catalog.count(*) OVER (PARTITION BY a.portfolio) END
        FROM pg_temp.adjusted AS a;
        DROP TABLE pg_temp.adjusted;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION forecast.adjust(text, text, date, date, float8, text, text, text, text, text, timestamptz, boolean) IS
    'Overrides the forecast of what is named (null: of all) in the buckets that begin within the dates, with a reason: their total (absolute), what is added to it (delta) or a change in percent, split as the means stand to each other. Returns its number.';

CREATE FUNCTION forecast.withdraw(override bigint, reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        IF withdraw.reason IS NULL OR withdraw.reason !~ '\S' THEN
            RAISE EXCEPTION 'a withdrawal needs a reason: say why, for whoever asks later'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF NOT EXISTS (SELECT FROM forecast.override AS o WHERE o.override_id = withdraw.override) THEN
            RAISE EXCEPTION 'there is no override %: look at forecast.override', withdraw.override
                USING ERRCODE = 'no_data_found';
        END IF;
        PERFORM forecast.refuse_other_site(cell.site_id)
        FROM (SELECT DISTINCT c.site_id FROM forecast.override_cell AS c
            WHERE c.override_id = withdraw.override) AS cell;
        INSERT INTO forecast.override_withdrawal (override_id, reason)
        VALUES (withdraw.override, pg_catalog.btrim(withdraw.reason)) ON CONFLICT DO NOTHING;
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION forecast.withdraw(bigint, text) IS
    'Takes an override back, with a reason; it stays on record. False where it was withdrawn before.';

CREATE FUNCTION forecast.make_current(publication bigint, details jsonb DEFAULT '{}') RETURNS void
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    DECLARE
        new forecast.publication;
    BEGIN
        SELECT * INTO STRICT new FROM forecast.publication AS p WHERE p.publication_id = make_current.publication;
        INSERT INTO forecast.outbox (topic, portfolio, publication_id, payload)
        VALUES ('forecast_published', new.portfolio, new.publication_id, make_current.details
            || pg_catalog.jsonb_build_object('portfolio', new.portfolio, 'version_id', new.version_id,
                'publication_id', new.publication_id));
        -- Last, because this is what readers see: the row that is flipped.
        INSERT INTO forecast.current_publication (portfolio, publication_id) VALUES (new.portfolio, new.publication_id)
        ON CONFLICT (portfolio) DO UPDATE SET publication_id = excluded.publication_id;
        PERFORM pg_catalog.pg_notify('forecast_published', pg_catalog.concat(new.portfolio, ' ', new.publication_id));
    END
    $$;
COMMENT ON FUNCTION forecast.make_current(bigint, jsonb) IS
    'Flips the row that readers follow to a publication, and tells other systems, through the outbox and by NOTIFY.';
