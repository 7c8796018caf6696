-- Which version is in use, who decided it, and how to go back.

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

CREATE FUNCTION suyo.set_champion(portfolio text, version bigint, action text, reason text, run bigint DEFAULT NULL)
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
        INSERT INTO suyo.promotion_log (portfolio, version_id, previous_version_id, action, reason, run_id)
        VALUES (set_champion.portfolio, set_champion.version, previous, set_champion.action,
            pg_catalog.btrim(set_champion.reason), set_champion.run);
        INSERT INTO suyo.champion (portfolio, version_id, promoted_at)
        VALUES (set_champion.portfolio, set_champion.version, pg_catalog.clock_timestamp())
        ON CONFLICT ON CONSTRAINT champion_pkey
            DO UPDATE SET version_id = excluded.version_id, promoted_at = excluded.promoted_at;
    END
    $$;
COMMENT ON FUNCTION suyo.set_champion(text, bigint, text, text, bigint) IS
    'Makes a version the champion of a portfolio, with a row in the log.';

CREATE FUNCTION suyo.make_champion(version bigint, action text, reason text) RETURNS bigint
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
        PERFORM suyo.set_champion(chosen.portfolio, chosen.version_id, make_champion.action, make_champion.reason);
        PERFORM forecast.make_current(result, pg_catalog.jsonb_build_object('action', make_champion.action, 'reason',
            pg_catalog.btrim(make_champion.reason)));
        RETURN result;
    END
    $$;
COMMENT ON FUNCTION suyo.make_champion(bigint, text, text) IS
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
