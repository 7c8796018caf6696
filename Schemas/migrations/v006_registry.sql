-- Which version is in use, who decided it and why, how to go back, and how what it published turned out.

CREATE TABLE suyo.gate_verdict (
    version_id bigint PRIMARY KEY REFERENCES suyo.model_version,
    champion_id bigint REFERENCES suyo.model_version,
    is_promoted boolean NOT NULL,
    shadow_buckets integer CHECK (shadow_buckets IS NULL OR shadow_buckets > 0 AND NOT is_promoted),
    reasons text[] NOT NULL CHECK (cardinality(reasons) > 0),
    series integer NOT NULL,
    uncompared integer NOT NULL,
    champion_wape float8,
    challenger_wape float8,
    difference float8,
    lower_bound float8,
    upper_bound float8,
    segments jsonb NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE suyo.gate_verdict IS 'What the gate decided about each retrained version, with the numbers. Append-only.';
COMMENT ON COLUMN suyo.gate_verdict.version_id IS 'The version that was judged.';
COMMENT ON COLUMN suyo.gate_verdict.champion_id IS 'The champion it met; null where there was none.';
COMMENT ON COLUMN suyo.gate_verdict.is_promoted IS 'Whether it took the champion''s place.';
COMMENT ON COLUMN suyo.gate_verdict.shadow_buckets IS 'Closed buckets for which it runs in the shadow after it passed: suyo.shadow_trial; null where it does not.';
COMMENT ON COLUMN suyo.gate_verdict.reasons IS 'Why, each a sentence.';
COMMENT ON COLUMN suyo.gate_verdict.series IS 'Series with both a champion and a challenger.';
COMMENT ON COLUMN suyo.gate_verdict.uncompared IS 'Series of the version besides: new, too short, or of models that are tried no more.';
COMMENT ON COLUMN suyo.gate_verdict.champion_wape IS 'WAPE of the champion''s models on the rolling origins of the new data.';
COMMENT ON COLUMN suyo.gate_verdict.challenger_wape IS 'WAPE of the version''s own models on the same.';
COMMENT ON COLUMN suyo.gate_verdict.difference IS 'How much more error it has, as a share of the champion''s; negative is less.';
COMMENT ON COLUMN suyo.gate_verdict.lower_bound IS 'Lower bound of that difference.';
COMMENT ON COLUMN suyo.gate_verdict.upper_bound IS 'Upper bound of that difference.';
COMMENT ON COLUMN suyo.gate_verdict.segments IS 'The same for each segment large enough to be judged, worst first.';
COMMENT ON COLUMN suyo.gate_verdict.decided_at IS 'When.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suyo.gate_verdict
    FOR EACH STATEMENT EXECUTE FUNCTION suyo.refuse_change();

CREATE TABLE suyo.shadow_trial (
    version_id bigint PRIMARY KEY REFERENCES suyo.model_version,
    portfolio text NOT NULL,
    rival_id bigint NOT NULL REFERENCES suyo.model_version,
    buckets integer NOT NULL CHECK (buckets > 0),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'passed', 'failed', 'abandoned')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    reasons text[] NOT NULL DEFAULT '{}',
    series integer,
    rival_wape float8,
    wape float8,
    difference float8,
    lower_bound float8,
    upper_bound float8,
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK (state = 'waiting' OR cardinality(reasons) > 0)
);
COMMENT ON TABLE suyo.shadow_trial IS 'Versions that passed the gate and had to show on buckets that closed that they would have been right.';
COMMENT ON COLUMN suyo.shadow_trial.version_id IS 'The version in the shadow: forecast, and not published.';
COMMENT ON COLUMN suyo.shadow_trial.portfolio IS 'Its portfolio, which has at most one that waits.';
COMMENT ON COLUMN suyo.shadow_trial.rival_id IS 'The version published in its stead: the champion''s models, fitted to the same demand.';
COMMENT ON COLUMN suyo.shadow_trial.buckets IS 'Buckets that have to close.';
COMMENT ON COLUMN suyo.shadow_trial.state IS 'waiting; passed: its models were published; failed: they were worse; abandoned: nobody waits for it any more.';
COMMENT ON COLUMN suyo.shadow_trial.started_at IS 'When it was made.';
COMMENT ON COLUMN suyo.shadow_trial.ended_at IS 'When the trial was over.';
COMMENT ON COLUMN suyo.shadow_trial.reasons IS 'Why it ended so, each a sentence.';
COMMENT ON COLUMN suyo.shadow_trial.series IS 'Series judged.';
COMMENT ON COLUMN suyo.shadow_trial.rival_wape IS 'WAPE of the rival''s forecasts of the closed buckets.';
COMMENT ON COLUMN suyo.shadow_trial.wape IS 'WAPE of the version''s own on the same.';
COMMENT ON COLUMN suyo.shadow_trial.difference IS 'How much more error it had, as a share of the rival''s; negative is less.';
COMMENT ON COLUMN suyo.shadow_trial.lower_bound IS 'Lower bound of that difference.';
COMMENT ON COLUMN suyo.shadow_trial.upper_bound IS 'Upper bound of that difference.';
CREATE UNIQUE INDEX shadow_trial_waiting ON suyo.shadow_trial (portfolio) WHERE state = 'waiting';
CREATE INDEX shadow_trial_rival ON suyo.shadow_trial (rival_id);

