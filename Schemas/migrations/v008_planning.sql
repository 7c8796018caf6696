-- What to order, when and how much: service levels, positions, order-up-to levels, and what a planner has to look at.

CREATE TABLE forecast.item_class (
    item_id text PRIMARY KEY,
    class text NOT NULL CHECK (class IN ('A', 'B', 'C')),
    yearly_value float8 NOT NULL,
    classified_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE forecast.item_class IS 'ABC classes of the items by the value of their demand in the last year.';
COMMENT ON COLUMN forecast.item_class.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.item_class.class IS 'A: the items that make up the first 80 % of the value, B: the next 15 %, C: the rest.';
COMMENT ON COLUMN forecast.item_class.yearly_value IS 'Demand of the last 365 days in base units, over all sites, times unit cost.';
COMMENT ON COLUMN forecast.item_class.classified_at IS 'When the class was worked out.';

CREATE FUNCTION forecast.classify_items() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        result bigint;
    BEGIN
        INSERT INTO forecast.item_class AS c (item_id, class, yearly_value)
        SELECT ranked.item_id,
            CASE WHEN ranked.value = 0 THEN 'C' WHEN ranked.before < 0.80 THEN 'A' WHEN ranked.before < 0.95 THEN 'B'
                ELSE 'C' END, ranked.value
        FROM (
            -- The share of all value that the more valuable items have; the item that crosses a limit is in.
            SELECT valued.item_id, valued.value, coalesce(pg_catalog.sum(valued.value) OVER (
                ORDER BY valued.value DESC, valued.item_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                / nullif(pg_catalog.sum(valued.value) OVER (), 0) AS before
            FROM (
                -- Two portfolios that cover an item tell of the same demand: the fuller one counts.
                SELECT whole.item_id, pg_catalog.max(whole.quantity) * coalesce(pg_catalog.max(i.unit_cost),
                    (SELECT pg_catalog.avg(known.unit_cost) FROM demand.item AS known), 1) AS value
                FROM (
                    SELECT s.portfolio, s.item_id, pg_catalog.sum(coalesce(year.quantity, 0)) AS quantity
                    FROM demand.series AS s
                    CROSS JOIN LATERAL (
                        SELECT pg_catalog.sum(v.value) AS quantity
                        FROM pg_catalog.unnest(s.adjusted[greatest(1, cardinality(s.adjusted) + 1 - pg_catalog.ceil(
                            31536000 / extract(epoch FROM demand.bucket_length(s.frequency)))::integer):]) AS v (value)
                        WHERE v.value <> 'NaN') AS year
                    GROUP BY s.portfolio, s.item_id) AS whole
                LEFT JOIN demand.item AS i USING (item_id)
                GROUP BY whole.item_id) AS valued) AS ranked
        ON CONFLICT (item_id) DO UPDATE
            SET class = excluded.class, yearly_value = excluded.yearly_value, classified_at = excluded.classified_at;
        GET DIAGNOSTICS result = ROW_COUNT;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION forecast.classify_items() IS
    'Works out the ABC classes anew and returns how many items have one. An item without a unit cost counts with the mean of the others''.';

CREATE TABLE forecast.planning_policy (
    policy_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id text,
    site_id text,
    category text,
    class text CHECK (class IN ('A', 'B', 'C')),
    service_level float8 CHECK (service_level BETWEEN 0.5 AND 0.999),
    service_kind text CHECK (service_kind IN ('cycle', 'fill')),
    review_days float8 CHECK (review_days BETWEEN 0 AND 365),
    cover_days float8 CHECK (cover_days BETWEEN 0 AND 365),
    lead_time_days float8 CHECK (lead_time_days BETWEEN 0 AND 3650),
    pack_size float8 CHECK (pack_size > 0 AND pack_size <= 1e12),
    minimum_quantity float8 CHECK (minimum_quantity BETWEEN 0 AND 1e12),
    maximum_quantity float8 CHECK (maximum_quantity > 0 AND maximum_quantity <= 1e12),
    reason text NOT NULL CHECK (reason ~ '\S'),
    actor text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by text,
    CHECK (pg_catalog.num_nonnulls(item_id, category, class) <= 1)
);
COMMENT ON TABLE forecast.planning_policy IS
    'By which rules stock is planned. What the policy of an item at a site leaves open is taken from that of the item, then of category, class, site, and of all. Change them with forecast.set_policy.';
COMMENT ON COLUMN forecast.planning_policy.policy_id IS 'Number of the policy.';
COMMENT ON COLUMN forecast.planning_policy.item_id IS 'For which item; null is all.';
COMMENT ON COLUMN forecast.planning_policy.site_id IS 'Where; null is everywhere.';
COMMENT ON COLUMN forecast.planning_policy.category IS 'For items of which category; null is all.';
COMMENT ON COLUMN forecast.planning_policy.class IS 'For items of which ABC class; null is all.';
COMMENT ON COLUMN forecast.planning_policy.service_level IS 'What is aimed at, such as 0.95; null where this policy leaves it open, as in every column that follows.';
COMMENT ON COLUMN forecast.planning_policy.service_kind IS 'cycle: the share of order cycles without a stock-out; fill: the share of demand met from the shelf.';
COMMENT ON COLUMN forecast.planning_policy.review_days IS 'Days from one look at the stock to the next; 0 is continuous.';
COMMENT ON COLUMN forecast.planning_policy.cover_days IS 'Days of expected demand that an order adds to what the service level needs, for fewer and larger orders.';
COMMENT ON COLUMN forecast.planning_policy.lead_time_days IS 'Days from order to receipt where demand.lead_time knows none.';
COMMENT ON COLUMN forecast.planning_policy.pack_size IS 'Base units an order is a multiple of, instead of the item''s own.';
COMMENT ON COLUMN forecast.planning_policy.minimum_quantity IS 'Base units an order has at least.';
COMMENT ON COLUMN forecast.planning_policy.maximum_quantity IS 'Base units an order has at most.';
COMMENT ON COLUMN forecast.planning_policy.reason IS 'Why.';
COMMENT ON COLUMN forecast.planning_policy.actor IS 'Database role that set it.';
COMMENT ON COLUMN forecast.planning_policy.created_at IS 'Since when it counts.';
COMMENT ON COLUMN forecast.planning_policy.ended_at IS 'When it was replaced or withdrawn; null while it counts.';
COMMENT ON COLUMN forecast.planning_policy.ended_by IS 'Database role that did that.';
CREATE UNIQUE INDEX planning_policy_scope ON forecast.planning_policy
    ((coalesce(item_id, '')), (coalesce(site_id, '')), (coalesce(category, '')), (coalesce(class, '')))
    WHERE ended_at IS NULL;

INSERT INTO forecast.planning_policy (class, service_level, service_kind, review_days, cover_days, minimum_quantity,
    reason, actor)
VALUES (NULL, 0.95, 'cycle', 7, 0, 0, 'as delivered: reviewed weekly', 'suyo'),
    ('A', 0.98, NULL, NULL, NULL, NULL, 'as delivered: what brings most is nearly always there', 'suyo'),
    ('B', 0.95, NULL, NULL, NULL, NULL, 'as delivered', 'suyo'),
    ('C', 0.90, NULL, NULL, NULL, NULL, 'as delivered: what brings least may run out now and then', 'suyo');

CREATE FUNCTION forecast.set_policy(
    item text DEFAULT NULL, site text DEFAULT NULL, category text DEFAULT NULL, class text DEFAULT NULL,
    service_level float8 DEFAULT NULL, service_kind text DEFAULT NULL, review_days float8 DEFAULT NULL,
    cover_days float8 DEFAULT NULL, lead_time_days float8 DEFAULT NULL, pack_size float8 DEFAULT NULL,
    minimum_quantity float8 DEFAULT NULL, maximum_quantity float8 DEFAULT NULL, reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    #variable_conflict use_column
    DECLARE
        wrong record;
        old forecast.planning_policy;
        result bigint;
    BEGIN
        IF set_policy.reason IS NULL OR set_policy.reason !~ '\S' THEN
            RAISE EXCEPTION 'a policy needs a reason: say why, for whoever asks later'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF pg_catalog.num_nonnulls(set_policy.item, set_policy.category, set_policy.class) > 1 THEN
            RAISE EXCEPTION 'a policy is for an item, a category or a class: say one of them'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF set_policy.service_level IS NOT NULL AND NOT set_policy.service_level BETWEEN 0.5 AND 0.999 THEN
            RAISE EXCEPTION 'a service level of % is none: take 0.5 to 0.999%', set_policy.service_level,
                CASE WHEN set_policy.service_level BETWEEN 50 AND 99.9
                    THEN pg_catalog.format('; %s percent is %s', set_policy.service_level,
                        pg_catalog.trim_scale(set_policy.service_level::numeric / 100)) ELSE ', such as 0.95' END
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF set_policy.service_kind NOT IN ('cycle', 'fill') THEN
            RAISE EXCEPTION 'there is no kind of service %; there are cycle and fill',
                pg_catalog.quote_literal(set_policy.service_kind) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT * INTO wrong FROM (VALUES
                ('a review every % days', set_policy.review_days, '0 to 365', 0, 365),
                ('a cover of % days', set_policy.cover_days, '0 to 365', 0, 365),
                ('a lead time of % days', set_policy.lead_time_days, '0 to 3650', 0, 3650),
                ('a pack of %', set_policy.pack_size, 'more than 0', 1e-9, 1e12),
                ('a minimum quantity of %', set_policy.minimum_quantity, '0 or more', 0, 1e12),
                ('a maximum quantity of %', set_policy.maximum_quantity, 'more than 0', 1e-9, 1e12))
            AS limits (what, value, choices, lowest, highest)
        WHERE NOT limits.value BETWEEN limits.lowest AND limits.highest LIMIT 1;
        IF wrong.what IS NOT NULL THEN
            RAISE EXCEPTION '% is none: take %', pg_catalog.replace(wrong.what, '%', wrong.value::text), wrong.choices
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF set_policy.class NOT IN ('A', 'B', 'C') THEN
            RAISE EXCEPTION 'there is no class %; there are A, B and C', pg_catalog.quote_literal(set_policy.class)
                USING ERRCODE = 'no_data_found';
        END IF;
        IF set_policy.item IS NOT NULL
            AND NOT EXISTS (SELECT FROM demand.item AS i WHERE i.item_id = set_policy.item)
            AND NOT EXISTS (SELECT FROM forecast.current_series AS s WHERE s.item_id = set_policy.item) THEN
            RAISE EXCEPTION 'there is no item %; there are such as %', pg_catalog.quote_literal(set_policy.item),
                coalesce((SELECT pg_catalog.string_agg(near.item_id, ', ') FROM (
                    SELECT i.item_id FROM demand.item AS i ORDER BY 1 LIMIT 5) AS near), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;
        IF set_policy.site IS NOT NULL
            AND NOT EXISTS (SELECT FROM demand.site AS s WHERE s.site_id = set_policy.site) THEN
            RAISE EXCEPTION 'there is no site %; there are such as %', pg_catalog.quote_literal(set_policy.site),
                coalesce((SELECT pg_catalog.string_agg(near.site_id, ', ') FROM (
                    SELECT s.site_id FROM demand.site AS s ORDER BY 1 LIMIT 5) AS near), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;
        IF set_policy.category IS NOT NULL
            AND NOT EXISTS (SELECT FROM demand.item AS i WHERE i.category = set_policy.category) THEN
            RAISE EXCEPTION 'there is no category %; there are such as %', pg_catalog.quote_literal(set_policy.category),
                coalesce((SELECT pg_catalog.string_agg(near.category, ', ') FROM (
                    SELECT DISTINCT i.category FROM demand.item AS i WHERE i.category IS NOT NULL
                    ORDER BY 1 LIMIT 5) AS near), 'none')
                USING ERRCODE = 'no_data_found';
        END IF;

        PERFORM forecast.refuse_other_site(set_policy.site);
        UPDATE forecast.planning_policy AS p
        SET ended_at = pg_catalog.clock_timestamp(), ended_by = session_user
        WHERE coalesce(p.item_id, '') = coalesce(set_policy.item, '')
            AND coalesce(p.site_id, '') = coalesce(set_policy.site, '')
            AND coalesce(p.category, '') = coalesce(set_policy.category, '')
            AND coalesce(p.class, '') = coalesce(set_policy.class, '') AND p.ended_at IS NULL
        RETURNING p.* INTO old;
        IF coalesce(set_policy.minimum_quantity, old.minimum_quantity)
            > coalesce(set_policy.maximum_quantity, old.maximum_quantity) THEN
            RAISE EXCEPTION 'a minimum quantity of % is more than the maximum of %',
                coalesce(set_policy.minimum_quantity, old.minimum_quantity),
                coalesce(set_policy.maximum_quantity, old.maximum_quantity) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF pg_catalog.num_nonnulls(set_policy.service_level, set_policy.service_kind, set_policy.review_days,
            set_policy.cover_days, set_policy.lead_time_days, set_policy.pack_size, set_policy.minimum_quantity,
            set_policy.maximum_quantity) = 0 THEN
            RAISE EXCEPTION 'a policy that says nothing: give a service level, review days, cover days, a lead time, a pack, a minimum or a maximum'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        INSERT INTO forecast.planning_policy (item_id, site_id, category, class, service_level, service_kind,
            review_days, cover_days, lead_time_days, pack_size, minimum_quantity, maximum_quantity, reason)
        VALUES (set_policy.item, set_policy.site, set_policy.category, set_policy.class,
            coalesce(set_policy.service_level, old.service_level), coalesce(set_policy.service_kind, old.service_kind),
            coalesce(set_policy.review_days, old.review_days), coalesce(set_policy.cover_days, old.cover_days),
            coalesce(set_policy.lead_time_days, old.lead_time_days), coalesce(set_policy.pack_size, old.pack_size),
            coalesce(set_policy.minimum_quantity, old.minimum_quantity),
            coalesce(set_policy.maximum_quantity, old.maximum_quantity), pg_catalog.btrim(set_policy.reason))
        RETURNING policy_id INTO result;
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION forecast.set_policy(text, text, text, text, float8, text, float8, float8, float8, float8, float8, float8, text) IS
    'Sets the rules for an item, a category or an ABC class (null: all) at a site (null: everywhere), with a reason; what is left out stays as that policy had it. Returns its number.';

CREATE FUNCTION forecast.withdraw_policy(policy bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        found_policy forecast.planning_policy;
    BEGIN
        SELECT * INTO found_policy FROM forecast.planning_policy AS p
        WHERE p.policy_id = withdraw_policy.policy FOR UPDATE;
        IF found_policy.policy_id IS NULL THEN
            RAISE EXCEPTION 'there is no policy %: look at forecast.planning_policy', withdraw_policy.policy
                USING ERRCODE = 'no_data_found';
        END IF;
        IF pg_catalog.num_nonnulls(found_policy.item_id, found_policy.site_id, found_policy.category,
            found_policy.class) = 0 THEN
            RAISE EXCEPTION 'policy % holds where no other does and cannot be withdrawn: set another instead',
                withdraw_policy.policy USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        PERFORM forecast.refuse_other_site(found_policy.site_id);
        UPDATE forecast.planning_policy AS p
        SET ended_at = pg_catalog.clock_timestamp(), ended_by = session_user
        WHERE p.policy_id = withdraw_policy.policy AND p.ended_at IS NULL;
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION forecast.withdraw_policy(bigint) IS
    'Ends a policy, so that a less specific one counts; it stays on record. False where it had ended before.';

CREATE FUNCTION forecast.standard_normal_probability(z float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = ''
    AS $$
    DECLARE
        t float8 := 1 / (1 + 0.2316419 * pg_catalog.abs(z));
        tail float8;
    BEGIN
        -- No density is left that far out, and the exponential would underflow.
        IF pg_catalog.abs(z) > 37 THEN RETURN CASE WHEN z > 0 THEN 1 ELSE 0 END; END IF;
        tail := 0.3989422804014327 * pg_catalog.exp(-z * z / 2) * t * (0.319381530 + t * (-0.356563782
            + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        RETURN CASE WHEN z > 0 THEN 1 - tail ELSE tail END;
    END
    $$;
COMMENT ON FUNCTION forecast.standard_normal_probability(float8) IS
    'The probability that a standard normal variable is at or below z, by formula 26.2.17 of Abramowitz and Stegun, absolute error below 7.5e-8.';

CREATE FUNCTION forecast.expected_shortage(levels float8[], stock float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = ''
    AS $$
    DECLARE
        scores constant float8[] := '{-1.6448536269514722,-1.2815515655446004,-0.6744897501960817,0,0.6744897501960817,1.2815515655446004,1.6448536269514722,2.3263478740408408}';
        probabilities constant float8[] := '{0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99}';
        slope float8;
        z float8;
        probability float8;
        -- Density and probability at the upper end of the piece.
        upper_density float8 := 0;
        upper_probability float8 := 1;
        density float8;
        total float8 := 0;
    BEGIN
        FOR place IN REVERSE 8..1 LOOP
            -- Demand is straight in the normal score within a piece; above the last level it goes on as below it.
            slope := (levels[least(8, place + 1)] - levels[least(7, place)])
                / (scores[least(8, place + 1)] - scores[least(7, place)]);
            IF levels[place] <= stock AND slope > 0 THEN
                z := scores[place] + (stock - levels[place]) / slope;
                probability := forecast.standard_normal_probability(z);
            ELSIF levels[place] <= stock THEN
                RETURN total;
            ELSE
                z := scores[place];
                probability := probabilities[place];
            END IF;
            density := 0.3989422804014327 * pg_catalog.exp(-z * z / 2);
            total := total + (levels[place] - slope * scores[place] - stock) * (upper_probability - probability)
                + slope * (density - upper_density);
            IF levels[place] <= stock THEN RETURN greatest(0, total); END IF;
            upper_density := density;
            upper_probability := probability;
        END LOOP;
        -- Below the first level there is a twentieth of the probability, taken to lie at that level.
        RETURN total + 0.05 * (levels[1] - stock);
    END
    $$;
COMMENT ON FUNCTION forecast.expected_shortage(float8[], float8) IS
    'By how much demand exceeds a stock on average, where eight quantiles of that demand are known: 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99. Between two of them the quantile is straight in the normal score s, so a piece a + b s from score u to v adds (a - stock)(P(v) - P(u)) + b(density(u) - density(v)).';

CREATE FUNCTION forecast.replenishment_figures(
    mean float8[], final float8[], cumulative_quantiles float8[], first_bucket timestamp, bucket_length interval,
    counted timestamp, available float8, lead_days float8, lead_sd float8, review_days float8, cover_days float8,
    service_level float8, service_kind text,
    OUT expected_demand float8, OUT safety_stock float8, OUT reorder_point float8, OUT order_up_to float8,
    OUT daily_demand float8, OUT stock_out_probability float8, OUT stock_out_on date)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        scores constant float8[] := '{-1.6448536269514722,-1.2815515655446004,-0.6744897501960817,0,0.6744897501960817,1.2815515655446004,1.6448536269514722,2.3263478740408408}';
        probabilities constant float8[] := '{0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99}';
        count constant integer := pg_catalog.cardinality(mean);
        months constant integer := (pg_catalog.date_part('year', bucket_length) * 12 + pg_catalog.date_part('month', bucket_length))::integer;
        day constant interval := interval '1 day';
        -- What was counted before the forecast begins has the days between to last for as well; they count as days like
        -- the forecast's first ones.
        gap interval := greatest(first_bucket - counted, interval '0');
        start timestamp := greatest(counted, first_bucket);
        span interval;
        ends timestamp;
        whole integer;
        opening float8;
        closing float8;
        before float8;
        spread_share float8;
        sums float8[] := '{}';
        final_sums float8[] := '{}';
        total float8 := 0;
        expected float8;
        plain float8;
        days float8;
        deviation float8;
        lead_part float8;
        level float8;
        levels float8[];
        lead_levels float8[];
        place integer;
        z float8;
        low float8;
        high float8;
        expected_lead float8;
        target float8;
        excess float8;
        low_excess float8;
        high_excess float8;
    BEGIN
        FOREACH level IN ARRAY mean LOOP
            total := total + level;
            sums := sums || total;
        END LOOP;
        IF final IS NULL THEN
            final_sums := sums;
        ELSE
            total := 0;
            FOREACH level IN ARRAY final LOOP
                total := total + level;
                final_sums := final_sums || total;
            END LOOP;
        END IF;

        -- Round 0 finds the opening, round 1 the demand of the lead time, round 2 that of lead time and review.
        FOR round IN 0..2 LOOP
            days := CASE round WHEN 0 THEN 0 WHEN 1 THEN lead_days ELSE lead_days + review_days END;
            ends := start + CASE WHEN round = 0 THEN interval '0' ELSE gap + days * day END;
            -- Buckets from the first one to the end, the last one in part.
            IF months > 0 THEN
                whole := ((pg_catalog.date_part('year', ends) - pg_catalog.date_part('year', first_bucket)) * 12
                    + pg_catalog.date_part('month', ends) - pg_catalog.date_part('month', first_bucket))::integer / months;
                closing := whole + pg_catalog.date_part('epoch', ends - (first_bucket + whole * bucket_length))
                    / pg_catalog.date_part('epoch', (first_bucket + (whole + 1) * bucket_length)
                        - (first_bucket + whole * bucket_length));
            ELSE
                closing := pg_catalog.date_part('epoch', ends - first_bucket) / pg_catalog.date_part('epoch', bucket_length);
            END IF;
            IF closing > count THEN EXIT; END IF;
            whole := least(pg_catalog.floor(closing)::integer, count - 1);
            plain := coalesce(sums[whole], 0) + (closing - whole) * mean[whole + 1];
            expected := coalesce(final_sums[whole], 0)
                + (closing - whole) * (final_sums[whole + 1] - coalesce(final_sums[whole], 0));
            IF round = 0 THEN
                opening := closing;
                before := expected;
                CONTINUE;
            END IF;
            expected := expected - before;
            levels := '{}';
            IF closing > opening THEN
                -- Errors that are independent grow with the root of time. What is left of a forecast's reach gets its
                -- share of the spread so, and so does a part of a first bucket.
                spread_share := pg_catalog.sqrt((closing - opening) / closing)
                    * CASE WHEN closing < 1 THEN 1 / pg_catalog.sqrt(closing) ELSE 1 END;
                lead_part := CASE WHEN days > 0 THEN expected / (days + pg_catalog.date_part('epoch', gap) / 86400) * lead_sd
                    ELSE 0 END;
                total := 0;
                FOR place IN 1..8 LOOP
                    z := scores[place];
                    level := coalesce(cumulative_quantiles[8 * whole - 8 + place], 0);
                    deviation := (level + (closing - whole) * (cumulative_quantiles[8 * whole + place] - level) - plain)
                        * spread_share;
                    -- Two independent causes: their variances add up.
                    deviation := CASE WHEN deviation * z > 0
                        THEN pg_catalog.sign(z) * pg_catalog.sqrt(deviation * deviation + z * z * lead_part * lead_part)
                        ELSE deviation + z * lead_part END;
                    total := greatest(total, expected + deviation);
                    levels := levels || total;
                END LOOP;
            ELSE
                levels := '{0,0,0,0,0,0,0,0}';
            END IF;
            IF round = 1 THEN
                lead_levels := levels;
                expected_lead := expected;
                -- Between the level at or below what there is and the next one demand is straight in the normal score.
                place := 1;
                WHILE place < 8 AND levels[place + 1] <= available LOOP place := place + 1; END LOOP;
                high := levels[least(8, place + 1)] - levels[least(7, place)];
                stock_out_probability := CASE
                    WHEN available < 0 THEN 1
                    WHEN levels[8] <= 0 THEN 0
                    WHEN high > 0 THEN 1 - forecast.standard_normal_probability(scores[place]
                        + (available - levels[place]) / high * (scores[least(8, place + 1)] - scores[least(7, place)]))
                    WHEN levels[place] <= available THEN 1 - probabilities[place] ELSE 1 END;
                CONTINUE;
            END IF;

            expected_demand := expected;
            daily_demand := CASE WHEN days > 0 THEN expected / (days + pg_catalog.date_part('epoch', gap) / 86400) ELSE 0 END;
            IF levels[8] <= 0 THEN
                reorder_point := 0;
            ELSIF service_kind = 'fill' AND review_days + cover_days > 0 THEN
                -- Of what an order is to last for, the part that may be missing when the next one arrives, less what
                -- was missing already when it arrived itself.
                target := (1 - service_level) * daily_demand * (review_days + cover_days);
                -- The piece between two levels in which it lies, then false position within it.
                low := 0;
                low_excess := expected - expected_lead - target;
                high := levels[8] + 4 * (levels[8] - levels[7]);
                high_excess := -target;
                FOR step IN REVERSE 8..1 LOOP
                    excess := forecast.expected_shortage(levels, levels[step])
                        - forecast.expected_shortage(lead_levels, levels[step]) - target;
                    IF excess > 0 THEN
                        low := levels[step];
                        low_excess := excess;
                        EXIT;
                    END IF;
                    high := levels[step];
                    high_excess := excess;
                END LOOP;
                reorder_point := high;
                FOR attempt IN 1..6 LOOP
                    EXIT WHEN low_excess <= 0 OR high - low < 1e-3 * high;
                    level := low + (high - low) * low_excess / (low_excess - high_excess);
                    excess := forecast.expected_shortage(levels, level)
                        - forecast.expected_shortage(lead_levels, level) - target;
                    reorder_point := level;
                    -- The end that stays counts half each time, or it would stay for long.
                    IF excess > 0 THEN
                        low := level;
                        low_excess := excess;
                        high_excess := high_excess / 2;
                    ELSE
                        high := level;
                        high_excess := excess;
                        low_excess := low_excess / 2;
                    END IF;
                    EXIT WHEN pg_catalog.abs(excess) < 0.02 * target;
                END LOOP;
            ELSE
                z := forecast.standard_normal_quantile(service_level);
                place := greatest(1, least(7, (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(probabilities) AS p
                    WHERE p <= service_level)::integer));
                reorder_point := greatest(0, levels[place] + (z - scores[place]) / (scores[place + 1] - scores[place])
                    * (levels[place + 1] - levels[place]));
            END IF;
            safety_stock := reorder_point - expected;
            order_up_to := reorder_point + cover_days * daily_demand;
        END LOOP;

        IF available <= 0 THEN
            stock_out_on := counted::date;
        ELSIF opening IS NOT NULL THEN
            FOR step IN 1..count LOOP
                IF final_sums[step] - before >= available THEN
                    total := coalesce(final_sums[step - 1], 0);
                    stock_out_on := (first_bucket + (step - 1) * bucket_length - gap
                        + ((first_bucket + step * bucket_length) - (first_bucket + (step - 1) * bucket_length))
                        * ((available + before - total) / (final_sums[step] - total)))::date;
                    EXIT;
                END IF;
            END LOOP;
        END IF;
    END
    $$;
COMMENT ON FUNCTION forecast.replenishment_figures(float8[], float8[], float8[], timestamp, interval, timestamp, float8, float8, float8, float8, float8, float8, text) IS
    'The arithmetic of forecast.replenishment for one series: mean demand per step, the same with overrides (null: none), quantiles of cumulative demand, and a stock count with its lead time, review and service level. The mean comes from final, the spread from the quantiles of cumulative demand; a lead time that varies by s days adds (daily demand times s) to it as an independent normal error. Null where the forecast does not reach so far.';

CREATE VIEW forecast.replaced_stock AS
    SELECT last.item_id, last.site_id, pg_catalog.sum(last.on_hand) AS on_hand,
        pg_catalog.sum(last.on_order) AS on_order, pg_catalog.sum(last.reserved) AS reserved,
        pg_catalog.max(last.as_of) AS as_of
    FROM (
        SELECT code.*, pg_catalog.max(code.as_of) OVER (PARTITION BY code.item_id, code.site_id) AS newest
        FROM (
            SELECT u.item_id, l.site_id, l.on_hand * u.factor AS on_hand, l.on_order * u.factor AS on_order,
                l.reserved * u.factor AS reserved, l.as_of
            FROM demand.succession AS u
            -- One look into the index for each code, where a join would read and sort all counts there are.
            CROSS JOIN LATERAL (
                SELECT DISTINCT ON (l.site_id) l.* FROM demand.stock_level AS l WHERE l.item_id = u.predecessor_id
                ORDER BY l.site_id, l.as_of DESC) AS l) AS code) AS last
    WHERE last.as_of >= last.newest - interval '14 days'
    GROUP BY last.item_id, last.site_id;
COMMENT ON VIEW forecast.replaced_stock IS
    'What is left under codes that were replaced, in units of the newest code, which it will be sold for.';
COMMENT ON COLUMN forecast.replaced_stock.item_id IS 'The newest code.';
COMMENT ON COLUMN forecast.replaced_stock.site_id IS 'Where.';
COMMENT ON COLUMN forecast.replaced_stock.on_hand IS 'On the shelf under the old codes, by their last counts of the last 14 days that any was counted.';
COMMENT ON COLUMN forecast.replaced_stock.on_order IS 'On its way under them.';
COMMENT ON COLUMN forecast.replaced_stock.reserved IS 'Promised under them.';
COMMENT ON COLUMN forecast.replaced_stock.as_of IS 'When the last was counted.';

CREATE VIEW forecast.replenishment WITH (security_barrier) AS
    SELECT chosen.item_id, chosen.site_id, chosen.category, chosen.class,
        stock.on_hand, stock.on_order, stock.reserved, stock.position, stock.as_of AS stock_as_of,
        chosen.lead_time_days, chosen.lead_time_sd, chosen.review_days, chosen.service_level, chosen.service_kind,
        figures.daily_demand, figures.expected_demand, figures.safety_stock, figures.reorder_point, figures.order_up_to,
        chosen.pack_size, chosen.minimum_quantity, chosen.maximum_quantity,
        CASE WHEN chosen.discontinued_on <= stock.counted::date THEN 0
            WHEN figures.order_up_to IS NULL THEN NULL
            WHEN stock.position > figures.reorder_point OR stock.position >= figures.order_up_to THEN 0
            -- What floating point adds to a whole number of packs is none more.
            ELSE least(chosen.pack_size * pg_catalog.ceil(greatest(figures.order_up_to - stock.position,
                    chosen.minimum_quantity) / chosen.pack_size - 1e-9),
                chosen.pack_size * pg_catalog.floor(chosen.maximum_quantity / chosen.pack_size + 1e-9)) END
            AS suggested_quantity,
        figures.stock_out_on AS projected_stock_out_on, figures.stock_out_probability,
        s.frequency, s.version_id, s.issued_at,
        CASE WHEN stock.as_of IS NULL THEN 'no stock count'
            WHEN chosen.lead_time_days IS NULL THEN 'no lead time'
            WHEN chosen.discontinued_on <= stock.counted::date THEN 'discontinued'
            WHEN stock.counted < s.first_bucket - interval '14 days' THEN pg_catalog.concat('counted ',
                pg_catalog.to_char(stock.counted, 'YYYY-MM-DD'), ', before the forecast begins')
            WHEN figures.order_up_to IS NULL THEN pg_catalog.concat('forecast reaches ',
                pg_catalog.to_char(s.first_bucket + cardinality(s.mean) * s.bucket_length, 'YYYY-MM-DD'),
                ', short of lead time and review')
            WHEN s.status = 'stale' THEN 'stale forecast' END AS note
    FROM (
        -- Of the forecasts of an item at a site the finest that reaches over lead time and review.
        SELECT DISTINCT ON (c.item_id, c.site_id) c.item_id, c.site_id, c.portfolio, i.category, ic.class,
            i.discontinued_on, coalesce(lead.days, rules.lead_time_days) AS lead_time_days,
            coalesce(lead.days_sd, 0) AS lead_time_sd, rules.review_days, rules.cover_days, rules.service_level,
            rules.service_kind, coalesce(rules.pack_size, i.pack_size, 1) AS pack_size,
            rules.minimum_quantity, rules.maximum_quantity
        FROM forecast.current_series AS c
        LEFT JOIN demand.item AS i ON i.item_id = c.item_id
        LEFT JOIN forecast.item_class AS ic ON ic.item_id = c.item_id
        LEFT JOIN LATERAL (
            SELECT t.days, t.days_sd FROM demand.lead_time AS t
            WHERE t.item_id = c.item_id AND t.site_id IN (c.site_id, '') AND t.valid_from <= c.data_through + 1
            -- Of several suppliers with figures of the same day the slowest: what is promised then is kept.
            ORDER BY t.site_id <> '' DESC, t.valid_from DESC, t.days DESC LIMIT 1) AS lead ON true
        CROSS JOIN LATERAL (
            SELECT (pg_catalog.array_agg(p.service_level ORDER BY p.rank DESC)
                    FILTER (WHERE p.service_level IS NOT NULL))[1] AS service_level,
                (pg_catalog.array_agg(p.service_kind ORDER BY p.rank DESC)
                    FILTER (WHERE p.service_kind IS NOT NULL))[1] AS service_kind,
                (pg_catalog.array_agg(p.review_days ORDER BY p.rank DESC)
                    FILTER (WHERE p.review_days IS NOT NULL))[1] AS review_days,
                (pg_catalog.array_agg(p.cover_days ORDER BY p.rank DESC)
                    FILTER (WHERE p.cover_days IS NOT NULL))[1] AS cover_days,
                (pg_catalog.array_agg(p.lead_time_days ORDER BY p.rank DESC)
                    FILTER (WHERE p.lead_time_days IS NOT NULL))[1] AS lead_time_days,
                (pg_catalog.array_agg(p.pack_size ORDER BY p.rank DESC)
                    FILTER (WHERE p.pack_size IS NOT NULL))[1] AS pack_size,
                (pg_catalog.array_agg(p.minimum_quantity ORDER BY p.rank DESC)
                    FILTER (WHERE p.minimum_quantity IS NOT NULL))[1] AS minimum_quantity,
                (pg_catalog.array_agg(p.maximum_quantity ORDER BY p.rank DESC)
                    FILTER (WHERE p.maximum_quantity IS NOT NULL))[1] AS maximum_quantity
            FROM (
                SELECT 8 * (q.item_id IS NOT NULL)::integer + 4 * (q.category IS NOT NULL)::integer
                    + 2 * (q.class IS NOT NULL)::integer + (q.site_id IS NOT NULL)::integer AS rank, q.*
                FROM forecast.planning_policy AS q
                WHERE q.ended_at IS NULL AND coalesce(q.item_id, '') IN ('', c.item_id)
                    AND coalesce(q.site_id, '') IN ('', c.site_id)
                    AND (q.category IS NULL OR q.category = i.category) AND (q.class IS NULL OR q.class = ic.class)
                ) AS p) AS rules
        WHERE c.site_id IS NOT NULL AND c.customer_id IS NULL
        ORDER BY c.item_id, c.site_id,
            c.first_bucket + cardinality(c.mean) * c.bucket_length >= c.first_bucket + interval '1 day'
                * (coalesce(lead.days, rules.lead_time_days, 0) + rules.review_days) DESC,
            c.bucket_length, c.issued_at DESC) AS chosen
    JOIN forecast.current_series AS s ON s.portfolio = chosen.portfolio AND s.item_id = chosen.item_id
        AND coalesce(s.site_id, '') = chosen.site_id AND coalesce(s.customer_id, '') = ''
    LEFT JOIN demand.site AS site ON site.site_id = chosen.site_id
    LEFT JOIN LATERAL (
        SELECT l.on_hand + coalesce(moved.quantity, 0) AS on_hand, l.on_order, l.reserved,
            greatest(l.as_of, moved.at) AS as_of
        FROM (
            SELECT l.* FROM demand.stock_level AS l
            WHERE l.item_id = chosen.item_id AND l.site_id = chosen.site_id
            ORDER BY l.as_of DESC LIMIT 1) AS l
        -- What came and went since the count.
        CROSS JOIN LATERAL (
            SELECT pg_catalog.sum(m.quantity) AS quantity, pg_catalog.max(m.moved_at) AS at
            FROM demand.stock_movement AS m
            WHERE m.item_id = chosen.item_id AND m.site_id = chosen.site_id AND m.moved_at >= l.as_of
                AND m.moved_at <= now()) AS moved
        UNION ALL
        -- Nobody ever counted.
        SELECT balance.balance, NULL, NULL, balance.at
        FROM (
            SELECT b.balance, b.at FROM demand.stock_balance AS b
            WHERE b.item_id = chosen.item_id AND b.site_id = chosen.site_id
                AND b.at <= now()
                AND NOT EXISTS (SELECT FROM demand.stock_level AS l
                    WHERE l.item_id = chosen.item_id AND l.site_id = chosen.site_id)
            ORDER BY b.at DESC, b.counted IS NULL DESC, b.movement_id DESC LIMIT 1) AS balance) AS own ON true
    LEFT JOIN forecast.replaced_stock AS old ON old.item_id = chosen.item_id AND old.site_id = chosen.site_id
    CROSS JOIN LATERAL (
        -- A code that is no longer counted has nothing left; one that is not counted yet has nothing so far.
        SELECT coalesce(own.as_of >= old.as_of - interval '14 days', old.as_of IS NULL) AS has_own,
            coalesce(old.as_of >= own.as_of - interval '14 days', own.as_of IS NULL) AS has_old) AS which
    CROSS JOIN LATERAL (
        SELECT CASE WHEN which.has_own THEN own.on_hand ELSE 0 END
                + CASE WHEN which.has_old THEN coalesce(old.on_hand, 0) ELSE 0 END AS on_hand,
            CASE WHEN which.has_old AND old.on_order IS NOT NULL
                THEN old.on_order + CASE WHEN which.has_own THEN coalesce(own.on_order, 0) ELSE 0 END
                WHEN which.has_own THEN own.on_order END AS on_order,
            CASE WHEN which.has_old AND old.reserved IS NOT NULL
                THEN old.reserved + CASE WHEN which.has_own THEN coalesce(own.reserved, 0) ELSE 0 END
                WHEN which.has_own THEN own.reserved END AS reserved,
            greatest(own.as_of, old.as_of) AS as_of) AS together
    CROSS JOIN LATERAL (
        SELECT together.*,
            together.on_hand + coalesce(together.on_order, 0) - coalesce(together.reserved, 0) AS position,
            together.as_of AT TIME ZONE coalesce(site.time_zone, 'UTC') AS counted) AS stock
    -- Of the overrides of a bucket that are valid now, the latest; looked up once for a series.
    LEFT JOIN LATERAL (
        SELECT pg_catalog.array_agg(latest.bucket_start) AS buckets, pg_catalog.array_agg(latest.factor) AS factors,
            pg_catalog.array_agg(latest.addend) AS addends
        FROM (
            SELECT DISTINCT ON (o.bucket_start) o.bucket_start, o.factor, o.addend
            FROM forecast.override_validity AS o
            WHERE o.item_id = s.item_id AND coalesce(o.site_id, '') = coalesce(s.site_id, '')
                AND coalesce(o.customer_id, '') = coalesce(s.customer_id, '') AND o.portfolio = s.portfolio
                AND o.bucket_start >= s.first_bucket AND o.valid_from <= now() AND now() < o.valid_until
            ORDER BY o.bucket_start, o.override_id DESC) AS latest) AS changed ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN changed.buckets IS NOT NULL THEN (
            SELECT pg_catalog.array_agg(greatest(0, coalesce(changed.factors[found.place], 1) * s.mean[step]
                + coalesce(changed.addends[found.place], 0)) ORDER BY step)
            FROM pg_catalog.generate_series(1, cardinality(s.mean)) AS step
            CROSS JOIN LATERAL (SELECT pg_catalog.array_position(changed.buckets,
                s.first_bucket + (step - 1) * s.bucket_length) AS place) AS found) END AS mean) AS final
    LEFT JOIN LATERAL forecast.replenishment_figures(s.mean, final.mean, s.cumulative_quantiles, s.first_bucket,
        s.bucket_length, stock.counted, stock.position, chosen.lead_time_days, chosen.lead_time_sd, chosen.review_days,
        chosen.cover_days, chosen.service_level, chosen.service_kind) AS figures
        ON stock.as_of IS NOT NULL AND chosen.lead_time_days IS NOT NULL AND s.cumulative_quantiles IS NOT NULL
    WHERE (SELECT forecast.readable_sites(current_user)) IS NULL
        OR chosen.site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]);
COMMENT ON VIEW forecast.replenishment IS
    'What to order, for every item and site with a current forecast; as stock counts, lead times, policies, overrides and forecasts stand now.';
COMMENT ON COLUMN forecast.replenishment.item_id IS 'Which item.';
COMMENT ON COLUMN forecast.replenishment.site_id IS 'Where.';
COMMENT ON COLUMN forecast.replenishment.category IS 'The item''s category.';
COMMENT ON COLUMN forecast.replenishment.class IS 'The item''s ABC class; null before the first retrain.';
COMMENT ON COLUMN forecast.replenishment.on_hand IS 'Base units on the shelf at the last count and by what moved since, with what is left under codes that the item replaces.';
COMMENT ON COLUMN forecast.replenishment.on_order IS 'Base units on their way then.';
COMMENT ON COLUMN forecast.replenishment.reserved IS 'Base units promised then.';
COMMENT ON COLUMN forecast.replenishment.position IS 'On hand plus on order less reserved: what there is for the demand to come.';
COMMENT ON COLUMN forecast.replenishment.stock_as_of IS 'When that was counted.';
COMMENT ON COLUMN forecast.replenishment.lead_time_days IS 'Mean days from order to receipt.';
COMMENT ON COLUMN forecast.replenishment.lead_time_sd IS 'Their standard deviation.';
COMMENT ON COLUMN forecast.replenishment.review_days IS 'Days from one look at the stock to the next.';
COMMENT ON COLUMN forecast.replenishment.service_level IS 'What is aimed at.';
COMMENT ON COLUMN forecast.replenishment.service_kind IS 'cycle: the share of order cycles without a stock-out; fill: the share of demand met from the shelf.';
COMMENT ON COLUMN forecast.replenishment.daily_demand IS 'Expected demand a day over lead time and review, overrides included.';
COMMENT ON COLUMN forecast.replenishment.expected_demand IS 'Expected demand of lead time and review together.';
COMMENT ON COLUMN forecast.replenishment.safety_stock IS 'What is kept beyond the expected demand: reorder point less expected demand. Below 0 where the service level is met without any.';
COMMENT ON COLUMN forecast.replenishment.reorder_point IS 'Order when the position is here or below: what demand over lead time and review does not exceed with the service level, a calibrated quantile of cumulative demand; for fill, what leaves no more unmet.';
COMMENT ON COLUMN forecast.replenishment.order_up_to IS 'What an order brings the position up to: the reorder point and the demand of the days of cover.';
COMMENT ON COLUMN forecast.replenishment.pack_size IS 'Base units an order is a multiple of.';
COMMENT ON COLUMN forecast.replenishment.minimum_quantity IS 'Base units an order has at least.';
COMMENT ON COLUMN forecast.replenishment.maximum_quantity IS 'Base units an order has at most; null is any.';
COMMENT ON COLUMN forecast.replenishment.suggested_quantity IS 'What to order now: 0 above the reorder point; else up to the level, at least the minimum, then rounded up to packs.';
COMMENT ON COLUMN forecast.replenishment.projected_stock_out_on IS 'Local day on which expected demand has used up the position if nothing is ordered; null where that lies beyond the forecast.';
COMMENT ON COLUMN forecast.replenishment.stock_out_probability IS 'Probability that demand exceeds the position within the lead time, before what is ordered now arrives.';
COMMENT ON COLUMN forecast.replenishment.frequency IS 'Of the forecast: the finest that reaches over lead time and review.';
COMMENT ON COLUMN forecast.replenishment.version_id IS 'The model version.';
COMMENT ON COLUMN forecast.replenishment.issued_at IS 'When the forecast became current.';
COMMENT ON COLUMN forecast.replenishment.note IS 'Why figures are missing or doubtful.';

CREATE TABLE forecast.exception_episode (
    exception_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('about_to_run_out', 'overstock', 'forecast_jump', 'no_data', 'stale')),
    portfolio text,
    item_id text,
    site_id text,
    since timestamptz NOT NULL DEFAULT now(),
    severity text NOT NULL CHECK (severity IN ('warning', 'critical')),
    measure float8 NOT NULL,
    text text NOT NULL,
    closed_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledgement text
);
COMMENT ON TABLE forecast.exception_episode IS 'What planners had to look at, from when until when. One is opened at one threshold and closed at a lower one, so that it does not flicker.';
COMMENT ON COLUMN forecast.exception_episode.exception_id IS 'Number of the exception.';
COMMENT ON COLUMN forecast.exception_episode.kind IS 'about_to_run_out, overstock, forecast_jump, no_data or stale.';
COMMENT ON COLUMN forecast.exception_episode.portfolio IS 'The portfolio, of forecast_jump and stale.';
COMMENT ON COLUMN forecast.exception_episode.item_id IS 'Which item; null where it concerns a whole portfolio.';
COMMENT ON COLUMN forecast.exception_episode.site_id IS 'Where.';
COMMENT ON COLUMN forecast.exception_episode.since IS 'When it was opened.';
COMMENT ON COLUMN forecast.exception_episode.severity IS 'warning or critical.';
COMMENT ON COLUMN forecast.exception_episode.measure IS 'What the thresholds are compared with: a probability, a ratio of stock, a ratio of change, or hours.';
COMMENT ON COLUMN forecast.exception_episode.text IS 'In words, with figures.';
COMMENT ON COLUMN forecast.exception_episode.closed_at IS 'When it was over; null while it lasts.';
COMMENT ON COLUMN forecast.exception_episode.acknowledged_at IS 'When somebody took note of it.';
COMMENT ON COLUMN forecast.exception_episode.acknowledged_by IS 'Database role that did.';
COMMENT ON COLUMN forecast.exception_episode.acknowledgement IS 'What is done about it.';
CREATE UNIQUE INDEX exception_episode_open ON forecast.exception_episode
    (kind, (coalesce(portfolio, '')), (coalesce(item_id, '')), (coalesce(site_id, ''))) WHERE closed_at IS NULL;

ALTER TABLE forecast.exception_episode ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sites ON forecast.exception_episode USING (item_id IS NULL
    OR (SELECT forecast.readable_sites(current_user)) IS NULL
    OR site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]));

CREATE VIEW forecast.exception WITH (security_barrier) AS
    SELECT e.exception_id, e.kind, e.portfolio, e.item_id, e.site_id, e.since, e.severity, e.text, e.acknowledged_at,
        e.acknowledged_by, e.acknowledgement
    FROM forecast.exception_episode AS e
    WHERE e.closed_at IS NULL AND ((SELECT forecast.readable_sites(current_user)) IS NULL
        -- What concerns a whole portfolio concerns everybody.
        OR e.item_id IS NULL OR e.site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]));
COMMENT ON VIEW forecast.exception IS 'What a planner has to look at now. forecast.acknowledge says that somebody has.';
COMMENT ON COLUMN forecast.exception.exception_id IS 'Number of the exception.';
COMMENT ON COLUMN forecast.exception.kind IS 'about_to_run_out, overstock, forecast_jump, no_data or stale.';
COMMENT ON COLUMN forecast.exception.portfolio IS 'The portfolio, of forecast_jump and stale.';
COMMENT ON COLUMN forecast.exception.item_id IS 'Which item; null where it concerns a whole portfolio.';
COMMENT ON COLUMN forecast.exception.site_id IS 'Where.';
COMMENT ON COLUMN forecast.exception.since IS 'When it was opened.';
COMMENT ON COLUMN forecast.exception.severity IS 'warning or critical.';
COMMENT ON COLUMN forecast.exception.text IS 'In words, with figures.';
COMMENT ON COLUMN forecast.exception.acknowledged_at IS 'When somebody took note of it.';
COMMENT ON COLUMN forecast.exception.acknowledged_by IS 'Database role that did.';
COMMENT ON COLUMN forecast.exception.acknowledgement IS 'What is done about it.';

CREATE FUNCTION forecast.refresh_exceptions(OUT opened bigint, OUT closed bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        -- Two at once would both open what neither finds open: the second waits for the first.
        LOCK TABLE forecast.exception_episode IN SHARE ROW EXCLUSIVE MODE;
        WITH RECURSIVE stocked AS (
            -- The pairs that stock is counted of, one index look-up each.
            (SELECT l.item_id, l.site_id FROM demand.stock_level AS l ORDER BY l.item_id, l.site_id LIMIT 1)
            UNION ALL
            SELECT next.item_id, next.site_id FROM stocked
            CROSS JOIN LATERAL (
                SELECT l.item_id, l.site_id FROM demand.stock_level AS l
                WHERE (l.item_id, l.site_id) > (stocked.item_id, stocked.site_id)
                ORDER BY l.item_id, l.site_id LIMIT 1) AS next),
        planned AS MATERIALIZED (
            -- The planning is left alone where no stock is known at all.
            SELECT r.item_id, r.site_id, r.position, r.lead_time_days, r.daily_demand, r.order_up_to, r.pack_size,
                r.minimum_quantity, r.projected_stock_out_on, r.stock_out_probability
            FROM forecast.replenishment AS r
            WHERE (EXISTS (SELECT FROM demand.stock_level) OR EXISTS (SELECT FROM demand.stock_movement))
                AND r.stock_as_of IS NOT NULL),
        jump AS (
            SELECT p.portfolio, new.item_id, new.site_id, new_sum.total AS now, old_sum.total AS before,
                -- Half the band that holds four totals of five: a change as large as that leaves it.
                pg_catalog.abs(new_sum.total - old_sum.total) / nullif((old.cumulative_quantiles[8 * cardinality(old.mean) - 2]
                    - old.cumulative_quantiles[8 * cardinality(old.mean) - 6]) / 2, 0) AS measure
            FROM forecast.current_publication AS c
            JOIN forecast.publication AS p USING (publication_id)
            CROSS JOIN LATERAL (
                SELECT coalesce(q.forecasts_of, q.publication_id) AS publication_id FROM forecast.publication AS q
                WHERE q.portfolio = p.portfolio AND q.publication_id < p.publication_id
                    AND coalesce(q.forecasts_of, q.publication_id) <> coalesce(p.forecasts_of, p.publication_id)
                ORDER BY q.publication_id DESC LIMIT 1) AS former
            JOIN forecast.series_forecast AS new ON new.publication_id = coalesce(p.forecasts_of, p.publication_id)
            JOIN forecast.series_forecast AS old ON old.publication_id = former.publication_id
                AND old.item_id = new.item_id AND coalesce(old.site_id, '') = coalesce(new.site_id, '')
                AND coalesce(old.customer_id, '') = coalesce(new.customer_id, '')
            -- Both over the buckets that both know: the later one begins some buckets on.
            CROSS JOIN LATERAL (
                SELECT greatest(0, pg_catalog.round(pg_catalog.date_part('epoch', new.first_bucket - old.first_bucket)
                    / pg_catalog.date_part('epoch', p.bucket_length)))::integer AS count) AS passed
            CROSS JOIN LATERAL (
                SELECT pg_catalog.sum(v) AS total
                FROM pg_catalog.unnest(new.mean[:cardinality(old.mean) - passed.count]) AS v) AS new_sum
            CROSS JOIN LATERAL (
                SELECT pg_catalog.sum(v) AS total FROM pg_catalog.unnest(
                    old.mean[passed.count + 1:passed.count + cardinality(new.mean)]) AS v) AS old_sum
            WHERE new.customer_id IS NULL),
        overdue AS (
            -- The first instant after the forecast was issued at which its job was to make another.
            SELECT p.portfolio, p.issued_at, p.status,
                extract(epoch FROM now() - least(nullif(j.next_fire_at, 'infinity'), (
                    SELECT pg_catalog.min(t.fire_at) FROM suyo.tick AS t
                    WHERE t.job_id = j.job_id AND t.fire_at > p.issued_at)))::float8 / 3600 AS hours
            FROM forecast.current_publication AS c
            JOIN forecast.publication AS p USING (publication_id)
            LEFT JOIN suyo.job AS j ON j.name = p.portfolio AND j.removed_at IS NULL),
        signal (kind, portfolio, item_id, site_id, measure, opens, closes, critical, text) AS (
            SELECT 'about_to_run_out', NULL::text, r.item_id, r.site_id, r.stock_out_probability, 0.5::float8, 0.3::float8,
                0.9::float8, pg_catalog.format('runs out with probability %s before an order arrives: %s there%s, lead time %s days',
                    pg_catalog.round(r.stock_out_probability::numeric, 2), pg_catalog.round(r.position::numeric),
                    ', until ' || pg_catalog.to_char(r.projected_stock_out_on, 'YYYY-MM-DD'), r.lead_time_days)
            FROM planned AS r WHERE r.stock_out_probability IS NOT NULL
            UNION ALL
            SELECT 'overstock', NULL, r.item_id, r.site_id,
                r.position / (r.order_up_to + greatest(r.pack_size, r.minimum_quantity)), 2, 1.5, 5,
                pg_catalog.format('%s there, %s would do%s', pg_catalog.round(r.position::numeric),
                    pg_catalog.round(r.order_up_to::numeric),
                    ': enough for ' || pg_catalog.round((r.position / nullif(r.daily_demand, 0))::numeric) || ' days')
            FROM planned AS r WHERE r.order_up_to IS NOT NULL
            UNION ALL
            SELECT 'forecast_jump', g.portfolio, g.item_id, g.site_id, g.measure, 1, 0.5, 2,
                pg_catalog.format('forecast went from %s to %s over the same buckets', pg_catalog.round(g.before::numeric, 1),
                    pg_catalog.round(g.now::numeric, 1))
            FROM jump AS g WHERE g.measure IS NOT NULL
            UNION ALL
            SELECT 'no_data', NULL, k.item_id, k.site_id, 1, 1, 1, 2, 'stock is counted and there is no forecast: does anybody order it?'
            FROM stocked AS k
            CROSS JOIN LATERAL (
                SELECT l.on_hand FROM demand.stock_level AS l
                WHERE l.item_id = k.item_id AND l.site_id = k.site_id ORDER BY l.as_of DESC LIMIT 1) AS last
            LEFT JOIN demand.item AS i ON i.item_id = k.item_id
            WHERE last.on_hand > 0 AND i.discontinued_on IS NULL
                AND EXISTS (SELECT FROM forecast.current_publication)
                AND NOT EXISTS (SELECT FROM demand.lineage AS r WHERE r.predecessor_id = k.item_id)
                AND NOT EXISTS (SELECT FROM forecast.current_series AS f
                    WHERE f.item_id = k.item_id AND coalesce(f.site_id, k.site_id) = k.site_id)
            UNION ALL
            SELECT 'no_data', NULL, r.item_id, r.site_id, 1, 1, 1, 2, 'no lead time is known: suyo import lead-times'
            FROM planned AS r WHERE r.lead_time_days IS NULL
            UNION ALL
            SELECT 'stale', o.portfolio, NULL, NULL, greatest(o.hours, CASE WHEN o.status = 'stale' THEN 2 END), 2, 1e-9, 24,
                pg_catalog.format('the forecast issued %s is older than its next was due: look at suyo jobs runs',
                    pg_catalog.to_char(o.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"'))
            FROM overdue AS o),
        ended AS (
            UPDATE forecast.exception_episode AS e SET closed_at = now()
            WHERE e.closed_at IS NULL
                AND NOT EXISTS (SELECT FROM signal AS s WHERE s.kind = e.kind AND s.measure >= s.closes
                    AND coalesce(s.portfolio, '') = coalesce(e.portfolio, '')
                    AND coalesce(s.item_id, '') = coalesce(e.item_id, '')
                    AND coalesce(s.site_id, '') = coalesce(e.site_id, ''))
                -- The forecast after a jump is like the one before it: the jump stays for people to see.
                AND (e.kind <> 'forecast_jump' OR e.acknowledged_at IS NOT NULL OR e.since < now() - interval '7 days')
            RETURNING 1),
        went_on AS (
            UPDATE forecast.exception_episode AS e
            SET measure = s.measure, text = s.text,
                severity = CASE WHEN s.measure >= s.critical THEN 'critical' ELSE 'warning' END
            FROM signal AS s
            WHERE e.closed_at IS NULL AND s.kind = e.kind AND s.measure >= s.closes AND e.measure <> s.measure
                AND coalesce(s.portfolio, '') = coalesce(e.portfolio, '')
                AND coalesce(s.item_id, '') = coalesce(e.item_id, '')
                AND coalesce(s.site_id, '') = coalesce(e.site_id, '')),
        begun AS (
            INSERT INTO forecast.exception_episode (kind, portfolio, item_id, site_id, severity, measure, text)
            SELECT s.kind, s.portfolio, s.item_id, s.site_id,
                CASE WHEN s.measure >= s.critical THEN 'critical' ELSE 'warning' END, s.measure, s.text
            FROM signal AS s
            WHERE s.measure >= s.opens
                AND NOT EXISTS (SELECT FROM forecast.exception_episode AS e WHERE e.closed_at IS NULL AND e.kind = s.kind
                    AND coalesce(e.portfolio, '') = coalesce(s.portfolio, '')
                    AND coalesce(e.item_id, '') = coalesce(s.item_id, '')
                    AND coalesce(e.site_id, '') = coalesce(s.site_id, ''))
            RETURNING 1)
        SELECT (SELECT pg_catalog.count(*) FROM begun), (SELECT pg_catalog.count(*) FROM ended)
        INTO refresh_exceptions.opened, refresh_exceptions.closed;
    END
    $$;
COMMENT ON FUNCTION forecast.refresh_exceptions() IS
    'Opens and closes exceptions as stock and forecasts stand now, and says how many. about_to_run_out opens where a stock-out within the lead time has a probability of 0.5 and closes below 0.3; overstock at 2 and 1.5 times the order-up-to level and a pack; forecast_jump where the total leaves the former forecast''s 80 % band, until it is acknowledged or a week old; stale two hours after the next forecast was due, until there is one.';

CREATE FUNCTION forecast.acknowledge(exception bigint, reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        IF acknowledge.reason IS NULL OR acknowledge.reason !~ '\S' THEN
            RAISE EXCEPTION 'an acknowledgement needs a reason: say what is done, for whoever asks later'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF NOT EXISTS (SELECT FROM forecast.exception_episode AS e WHERE e.exception_id = acknowledge.exception) THEN
            RAISE EXCEPTION 'there is no exception %: look at forecast.exception', acknowledge.exception
                USING ERRCODE = 'no_data_found';
        END IF;
        PERFORM forecast.refuse_other_site(e.site_id)
        FROM forecast.exception_episode AS e WHERE e.exception_id = acknowledge.exception;
        UPDATE forecast.exception_episode AS e
        SET acknowledged_at = pg_catalog.now(), acknowledged_by = session_user,
            acknowledgement = pg_catalog.btrim(acknowledge.reason)
        WHERE e.exception_id = acknowledge.exception AND e.acknowledged_at IS NULL AND e.closed_at IS NULL;
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION forecast.acknowledge(bigint, text) IS
    'Takes note of an exception, with what is done about it. False where it was acknowledged before or is over.';

CREATE VIEW demand.large_line WITH (security_barrier) AS
    SELECT l.source, l.order_id, l.line_no, l.item_id, l.site_id, l.customer_id, l.ordered_at, l.quantity,
        usual.median AS usual_quantity, l.quantity / usual.median AS times_usual,
        o.order_id IS NOT NULL AS is_one_off, o.reason
    FROM (
        SELECT u.item_id, pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY u.quantity) AS median,
            pg_catalog.percentile_cont(0.99) WITHIN GROUP (ORDER BY u.quantity) AS high
        FROM demand.order_line AS u WHERE u.status = 'ordered' AND u.quantity > 0
        GROUP BY u.item_id HAVING pg_catalog.count(*) >= 20) AS usual
    JOIN demand.order_line AS l ON l.item_id = usual.item_id AND l.status = 'ordered'
        AND l.quantity >= 20 * usual.median AND l.quantity > usual.high
    LEFT JOIN demand.one_off_line AS o
        ON o.source = l.source AND o.order_id = l.order_id AND o.line_no = l.line_no
    -- What is usual is what is so everywhere.
    WHERE (SELECT forecast.readable_sites(current_user)) IS NULL
        OR l.site_id = ANY ((SELECT forecast.readable_sites(current_user))::text[]);
COMMENT ON VIEW demand.large_line IS 'Order lines far larger than an item''s usual ones: 20 times the median of its lines or more, and above 99 % of them, of items with 20 lines at least. Whether they were one-offs only people know.';
COMMENT ON COLUMN demand.large_line.source IS 'System the line came from.';
COMMENT ON COLUMN demand.large_line.order_id IS 'Its order.';
COMMENT ON COLUMN demand.large_line.line_no IS 'Its place in that.';
COMMENT ON COLUMN demand.large_line.item_id IS 'What was ordered.';
COMMENT ON COLUMN demand.large_line.site_id IS 'Where from.';
COMMENT ON COLUMN demand.large_line.customer_id IS 'For whom; null where unknown.';
COMMENT ON COLUMN demand.large_line.ordered_at IS 'When.';
COMMENT ON COLUMN demand.large_line.quantity IS 'How much, in base units.';
COMMENT ON COLUMN demand.large_line.usual_quantity IS 'The median of the item''s lines.';
COMMENT ON COLUMN demand.large_line.times_usual IS 'How many times that.';
COMMENT ON COLUMN demand.large_line.is_one_off IS 'Whether somebody has said that it was a one-off.';
COMMENT ON COLUMN demand.large_line.reason IS 'What they said.';

CREATE FUNCTION demand.mark_one_off(
    order_id text, reason text, line_no integer DEFAULT NULL, source text DEFAULT NULL, is_one_off boolean DEFAULT true)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        marked bigint;
        others text;
    BEGIN
        IF mark_one_off.reason IS NULL OR mark_one_off.reason !~ '\S' THEN
            RAISE EXCEPTION 'a mark needs a reason: say what the order was for, for whoever asks later'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT pg_catalog.string_agg(DISTINCT l.source, ', ') INTO others FROM demand.order_line AS l
        WHERE l.order_id = mark_one_off.order_id AND (mark_one_off.source IS NULL OR l.source = mark_one_off.source);
        IF others LIKE '%, %' THEN
            RAISE EXCEPTION 'there is an order % in %: say of which source it is', pg_catalog.quote_literal(mark_one_off.order_id),
                others USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM forecast.refuse_other_site(l.site_id)
        FROM demand.order_line AS l
        WHERE l.order_id = mark_one_off.order_id AND l.status = 'ordered'
            AND (mark_one_off.source IS NULL OR l.source = mark_one_off.source)
            AND (mark_one_off.line_no IS NULL OR l.line_no = mark_one_off.line_no);
        INSERT INTO demand.one_off_mark (source, order_id, line_no, is_one_off, reason)
        SELECT l.source, l.order_id, l.line_no, coalesce(mark_one_off.is_one_off, true), pg_catalog.btrim(mark_one_off.reason)
        FROM demand.order_line AS l
        WHERE l.order_id = mark_one_off.order_id AND l.status = 'ordered'
            AND (mark_one_off.source IS NULL OR l.source = mark_one_off.source)
            AND (mark_one_off.line_no IS NULL OR l.line_no = mark_one_off.line_no);
        GET DIAGNOSTICS marked = ROW_COUNT;
        IF marked = 0 THEN
            RAISE EXCEPTION 'there is no line ordered by % %; demand.large_line has those that are large',
                pg_catalog.quote_literal(mark_one_off.order_id),
                coalesce('with the number ' || mark_one_off.line_no, '') USING ERRCODE = 'no_data_found';
        END IF;
        RETURN marked;
    END
    $$;
REVOKE EXECUTE ON FUNCTION demand.mark_one_off(text, text, integer, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION demand.mark_one_off(text, text, integer, text, boolean) IS
    'Says of an order, or of one of its lines, that it was a one-off (false: that it was none after all), with a reason. The next training goes by it. Returns how many lines that were.';
