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
    status text NOT NULL CHECK (status IN ('champion', 'fallback', 'stale')),
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
COMMENT ON COLUMN forecast.publication.status IS 'champion, fallback or stale.';
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

CREATE VIEW forecast.current AS
    SELECT s.item_id, s.site_id, s.customer_id, p.frequency,
        s.first_bucket + (step - 1) * p.bucket_length AS bucket_start,
        s.first_bucket + step * p.bucket_length AS bucket_end,
        step, s.mean[step] AS mean,
        s.quantiles[8 * step - 7] AS p05, s.quantiles[8 * step - 6] AS p10,
        s.quantiles[8 * step - 5] AS p25, s.quantiles[8 * step - 4] AS p50,
        s.quantiles[8 * step - 3] AS p75, s.quantiles[8 * step - 2] AS p90,
        s.quantiles[8 * step - 1] AS p95, s.quantiles[8 * step] AS p99,
        s.mean[step] AS final, NULL::bigint AS override_id,
        s.model, p.version_id, p.issued_at, p.data_through, p.status
    FROM forecast.current_publication AS c
    JOIN forecast.publication AS p USING (publication_id)
    JOIN forecast.series_forecast AS s ON s.publication_id = coalesce(p.forecasts_of, p.publication_id)
    CROSS JOIN LATERAL generate_series(1, cardinality(s.mean)) AS step;
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
        WHERE p.portfolio = known.portfolio AND p.issued_at <= as_of
        ORDER BY p.issued_at DESC, p.publication_id DESC LIMIT 1) AS latest
    $$;
COMMENT ON FUNCTION forecast.publication_as_of(timestamptz) IS
    'The publications that were current at an instant (null: now), one per portfolio.';

CREATE FUNCTION forecast.get(
    item text, site text DEFAULT NULL, horizon integer DEFAULT NULL, as_of timestamptz DEFAULT NULL)
    RETURNS SETOF forecast.current
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT s.item_id, s.site_id, s.customer_id, p.frequency,
        s.first_bucket + (step - 1) * p.bucket_length,
        s.first_bucket + step * p.bucket_length,
        step, s.mean[step],
        s.quantiles[8 * step - 7], s.quantiles[8 * step - 6], s.quantiles[8 * step - 5], s.quantiles[8 * step - 4],
        s.quantiles[8 * step - 3], s.quantiles[8 * step - 2], s.quantiles[8 * step - 1], s.quantiles[8 * step],
        s.mean[step], NULL::bigint,
        s.model, p.version_id, p.issued_at, p.data_through, p.status
    FROM forecast.publication_as_of(get.as_of) AS current_id
    JOIN forecast.publication AS p ON p.publication_id = current_id
    JOIN forecast.series_forecast AS s ON s.publication_id = coalesce(p.forecasts_of, p.publication_id)
        AND s.item_id = get.item
        AND (get.site IS NULL OR s.site_id = get.site)
    CROSS JOIN LATERAL generate_series(1, least(cardinality(s.mean), get.horizon)) AS step
    ORDER BY p.portfolio, s.site_id, s.customer_id, step
    $$;
COMMENT ON FUNCTION forecast.get(text, text, integer, timestamptz) IS
    'The forecast of one item: at one site or in every series of it, some steps or all, now or as published at an earlier instant. A series of the item alone has no site, so asking for one leaves it out.';

CREATE FUNCTION forecast.explain(item text, site text DEFAULT NULL)
    RETURNS TABLE (
        bucket_start timestamp, component text, value float8, site_id text, portfolio text, customer_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT s.first_bucket + (step - 1) * p.bucket_length, s.components[place],
        s.component_values[(place - 1) * cardinality(s.mean) + step], s.site_id, p.portfolio, s.customer_id
    FROM forecast.current_publication AS c
    JOIN forecast.publication AS p USING (publication_id)
    JOIN forecast.series_forecast AS s ON s.publication_id = coalesce(p.forecasts_of, p.publication_id)
        AND s.item_id = explain.item
        AND (explain.site IS NULL OR s.site_id = explain.site)
    CROSS JOIN LATERAL generate_series(1, cardinality(s.mean)) AS step
    CROSS JOIN LATERAL generate_series(1, cardinality(s.components)) AS place
    ORDER BY p.portfolio, s.site_id, s.customer_id, step, place
    $$;
COMMENT ON FUNCTION forecast.explain(text, text) IS
    'Why this number: the components of each step''s mean, which they add up to within a portfolio, site and customer.';

CREATE FUNCTION forecast.history_and_forecast(item text, site text DEFAULT NULL)
    RETURNS TABLE (
        site_id text, frequency text, bucket_start timestamp, stage text, actual float8, adjusted float8,
        reason text, mean float8, p10 float8, p50 float8, p90 float8, portfolio text, customer_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT v.site_id, v.frequency, v.bucket_start, 'history', v.raw, v.adjusted, v.reason,
        NULL::float8, NULL::float8, NULL::float8, NULL::float8, v.portfolio, v.customer_id
    FROM demand.series_value AS v
    WHERE v.item_id = history_and_forecast.item
        AND (history_and_forecast.site IS NULL OR v.site_id = history_and_forecast.site)
    UNION ALL
    SELECT f.site_id, f.frequency, f.bucket_start, 'forecast', NULL, NULL, NULL, f.mean, f.p10, f.p50, f.p90,
        m.portfolio, f.customer_id
    FROM forecast.get(history_and_forecast.item, history_and_forecast.site) AS f
    JOIN suyo.model_version AS m USING (version_id)
    ORDER BY 12, 1, 13, 3
    $$;
COMMENT ON FUNCTION forecast.history_and_forecast(text, text) IS
    'Actuals and forecast of one item in one result, for a chart: one line per portfolio, site and customer.';