CREATE FUNCTION suyo.champion_as_of(as_of timestamptz)
    RETURNS TABLE (portfolio text, version_id bigint, since timestamptz, action text, reason text, actor text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
    AS $$
    SELECT DISTINCT ON (l.portfolio) l.portfolio, l.version_id, l.at, l.action, l.reason, l.actor
    FROM suyo.promotion_log AS l
    WHERE l.at <= champion_as_of.as_of
    ORDER BY l.portfolio, l.at DESC, l.promotion_id DESC
    $$;
COMMENT ON FUNCTION suyo.champion_as_of(timestamptz) IS
    'The champion of each portfolio at an instant: since when, by which action, why and through whom.';

CREATE FUNCTION suyo.set_champion(portfolio text, version bigint, action text, reason text, run bigint DEFAULT NULL,
    automatic boolean DEFAULT false)
    RETURNS void
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        previous bigint;
    BEGIN
        -- Where retrains, rollbacks and people meet: the log tells of them in the order in which they took effect.
        SELECT c.version_id INTO previous FROM suyo.champion AS c
        WHERE c.portfolio = set_champion.portfolio FOR UPDATE;
        INSERT INTO suyo.promotion_log (portfolio, version_id, previous_version_id, action, reason, run_id, is_automatic)
        VALUES (set_champion.portfolio, set_champion.version, previous, set_champion.action,
            pg_catalog.btrim(set_champion.reason), set_champion.run, set_champion.automatic);
        INSERT INTO suyo.champion (portfolio, version_id, promoted_at)
        VALUES (set_champion.portfolio, set_champion.version, pg_catalog.clock_timestamp())
        ON CONFLICT ON CONSTRAINT champion_pkey
            DO UPDATE SET version_id = excluded.version_id, promoted_at = excluded.promoted_at;
    END
    $$;
COMMENT ON FUNCTION suyo.set_champion(text, bigint, text, text, bigint, boolean) IS
    'Makes a version the champion of a portfolio, with a row in the log.';

CREATE FUNCTION suyo.make_champion(version bigint, action text, reason text, automatic boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        chosen suyo.model_version;
        own forecast.publication;
        replaced forecast.publication;
        champion bigint;
        result bigint;
    BEGIN
        IF pg_catalog.btrim(coalesce(make_champion.reason, '')) = '' THEN
            RAISE EXCEPTION 'a promotion or rollback needs a reason: say why, for whoever reads suyo.promotion_log'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT * INTO chosen FROM suyo.model_version AS v WHERE v.version_id = make_champion.version;
        IF chosen.version_id IS NULL THEN
            RAISE EXCEPTION 'there is no model version %; the latest are %', make_champion.version,
                coalesce((SELECT pg_catalog.string_agg(pg_catalog.concat(l.version_id, ' of ', l.portfolio), ', ')
                    FROM (SELECT version_id, portfolio FROM suyo.model_version ORDER BY version_id DESC LIMIT 5) AS l),
                    'none yet') USING ERRCODE = 'no_data_found';
        END IF;
        SELECT c.version_id INTO champion FROM suyo.champion AS c
        WHERE c.portfolio = chosen.portfolio FOR UPDATE;
        IF champion = chosen.version_id THEN
            RAISE EXCEPTION 'version % is the champion of % already', champion, chosen.portfolio
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT * INTO own FROM forecast.publication AS p
        WHERE p.version_id = chosen.version_id AND p.forecasts_of IS NULL
            AND EXISTS (SELECT FROM forecast.series_forecast AS f WHERE f.publication_id = p.publication_id)
        ORDER BY p.publication_id DESC LIMIT 1;
        IF own.publication_id IS NULL THEN
            RAISE EXCEPTION 'version % has no forecasts any more; versions of % that have are %', chosen.version_id,
                chosen.portfolio,
                coalesce((SELECT pg_catalog.string_agg(l.version_id::text, ', ') FROM (
                    SELECT DISTINCT p.version_id FROM forecast.publication AS p
                    WHERE p.portfolio = chosen.portfolio AND p.forecasts_of IS NULL
                        AND EXISTS (SELECT FROM forecast.series_forecast AS f WHERE f.publication_id = p.publication_id)
                    ORDER BY 1 DESC LIMIT 5) AS l), 'none') USING ERRCODE = 'no_data_found';
        END IF;
        SELECT p.* INTO replaced FROM forecast.current_publication AS c
        JOIN forecast.publication AS p USING (publication_id) WHERE c.portfolio = chosen.portfolio;

        INSERT INTO forecast.publication (portfolio, version_id, run_id, frequency, bucket_length, data_through, status,
            forecasts_of)
        VALUES (chosen.portfolio, chosen.version_id, NULL, own.frequency, own.bucket_length, own.data_through,
            -- Who reads it has to see that it knows less than what it replaces.
            CASE WHEN own.data_through < replaced.data_through THEN 'stale' ELSE 'champion' END, own.publication_id)
        RETURNING publication_id INTO result;
        PERFORM suyo.set_champion(chosen.portfolio, chosen.version_id, make_champion.action, make_champion.reason,
            automatic => make_champion.automatic);
        -- Who is on trial was to meet another champion.
        UPDATE suyo.shadow_trial AS t SET state = 'abandoned', ended_at = pg_catalog.clock_timestamp(),
            reasons = ARRAY[pg_catalog.format('Version %s was made champion meanwhile.', chosen.version_id)]
        WHERE t.portfolio = chosen.portfolio AND t.state = 'waiting';
        PERFORM forecast.make_current(result, pg_catalog.jsonb_build_object('action', make_champion.action, 'reason',
            pg_catalog.btrim(make_champion.reason)));
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.make_champion(bigint, text, text, boolean) IS
    'Makes a stored version the champion and its own forecasts current again, without copying them: publication, log, champion and outbox together. Returns the publication.';

CREATE FUNCTION suyo.promote(version bigint, reason text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = ''
    AS $$ SELECT suyo.make_champion(promote.version, 'promote', promote.reason) $$;
COMMENT ON FUNCTION suyo.promote(bigint, text) IS
    'Makes a version the champion of its portfolio and its forecasts current, with a reason. Returns the publication.';

CREATE FUNCTION suyo.rollback(portfolio text, to_version bigint, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        champion bigint;
        wanted text := rollback.portfolio;
        target bigint := rollback.to_version;
        earlier text;
    BEGIN
        IF wanted IS NULL THEN
            IF (SELECT pg_catalog.count(*) FROM suyo.champion) <> 1 THEN
                RAISE EXCEPTION 'say which portfolio to roll back; there are %',
                    coalesce((SELECT pg_catalog.string_agg(c.portfolio, ', ' ORDER BY c.portfolio)
                        FROM suyo.champion AS c), 'none with a champion') USING ERRCODE = 'invalid_parameter_value';
            END IF;
            SELECT c.portfolio INTO wanted FROM suyo.champion AS c;
        END IF;
        SELECT c.version_id INTO champion FROM suyo.champion AS c WHERE c.portfolio = wanted FOR UPDATE;
        IF champion IS NULL THEN
            RAISE EXCEPTION 'there is no portfolio % with a champion; there are %', pg_catalog.quote_literal(wanted),
                coalesce((SELECT pg_catalog.string_agg(c.portfolio, ', ' ORDER BY c.portfolio) FROM suyo.champion AS c),
                    'none') USING ERRCODE = 'no_data_found';
        END IF;
        SELECT pg_catalog.string_agg(l.version_id::text, ', ') INTO earlier FROM (
            SELECT v.version_id FROM suyo.model_version AS v
            WHERE v.portfolio = wanted AND v.version_id < champion ORDER BY 1 DESC LIMIT 8) AS l;
        IF target IS NULL THEN
            SELECT pg_catalog.max(l.version_id) INTO target FROM suyo.promotion_log AS l
            WHERE l.portfolio = wanted AND l.version_id < champion;
            IF target IS NULL THEN
                RAISE EXCEPTION 'version % is the first champion of %: there is none before it to go back to', champion,
                    wanted USING ERRCODE = 'no_data_found';
            END IF;
        ELSIF target >= champion
            OR NOT EXISTS (SELECT FROM suyo.model_version AS v WHERE v.portfolio = wanted AND v.version_id = target) THEN
            RAISE EXCEPTION 'version % is no version of % before its champion %; those are %', target, wanted, champion,
                coalesce(earlier, 'none') USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN suyo.make_champion(target, 'rollback', rollback.reason);
    END
    $$;
COMMENT ON FUNCTION suyo.rollback(text, bigint, text) IS
    'Goes back to an earlier version of a portfolio (null: the champion before this one; a null portfolio: the only one), with its forecasts, for a reason. Returns the publication.';

-- How published forecasts turned out, once their buckets closed.

CREATE TABLE suyo.matured_bucket (
    portfolio text NOT NULL,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    frequency text NOT NULL,
    bucket_start timestamp NOT NULL,
    demand_class text NOT NULL,
    actual float8 NOT NULL,
    scale float8,
    squared_scale float8,
    versions bigint[] NOT NULL,
    lags integer[] NOT NULL,
    mean float8[] NOT NULL,
    naive float8[] NOT NULL,
    final float8[] NOT NULL,
    quantiles real[] NOT NULL,
    scored_at timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(lags) > 0 AND cardinality(versions) = cardinality(lags)
        AND cardinality(mean) = cardinality(lags) AND cardinality(naive) = cardinality(lags)
        AND cardinality(final) = cardinality(lags) AND cardinality(quantiles) = 8 * cardinality(lags))
);
COMMENT ON TABLE suyo.matured_bucket IS 'A closed bucket of a series beside every forecast that was published of it.';
COMMENT ON COLUMN suyo.matured_bucket.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.matured_bucket.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.matured_bucket.site_id IS 'Where.';
COMMENT ON COLUMN suyo.matured_bucket.customer_id IS 'For whom.';
COMMENT ON COLUMN suyo.matured_bucket.frequency IS 'How long the bucket is.';
COMMENT ON COLUMN suyo.matured_bucket.bucket_start IS 'Local start of the bucket.';
COMMENT ON COLUMN suyo.matured_bucket.demand_class IS 'How demand arrived, as the latest of these versions saw it.';
COMMENT ON COLUMN suyo.matured_bucket.actual IS 'What came; NaN where it is missing, as out of stock, and not scored.';
COMMENT ON COLUMN suyo.matured_bucket.scale IS 'Mean absolute difference of the series to a season before: the unit of scaled errors.';
COMMENT ON COLUMN suyo.matured_bucket.squared_scale IS 'Mean squared difference of the series to a season before.';
COMMENT ON COLUMN suyo.matured_bucket.versions IS 'The version behind each forecast.';
COMMENT ON COLUMN suyo.matured_bucket.lags IS 'How many buckets ahead each forecast was made, ascending.';
COMMENT ON COLUMN suyo.matured_bucket.mean IS 'The mean each forecast gave.';
COMMENT ON COLUMN suyo.matured_bucket.naive IS 'What came in the latest bucket known to each forecast that lies whole seasons before this one, of three the first that is not missing; NaN where all are.';
COMMENT ON COLUMN suyo.matured_bucket.final IS 'The override that was valid as the bucket began, else the mean.';
COMMENT ON COLUMN suyo.matured_bucket.quantiles IS 'The eight quantiles of each forecast.';
COMMENT ON COLUMN suyo.matured_bucket.scored_at IS 'When it was first scored, or last corrected.';
CREATE UNIQUE INDEX matured_bucket_key ON suyo.matured_bucket
    (item_id, portfolio, bucket_start, (coalesce(site_id, '')), (coalesce(customer_id, '')));
CREATE INDEX matured_bucket_day ON suyo.matured_bucket (portfolio, bucket_start);

CREATE VIEW suyo.matured_point AS
    SELECT b.portfolio, b.item_id, b.site_id, b.customer_id, b.frequency, b.bucket_start, b.demand_class,
        b.versions[place] AS version_id, b.lags[place] AS lag, s.stage, b.actual, s.forecast, b.scale, b.squared_scale,
        CASE WHEN s.stage = 'model' THEN b.quantiles[8 * place - 7:8 * place] END AS quantiles
    FROM suyo.matured_bucket AS b
    CROSS JOIN LATERAL generate_subscripts(b.lags, 1) AS place
    CROSS JOIN LATERAL (VALUES ('naive', b.naive[place]), ('model', b.mean[place]), ('final', b.final[place]))
        AS s (stage, forecast)
    WHERE b.actual <> 'NaN' AND s.forecast <> 'NaN';
COMMENT ON VIEW suyo.matured_point IS 'Every scored forecast of every closed bucket, in its three stages.';
COMMENT ON COLUMN suyo.matured_point.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.matured_point.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.matured_point.site_id IS 'Where.';
COMMENT ON COLUMN suyo.matured_point.customer_id IS 'For whom.';
COMMENT ON COLUMN suyo.matured_point.frequency IS 'How long the bucket is.';
COMMENT ON COLUMN suyo.matured_point.bucket_start IS 'Local start of the bucket.';
COMMENT ON COLUMN suyo.matured_point.demand_class IS 'How demand arrives.';
COMMENT ON COLUMN suyo.matured_point.version_id IS 'The version behind the forecast.';
COMMENT ON COLUMN suyo.matured_point.lag IS 'How many buckets ahead it was made.';
COMMENT ON COLUMN suyo.matured_point.stage IS 'naive, model or final.';
COMMENT ON COLUMN suyo.matured_point.actual IS 'What came.';
COMMENT ON COLUMN suyo.matured_point.forecast IS 'What was forecast.';
COMMENT ON COLUMN suyo.matured_point.scale IS 'The unit of scaled errors.';
COMMENT ON COLUMN suyo.matured_point.squared_scale IS 'The unit of squared scaled errors.';
COMMENT ON COLUMN suyo.matured_point.quantiles IS 'The eight quantiles, of the stage model.';

CREATE TABLE suyo.matured_sum (
    portfolio text NOT NULL,
    bucket_start timestamp NOT NULL,
    version_id bigint NOT NULL,
    site_id text,
    demand_class text NOT NULL,
    lag integer NOT NULL,
    stage text NOT NULL CHECK (stage IN ('naive', 'model', 'final')),
    points bigint NOT NULL,
    absolute_actual float8 NOT NULL,
    absolute_error float8 NOT NULL,
    signed_error float8 NOT NULL,
    scaled_points bigint NOT NULL,
    scaled_error float8 NOT NULL,
    squared_scaled_error float8 NOT NULL,
    inside_80 bigint,
    inside_90 bigint,
    pinball float8[]
);
COMMENT ON TABLE suyo.matured_sum IS 'Matured errors added up over series, so that portfolios of any size are read at once.';
COMMENT ON COLUMN suyo.matured_sum.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.matured_sum.bucket_start IS 'Local start of the bucket.';
COMMENT ON COLUMN suyo.matured_sum.version_id IS 'The version behind the forecasts.';
COMMENT ON COLUMN suyo.matured_sum.site_id IS 'Where.';
COMMENT ON COLUMN suyo.matured_sum.demand_class IS 'How demand arrives.';
COMMENT ON COLUMN suyo.matured_sum.lag IS 'How many buckets ahead they were made.';
COMMENT ON COLUMN suyo.matured_sum.stage IS 'naive, model or final.';
COMMENT ON COLUMN suyo.matured_sum.points IS 'Forecasts scored.';
COMMENT ON COLUMN suyo.matured_sum.absolute_actual IS 'Sum of |actual|.';
COMMENT ON COLUMN suyo.matured_sum.absolute_error IS 'Sum of |actual - forecast|.';
COMMENT ON COLUMN suyo.matured_sum.signed_error IS 'Sum of forecast - actual.';
COMMENT ON COLUMN suyo.matured_sum.scaled_points IS 'Forecasts of series that have a scale.';
COMMENT ON COLUMN suyo.matured_sum.scaled_error IS 'Sum of |actual - forecast| over the scale.';
COMMENT ON COLUMN suyo.matured_sum.squared_scaled_error IS 'Sum of the squared error over the squared scale.';
COMMENT ON COLUMN suyo.matured_sum.inside_80 IS 'How many actuals were inside the central 80 % interval.';
COMMENT ON COLUMN suyo.matured_sum.inside_90 IS 'How many were inside the central 90 % interval.';
COMMENT ON COLUMN suyo.matured_sum.pinball IS 'Sum of the pinball loss at each of the eight levels.';
CREATE INDEX matured_sum_day ON suyo.matured_sum (portfolio, bucket_start);

CREATE VIEW forecast.accuracy WITH (security_barrier) AS
    SELECT portfolio, item_id, site_id, customer_id, lag, stage, pg_catalog.count(*) AS points,
        pg_catalog.min(bucket_start) AS first_bucket, pg_catalog.max(bucket_start) AS last_bucket,
        pg_catalog.sum(pg_catalog.abs(actual)) AS absolute_actual,
        pg_catalog.sum(pg_catalog.abs(actual - forecast)) AS absolute_error,
        pg_catalog.sum(pg_catalog.abs(actual - forecast)) / nullif(pg_catalog.sum(pg_catalog.abs(actual)), 0) AS wape,
        pg_catalog.sum(forecast - actual) / nullif(pg_catalog.sum(pg_catalog.abs(actual)), 0) AS bias,
        pg_catalog.avg(pg_catalog.abs(actual - forecast) / scale) AS mase,
        pg_catalog.sqrt(pg_catalog.avg((actual - forecast) ^ 2 / squared_scale)) AS rmsse,
        CASE WHEN stage = 'model' THEN
            pg_catalog.sum(greatest(0.05 * (actual - quantiles[1]), (0.05 - 1) * (actual - quantiles[1]))
                + greatest(0.1 * (actual - quantiles[2]), (0.1 - 1) * (actual - quantiles[2]))
                + greatest(0.25 * (actual - quantiles[3]), (0.25 - 1) * (actual - quantiles[3]))
                + greatest(0.5 * (actual - quantiles[4]), (0.5 - 1) * (actual - quantiles[4]))
                + greatest(0.75 * (actual - quantiles[5]), (0.75 - 1) * (actual - quantiles[5]))
                + greatest(0.9 * (actual - quantiles[6]), (0.9 - 1) * (actual - quantiles[6]))
                + greatest(0.95 * (actual - quantiles[7]), (0.95 - 1) * (actual - quantiles[7]))
                + greatest(0.99 * (actual - quantiles[8]), (0.99 - 1) * (actual - quantiles[8])))
            / 8 / nullif(pg_catalog.sum(pg_catalog.abs(actual)), 0) END AS pinball,
        CASE WHEN stage = 'model' THEN
            pg_catalog.avg((actual BETWEEN quantiles[2] AND quantiles[6])::integer)::float8 END AS coverage_80,
        CASE WHEN stage = 'model' THEN
            pg_catalog.avg((actual BETWEEN quantiles[1] AND quantiles[7])::integer)::float8 END AS coverage_90
    FROM suyo.matured_point
    WHERE (SELECT forecast.readable_sites(current_user)) IS NULL
        OR site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[])
    GROUP BY portfolio, item_id, site_id, customer_id, lag, stage;
COMMENT ON VIEW forecast.accuracy IS
    'How published forecasts turned out, by item, site, lag and stage: naive, model, and final, which is the model with what people changed. Stock-outs are not scored; late corrections are.';
COMMENT ON COLUMN forecast.accuracy.portfolio IS 'The job that forecast it.';
COMMENT ON COLUMN forecast.accuracy.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.accuracy.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN forecast.accuracy.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN forecast.accuracy.lag IS 'How many buckets ahead the forecasts were made: 1 is the next.';
COMMENT ON COLUMN forecast.accuracy.stage IS 'naive, model or final.';
COMMENT ON COLUMN forecast.accuracy.points IS 'Forecasts scored.';
COMMENT ON COLUMN forecast.accuracy.first_bucket IS 'Local start of the first bucket scored.';
COMMENT ON COLUMN forecast.accuracy.last_bucket IS 'Local start of the last bucket scored.';
COMMENT ON COLUMN forecast.accuracy.absolute_actual IS 'Sum of |actual|: adds up over items, for a WAPE of several.';
COMMENT ON COLUMN forecast.accuracy.absolute_error IS 'Sum of |actual - forecast|.';
COMMENT ON COLUMN forecast.accuracy.wape IS 'Sum of |actual - forecast| over sum of |actual|.';
COMMENT ON COLUMN forecast.accuracy.bias IS 'Sum of forecast - actual over sum of |actual|: positive is too much.';
COMMENT ON COLUMN forecast.accuracy.mase IS 'Mean |error| over the series'' mean absolute difference to a season before.';
COMMENT ON COLUMN forecast.accuracy.rmsse IS 'Root of the mean squared error over the mean squared difference to a season before.';
COMMENT ON COLUMN forecast.accuracy.pinball IS 'Mean pinball loss of the eight quantiles over sum of |actual|; of the stage model.';
COMMENT ON COLUMN forecast.accuracy.coverage_80 IS 'Share of actuals from p10 to p90; of the stage model.';
COMMENT ON COLUMN forecast.accuracy.coverage_90 IS 'Share of actuals from p05 to p95; of the stage model.';

CREATE FUNCTION suyo.sum_matured(portfolio text, buckets timestamp[]) RETURNS void
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    BEGIN
        DELETE FROM suyo.matured_sum AS m
        WHERE m.portfolio = sum_matured.portfolio AND m.bucket_start = ANY (sum_matured.buckets);
        INSERT INTO suyo.matured_sum (portfolio, bucket_start, version_id, site_id, demand_class, lag, stage, points,
            absolute_actual, absolute_error, signed_error, scaled_points, scaled_error, squared_scaled_error, inside_80,
            inside_90, pinball)
        SELECT portfolio, bucket_start, version_id, site_id, demand_class, lag, stage, pg_catalog.count(*),
            pg_catalog.sum(pg_catalog.abs(actual)), pg_catalog.sum(pg_catalog.abs(actual - forecast)),
            pg_catalog.sum(forecast - actual), pg_catalog.count(scale),
            coalesce(pg_catalog.sum(pg_catalog.abs(actual - forecast) / scale), 0),
            coalesce(pg_catalog.sum((actual - forecast) ^ 2 / squared_scale), 0),
            CASE WHEN stage = 'model' THEN
                pg_catalog.count(*) FILTER (WHERE actual BETWEEN quantiles[2] AND quantiles[6]) END,
            CASE WHEN stage = 'model' THEN
                pg_catalog.count(*) FILTER (WHERE actual BETWEEN quantiles[1] AND quantiles[7]) END,
            CASE WHEN stage = 'model' THEN ARRAY[
                pg_catalog.sum(greatest(0.05 * (actual - quantiles[1]), (0.05 - 1) * (actual - quantiles[1]))),
                pg_catalog.sum(greatest(0.1 * (actual - quantiles[2]), (0.1 - 1) * (actual - quantiles[2]))),
                pg_catalog.sum(greatest(0.25 * (actual - quantiles[3]), (0.25 - 1) * (actual - quantiles[3]))),
                pg_catalog.sum(greatest(0.5 * (actual - quantiles[4]), (0.5 - 1) * (actual - quantiles[4]))),
                pg_catalog.sum(greatest(0.75 * (actual - quantiles[5]), (0.75 - 1) * (actual - quantiles[5]))),
                pg_catalog.sum(greatest(0.9 * (actual - quantiles[6]), (0.9 - 1) * (actual - quantiles[6]))),
                pg_catalog.sum(greatest(0.95 * (actual - quantiles[7]), (0.95 - 1) * (actual - quantiles[7]))),
                pg_catalog.sum(greatest(0.99 * (actual - quantiles[8]), (0.99 - 1) * (actual - quantiles[8])))] END
        FROM suyo.matured_point AS p
        WHERE p.portfolio = sum_matured.portfolio AND p.bucket_start = ANY (sum_matured.buckets)
        GROUP BY portfolio, bucket_start, version_id, site_id, demand_class, lag, stage;
    END
    $$;
COMMENT ON FUNCTION suyo.sum_matured(text, timestamp[]) IS 'Adds up the matured errors of some buckets anew.';

CREATE FUNCTION suyo.score(portfolio text) RETURNS TABLE (scored bigint, corrected bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        last_scored timestamp;
        shape record;
        changed timestamp[];
    BEGIN
        -- One at a time; the letters of "mtrd" tell this lock from others.
        PERFORM pg_catalog.pg_advisory_xact_lock(1836347012, pg_catalog.hashtext(score.portfolio));
        SELECT s.frequency, demand.bucket_length(s.frequency) AS length INTO shape
        FROM demand.series AS s WHERE s.portfolio = score.portfolio LIMIT 1;
        IF shape IS NULL THEN
            RETURN QUERY SELECT 0::bigint, 0::bigint;
            RETURN;
        END IF;
        SELECT pg_catalog.max(m.bucket_start) INTO last_scored FROM suyo.matured_bucket AS m
        WHERE m.portfolio = score.portfolio;

        -- Late corrections, and buckets found to be out of stock: what was forecast stays, what came changes.
        WITH now AS (
            SELECT s.item_id, s.site_id, s.customer_id, v.actual,
                s.first_bucket + (v.place - 1 + greatest(0, cardinality(s.adjusted) - 60)) * shape.length AS bucket_start
            FROM demand.series AS s
            CROSS JOIN LATERAL pg_catalog.unnest(s.adjusted[greatest(1, cardinality(s.adjusted) - 59):])
                WITH ORDINALITY AS v (actual, place)
            WHERE s.portfolio = score.portfolio AND s.frequency = shape.frequency AND last_scored IS NOT NULL),
        mended AS (
            UPDATE suyo.matured_bucket AS m SET actual = now.actual, scored_at = pg_catalog.now()
            FROM now
            WHERE m.portfolio = score.portfolio AND m.frequency = shape.frequency AND m.item_id = now.item_id
                AND coalesce(m.site_id, '') = coalesce(now.site_id, '')
                AND coalesce(m.customer_id, '') = coalesce(now.customer_id, '')
                AND m.bucket_start = now.bucket_start AND m.actual <> now.actual
            RETURNING m.bucket_start)
        SELECT pg_catalog.count(*), pg_catalog.array_agg(DISTINCT bucket_start) INTO corrected, changed FROM mended;

        -- In steps whose sizes the planner can see.
        CREATE TEMPORARY TABLE scored_cell ON COMMIT DROP AS
            WITH published AS (
                SELECT own.publication_id, own.version_id, f.first_bucket, v.season, v.horizon, shown.latest
                FROM forecast.publication AS own
                JOIN suyo.model_version AS v USING (version_id)
                -- A forecast that the gate refused counts once a person promoted it.
                CROSS JOIN LATERAL (SELECT pg_catalog.max(p.publication_id) AS latest FROM forecast.publication AS p
                    WHERE p.portfolio = own.portfolio AND p.status <> 'challenger'
                        AND coalesce(p.forecasts_of, p.publication_id) = own.publication_id) AS shown
                -- The series of a publication begin at the same bucket.
                CROSS JOIN LATERAL (SELECT first_bucket FROM forecast.series_forecast AS f
                    WHERE f.publication_id = own.publication_id LIMIT 1) AS f
                WHERE own.portfolio = score.portfolio AND own.frequency = shape.frequency AND own.forecasts_of IS NULL
                    AND shown.latest IS NOT NULL)
            -- Of forecasts from the same last bucket, the one that was shown last.
            SELECT DISTINCT ON (bucket_start, lag) publication_id, version_id, season, lag,
                first_bucket + (lag - 1) * shape.length AS bucket_start
            FROM published CROSS JOIN LATERAL pg_catalog.generate_series(1, horizon) AS lag
            WHERE (last_scored IS NULL OR first_bucket + (lag - 1) * shape.length > last_scored)
                AND first_bucket + (lag - 1) * shape.length <= (
                    SELECT pg_catalog.max(s.first_bucket + (cardinality(s.adjusted) - 1) * shape.length)
                    FROM demand.series AS s WHERE s.portfolio = score.portfolio AND s.frequency = shape.frequency)
            ORDER BY bucket_start, lag, latest DESC;
        CREATE TEMPORARY TABLE scored_series ON COMMIT DROP AS
            SELECT s.item_id, s.site_id, s.customer_id, c.bucket_start, place.place, s.adjusted, d.scale, d.squared_scale
            FROM demand.series AS s
            CROSS JOIN LATERAL (
                SELECT nullif(pg_catalog.avg(pg_catalog.abs(v - before)), 0) AS scale,
                    nullif(pg_catalog.avg((v - before) ^ 2), 0) AS squared_scale
                FROM ROWS FROM (
                    pg_catalog.unnest(s.adjusted[1 + (SELECT pg_catalog.max(season) FROM pg_temp.scored_cell):]),
                    pg_catalog.unnest(s.adjusted)) AS pair (v, before)
                WHERE v <> 'NaN' AND before <> 'NaN') AS d
            CROSS JOIN (SELECT DISTINCT bucket_start FROM pg_temp.scored_cell) AS c
            CROSS JOIN LATERAL (
                SELECT demand.bucket_place(shape.frequency, s.first_bucket, c.bucket_start) AS place) AS place
            WHERE s.portfolio = score.portfolio AND s.frequency = shape.frequency
                AND place.place BETWEEN 1 AND cardinality(s.adjusted);
        CREATE TEMPORARY TABLE scored_override ON COMMIT DROP AS
            -- Of the overrides that were valid as the bucket began, the latest.
            SELECT DISTINCT ON (o.item_id, o.site_id, o.customer_id, o.bucket_start) o.item_id, o.site_id, o.customer_id,
                o.bucket_start, o.factor, o.addend
            FROM forecast.override_validity AS o
            LEFT JOIN demand.site AS z ON z.site_id = o.site_id
            CROSS JOIN LATERAL (SELECT o.bucket_start AT TIME ZONE coalesce(z.time_zone, 'UTC') AS at) AS begins
            WHERE o.portfolio = score.portfolio
                AND o.bucket_start IN (SELECT c.bucket_start FROM pg_temp.scored_cell AS c)
                AND o.valid_from <= begins.at AND begins.at < o.valid_until
            ORDER BY o.item_id, o.site_id, o.customer_id, o.bucket_start, o.override_id DESC;
        ANALYZE pg_temp.scored_cell, pg_temp.scored_series, pg_temp.scored_override;
        WITH points AS (
            SELECT c.version_id, c.lag, c.bucket_start, s.item_id, s.site_id, s.customer_id, s.scale, s.squared_scale,
                s.adjusted[s.place] AS actual, f.mean[c.lag] AS point,
                coalesce(nullif(s.adjusted[s.place - known.back], 'NaN'),
                    nullif(s.adjusted[s.place - known.back - c.season], 'NaN'),
                    nullif(s.adjusted[s.place - known.back - 2 * c.season], 'NaN'), 'NaN') AS naive,
                f.quantiles[8 * c.lag - 7:8 * c.lag] AS quantiles,
                greatest(0, coalesce(o.factor, 1) * f.mean[c.lag] + coalesce(o.addend, 0)) AS final
            FROM pg_temp.scored_cell AS c
            -- The whole seasons between the bucket and the latest like it that was known.
            CROSS JOIN LATERAL (SELECT c.season * ((c.lag + c.season - 1) / c.season) AS back) AS known
            JOIN forecast.series_forecast AS f USING (publication_id)
            JOIN pg_temp.scored_series AS s ON s.bucket_start = c.bucket_start AND s.item_id = f.item_id
                AND coalesce(s.site_id, '') = coalesce(f.site_id, '')
                AND coalesce(s.customer_id, '') = coalesce(f.customer_id, '')
            LEFT JOIN pg_temp.scored_override AS o ON o.bucket_start = c.bucket_start AND o.item_id = f.item_id
                AND coalesce(o.site_id, '') = coalesce(f.site_id, '')
                AND coalesce(o.customer_id, '') = coalesce(f.customer_id, '')
            WHERE cardinality(f.mean) >= c.lag),
        added AS (
            INSERT INTO suyo.matured_bucket (portfolio, item_id, site_id, customer_id, frequency, bucket_start,
                demand_class, actual, scale, squared_scale, versions, lags, mean, naive, final, quantiles)
            SELECT score.portfolio, p.item_id, p.site_id, p.customer_id, shape.frequency, p.bucket_start,
                coalesce((SELECT v.demand_class FROM suyo.version_series AS v
                    WHERE v.version_id = pg_catalog.max(p.version_id) AND v.item_id = p.item_id
                        AND coalesce(v.site_id, '') = coalesce(p.site_id, '')
                        AND coalesce(v.customer_id, '') = coalesce(p.customer_id, '')), 'none'),
                pg_catalog.max(p.actual), pg_catalog.max(p.scale), pg_catalog.max(p.squared_scale),
                pg_catalog.array_agg(p.version_id ORDER BY p.lag), pg_catalog.array_agg(p.lag ORDER BY p.lag),
                pg_catalog.array_agg(p.point ORDER BY p.lag), pg_catalog.array_agg(p.naive ORDER BY p.lag),
                pg_catalog.array_agg(p.final ORDER BY p.lag),
                ARRAY(SELECT q::real FROM (
                    SELECT pg_catalog.unnest(pg_catalog.array_agg(p.quantiles ORDER BY p.lag)) AS q) AS flat)
            FROM points AS p
            GROUP BY p.item_id, p.site_id, p.customer_id, p.bucket_start
            RETURNING bucket_start)
        SELECT pg_catalog.count(*), coalesce(changed, '{}') || coalesce(pg_catalog.array_agg(DISTINCT bucket_start), '{}')
        INTO scored, changed FROM added;
        DROP TABLE pg_temp.scored_cell, pg_temp.scored_series, pg_temp.scored_override;
        IF cardinality(changed) > 0 THEN PERFORM suyo.sum_matured(score.portfolio, changed); END IF;
        RETURN NEXT;
    END
    $$;
COMMENT ON FUNCTION suyo.score(text) IS
    'Scores the published forecasts of a portfolio whose buckets have closed, and those of the last 60 buckets anew where what came was corrected. Returns how many buckets of series of each.';

CREATE FUNCTION suyo.roll_back_if_worse(portfolio text, buckets integer, tolerance float8) RETURNS text
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        champion bigint;
        last_rollback bigint;
        window_start timestamp;
        closed bigint;
        target bigint;
        since record;
        before record;
        result text;
    BEGIN
        SELECT c.version_id INTO champion FROM suyo.champion AS c
        WHERE c.portfolio = roll_back_if_worse.portfolio FOR UPDATE;
        -- What a rollback has answered already counts no more.
        SELECT coalesce(pg_catalog.max(l.promotion_id), 0) INTO last_rollback FROM suyo.promotion_log AS l
        WHERE l.portfolio = roll_back_if_worse.portfolio AND l.action = 'rollback';
        SELECT pg_catalog.min(days.bucket_start), pg_catalog.count(*) INTO window_start, closed FROM (
            SELECT DISTINCT m.bucket_start FROM suyo.matured_sum AS m
            WHERE m.portfolio = roll_back_if_worse.portfolio AND m.version_id IN (
                SELECT l.version_id FROM suyo.promotion_log AS l
                WHERE l.portfolio = roll_back_if_worse.portfolio AND l.promotion_id > last_rollback)
            ORDER BY 1 DESC LIMIT roll_back_if_worse.buckets) AS days;
        IF closed < roll_back_if_worse.buckets THEN RETURN NULL; END IF;
        -- The last champion from before the first of these buckets, if it still forecasts what is to come.
        SELECT l.version_id INTO target FROM suyo.promotion_log AS l
        JOIN suyo.model_version AS v USING (version_id)
        JOIN forecast.publication AS p ON p.version_id = v.version_id AND p.forecasts_of IS NULL
        CROSS JOIN LATERAL (SELECT f.first_bucket FROM forecast.series_forecast AS f
            WHERE f.publication_id = p.publication_id LIMIT 1) AS f
        WHERE l.portfolio = roll_back_if_worse.portfolio AND l.version_id < champion AND f.first_bucket < window_start
            AND f.first_bucket + (v.horizon - 1) * p.bucket_length > (
                SELECT pg_catalog.max(m.bucket_start) FROM suyo.matured_sum AS m
                WHERE m.portfolio = roll_back_if_worse.portfolio)
        ORDER BY l.promotion_id DESC LIMIT 1;
        IF target IS NULL THEN RETURN NULL; END IF;
        SELECT pg_catalog.sum(m.absolute_error) / nullif(pg_catalog.sum(m.absolute_actual), 0) AS wape INTO since
        FROM suyo.matured_sum AS m
        WHERE m.portfolio = roll_back_if_worse.portfolio AND m.stage = 'model' AND m.bucket_start >= window_start
            AND m.version_id > target AND m.version_id IN (
                SELECT l.version_id FROM suyo.promotion_log AS l
                WHERE l.portfolio = roll_back_if_worse.portfolio AND l.promotion_id > last_rollback);
        SELECT pg_catalog.sum(m.absolute_error) / nullif(pg_catalog.sum(m.absolute_actual), 0) AS wape,
            pg_catalog.sum(m.points) AS points, pg_catalog.count(DISTINCT m.bucket_start) AS closed INTO before
        FROM suyo.matured_sum AS m
        WHERE m.portfolio = roll_back_if_worse.portfolio AND m.stage = 'model' AND m.bucket_start >= window_start
            AND m.version_id = target;
        -- A hundred points: fewer series tell too little.
        IF since.wape > before.wape * (1 + roll_back_if_worse.tolerance) AND before.points >= 100
            AND before.closed = closed
        THEN
            result := pg_catalog.format('Rolled back from version %s to %s: over the last %s closed buckets what was '
                'published since has WAPE %s %%, version %s on the same %s %%; %s %% more is tolerated.', champion, target,
                closed, pg_catalog.round((100 * since.wape)::numeric, 1), target,
                pg_catalog.round((100 * before.wape)::numeric, 1),
                pg_catalog.round((100 * roll_back_if_worse.tolerance)::numeric, 1));
            PERFORM suyo.make_champion(target, 'rollback', result, automatic => true);
        END IF;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.roll_back_if_worse(text, integer, float8) IS
    'Makes the champion from before the last closed buckets champion again, with its forecasts, where it forecast those buckets better than what was published since, by more than a share of its error. Returns why; null where nothing was done.';

CREATE FUNCTION suyo.prunable(portfolio text, keep integer)
    RETURNS TABLE (version_id bigint, portfolio_name text, created_at timestamptz, series bigint, bytes bigint)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
    SELECT v.version_id, v.portfolio, v.created_at, stored.series, stored.bytes + forecasts.bytes
    FROM (
        SELECT m.version_id, m.portfolio, m.created_at, m.horizon,
            pg_catalog.row_number() OVER (PARTITION BY m.portfolio ORDER BY m.version_id DESC) AS place
        FROM suyo.model_version AS m
        WHERE prunable.portfolio IS NULL OR m.portfolio = prunable.portfolio) AS v
    CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS series,
            coalesce(pg_catalog.sum(pg_catalog.pg_column_size(s)), 0)::bigint AS bytes
        FROM suyo.version_series AS s WHERE s.version_id = v.version_id) AS stored
    CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.sum(pg_catalog.pg_column_size(f)), 0)::bigint AS bytes
        FROM forecast.series_forecast AS f JOIN forecast.publication AS p USING (publication_id)
        WHERE p.version_id = v.version_id) AS forecasts
    WHERE v.place > prunable.keep AND stored.series > 0
        AND NOT EXISTS (SELECT FROM suyo.champion AS c WHERE c.version_id = v.version_id)
        -- What anybody reads, also where a later publication shows it once more.
        AND NOT EXISTS (SELECT FROM forecast.current_publication AS c
            JOIN forecast.publication AS p USING (publication_id)
            JOIN forecast.publication AS own ON own.publication_id = coalesce(p.forecasts_of, p.publication_id)
            WHERE own.version_id = v.version_id)
        -- What has yet to be held against what comes.
        AND NOT EXISTS (SELECT FROM forecast.publication AS p
            CROSS JOIN LATERAL (SELECT f.first_bucket FROM forecast.series_forecast AS f
                WHERE f.publication_id = p.publication_id LIMIT 1) AS f
            WHERE p.version_id = v.version_id AND p.status <> 'challenger'
                AND f.first_bucket + (v.horizon - 1) * p.bucket_length > coalesce((
                    SELECT pg_catalog.max(m.bucket_start) FROM suyo.matured_sum AS m WHERE m.portfolio = v.portfolio),
                    '-infinity'))
        -- Who is on trial, and whom it meets.
        AND NOT EXISTS (SELECT FROM suyo.shadow_trial AS t
            WHERE t.state = 'waiting' AND (t.version_id = v.version_id OR t.rival_id = v.version_id))
        -- What another version that is still whole was made from.
        AND NOT EXISTS (SELECT FROM suyo.model_version AS h WHERE h.holds_version_id = v.version_id
            AND EXISTS (SELECT FROM suyo.version_series AS s WHERE s.version_id = h.version_id))
    $$;
COMMENT ON FUNCTION suyo.prunable(text, integer) IS
    'Versions of a portfolio (null: of all) whose forecasts, parameters and states may go: all but the newest ones to keep, the champion, what anybody reads, what has yet to mature, and what a kept version holds on to. With the bytes their rows take.';

CREATE FUNCTION suyo.prune(portfolio text, keep integer)
    RETURNS TABLE (version_id bigint, portfolio_name text, created_at timestamptz, series bigint, bytes bigint)
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    #variable_conflict use_column
    BEGIN
        -- Nobody trains, promotes or rolls back meanwhile; the letters of "suyo" are the lock of those who train.
        PERFORM pg_catalog.pg_advisory_xact_lock(1937078639, hash) FROM (
            SELECT DISTINCT pg_catalog.hashtext(v.portfolio) AS hash FROM suyo.model_version AS v ORDER BY 1) AS each;
        PERFORM FROM suyo.champion AS c ORDER BY c.portfolio FOR UPDATE;
        CREATE TEMPORARY TABLE pruned ON COMMIT DROP AS SELECT * FROM suyo.prunable(prune.portfolio, prune.keep);
        DELETE FROM forecast.series_forecast AS f USING forecast.publication AS p
        WHERE p.publication_id = f.publication_id AND p.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g);
        DELETE FROM forecast.total_forecast AS f USING forecast.publication AS p
        WHERE p.publication_id = f.publication_id AND p.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g);
        CREATE TEMPORARY TABLE pruned_content ON COMMIT DROP AS
            SELECT s.content_hash FROM suyo.version_series AS s
            WHERE s.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g)
            UNION
            SELECT k.content_hash FROM suyo.version_like_item AS k
            WHERE k.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g);
        DELETE FROM suyo.version_like_item AS k WHERE k.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g);
        DELETE FROM suyo.version_series AS s WHERE s.version_id IN (SELECT g.version_id FROM pg_temp.pruned AS g);
        DELETE FROM suyo.training_series AS t USING pg_temp.pruned_content AS g
        WHERE t.content_hash = g.content_hash
            AND NOT EXISTS (SELECT FROM suyo.version_series AS s WHERE s.content_hash = t.content_hash)
            AND NOT EXISTS (SELECT FROM suyo.version_like_item AS k WHERE k.content_hash = t.content_hash);
        RETURN QUERY SELECT * FROM pg_temp.pruned AS g ORDER BY g.version_id;
        DROP TABLE pg_temp.pruned, pg_temp.pruned_content;
    END
    $$;
COMMENT ON FUNCTION suyo.prune(text, integer) IS
    'Deletes forecasts, parameters, states and training data of the versions that suyo.prunable names, and returns them. Their lineage, verdicts, promotions and matured errors stay.';
