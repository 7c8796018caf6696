-- Who follows the events of forecast.outbox, and how far each has come.

-- Numbers are given out in the order in which they become visible, so that a reader who remembers the last number it
-- saw misses nothing: without this, a slow transaction would add a lower number behind its back.
CREATE FUNCTION forecast.take_turns() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    BEGIN
        -- The letters of "outb".
        PERFORM pg_catalog.pg_advisory_xact_lock(1869968482);
        RETURN NULL;
    END
    $$;
COMMENT ON FUNCTION forecast.take_turns() IS
    'Has transactions that write events commit one after another, so that the numbers of events are their order.';
CREATE TRIGGER in_order BEFORE INSERT ON forecast.outbox FOR EACH STATEMENT EXECUTE FUNCTION forecast.take_turns();

CREATE TABLE forecast.outbox_consumer (
    consumer text PRIMARY KEY CHECK (consumer ~ '\S'),
    topics text[],
    owner text NOT NULL DEFAULT session_user,
    acknowledged_id bigint NOT NULL,
    subscribed_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz
);
COMMENT ON TABLE forecast.outbox_consumer IS 'Each system that follows forecast.outbox, and how far it has come.';
COMMENT ON COLUMN forecast.outbox_consumer.consumer IS 'Its name.';
COMMENT ON COLUMN forecast.outbox_consumer.topics IS 'The topics it follows; null is all of them.';
COMMENT ON COLUMN forecast.outbox_consumer.owner IS 'The database user that subscribed; only that user reads on and acknowledges.';
COMMENT ON COLUMN forecast.outbox_consumer.acknowledged_id IS 'Every event up to this one has been dealt with.';
COMMENT ON COLUMN forecast.outbox_consumer.subscribed_at IS 'When it subscribed first.';
COMMENT ON COLUMN forecast.outbox_consumer.acknowledged_at IS 'When it last acknowledged; null where it never has.';

CREATE FUNCTION forecast.subscribe(consumer text, topics text[] DEFAULT NULL, from_start boolean DEFAULT false)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        known text[] := ARRAY['forecast_published', 'drift_opened', 'drift_resolved'];
        unknown text;
        start bigint := CASE WHEN subscribe.from_start THEN 0
            ELSE coalesce((SELECT pg_catalog.max(o.outbox_id) FROM forecast.outbox AS o), 0) END;
        holder text;
    BEGIN
        IF subscribe.consumer IS NULL OR subscribe.consumer !~ '\S' THEN
            RAISE EXCEPTION 'a consumer needs a name, such as the system''s: wms' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT t INTO unknown FROM pg_catalog.unnest(subscribe.topics) AS t
        WHERE t <> ALL (known) AND NOT EXISTS (SELECT FROM forecast.outbox AS o WHERE o.topic = t) LIMIT 1;
        IF unknown IS NOT NULL THEN
            RAISE EXCEPTION 'there is no topic ''%''; there are %', unknown, pg_catalog.array_to_string(known, ', ')
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        INSERT INTO forecast.outbox_consumer AS c (consumer, topics, acknowledged_id)
        VALUES (subscribe.consumer, subscribe.topics, start)
        ON CONFLICT ON CONSTRAINT outbox_consumer_pkey DO UPDATE SET topics = excluded.topics,
            acknowledged_id = CASE WHEN subscribe.from_start THEN 0 ELSE c.acknowledged_id END
        WHERE c.owner = session_user
        RETURNING c.owner, c.acknowledged_id INTO holder, start;
        IF holder IS NULL THEN
            RAISE EXCEPTION 'consumer ''%'' belongs to another user: take another name', subscribe.consumer
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN start;
    END
    $$;
COMMENT ON FUNCTION forecast.subscribe(text, text[], boolean) IS
    'Begins to follow the events from now on, or from the first one kept; again, it changes the topics and keeps the place, or goes back to the start. Returns the last event that counts as dealt with.';

CREATE FUNCTION forecast.own_consumer(consumer text) RETURNS forecast.outbox_consumer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        found forecast.outbox_consumer;
    BEGIN
        SELECT * INTO found FROM forecast.outbox_consumer AS c WHERE c.consumer = own_consumer.consumer FOR UPDATE;
        IF found.consumer IS NULL THEN
            RAISE EXCEPTION 'there is no consumer ''%'': SELECT forecast.subscribe(''%'') first', own_consumer.consumer,
                own_consumer.consumer USING ERRCODE = 'no_data_found';
        END IF;
        IF found.owner <> session_user THEN
            RAISE EXCEPTION 'consumer ''%'' belongs to another user', own_consumer.consumer
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN found;
    END
    $$;
COMMENT ON FUNCTION forecast.own_consumer(text) IS
    'The consumer of that name, held until the transaction ends, so that two workers of one system do not deal with the same events; refused to all but the user that subscribed.';

CREATE FUNCTION forecast.events(consumer text, at_most integer DEFAULT 100)
    RETURNS TABLE (event_id bigint, topic text, portfolio text, publication_id bigint, payload jsonb, created_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        found forecast.outbox_consumer := forecast.own_consumer(events.consumer);
    BEGIN
        IF events.at_most IS NULL OR events.at_most < 1 THEN
            RAISE EXCEPTION 'at most % events are none: take 1 or more', coalesce(events.at_most::text, 'null')
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN QUERY
            SELECT o.outbox_id, o.topic, o.portfolio, o.publication_id, o.payload, o.created_at
            FROM forecast.outbox AS o
            WHERE o.outbox_id > found.acknowledged_id AND (found.topics IS NULL OR o.topic = ANY (found.topics))
            ORDER BY o.outbox_id LIMIT events.at_most;
    END
    $$;
COMMENT ON FUNCTION forecast.events(text, integer) IS
    'The events a consumer has not acknowledged, in order. The same ones come again until it does: at least once, and exactly once where it acknowledges in the transaction in which it deals with them.';

CREATE FUNCTION forecast.acknowledge_events(consumer text, event_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        found forecast.outbox_consumer := forecast.own_consumer(acknowledge_events.consumer);
        last bigint := (SELECT pg_catalog.max(o.outbox_id) FROM forecast.outbox AS o);
    BEGIN
        IF acknowledge_events.event_id IS NULL OR acknowledge_events.event_id > coalesce(last, 0) THEN
            RAISE EXCEPTION 'there is no event % yet: the last one is %', coalesce(acknowledge_events.event_id::text, 'null'),
                coalesce(last::text, 'still to come') USING ERRCODE = 'invalid_parameter_value';
        END IF;
        UPDATE forecast.outbox_consumer AS c SET acknowledged_at = pg_catalog.clock_timestamp(),
            acknowledged_id = greatest(c.acknowledged_id, acknowledge_events.event_id)
        WHERE c.consumer = found.consumer;
        RETURN (SELECT pg_catalog.count(*) FROM forecast.outbox AS o
            WHERE o.outbox_id > greatest(found.acknowledged_id, acknowledge_events.event_id)
                AND (found.topics IS NULL OR o.topic = ANY (found.topics)));
    END
    $$;
COMMENT ON FUNCTION forecast.acknowledge_events(text, bigint) IS
    'Every event up to this one has been dealt with; an earlier one than before changes nothing. Returns how many are left.';

CREATE FUNCTION forecast.unsubscribe(consumer text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    DECLARE
        holder text := (SELECT c.owner FROM forecast.outbox_consumer AS c WHERE c.consumer = unsubscribe.consumer);
    BEGIN
        IF holder IS NULL THEN RETURN false; END IF;
        IF holder <> session_user AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                WHERE r.rolname = 'suyo_operator' AND pg_catalog.pg_has_role(session_user, r.oid, 'USAGE')) THEN
            RAISE EXCEPTION 'consumer ''%'' belongs to user %: that one ends it, or somebody in suyo_operator',
                unsubscribe.consumer, holder USING ERRCODE = 'insufficient_privilege';
        END IF;
        DELETE FROM forecast.outbox_consumer AS c WHERE c.consumer = unsubscribe.consumer;
        RETURN true;
    END
    $$;
COMMENT ON FUNCTION forecast.unsubscribe(text) IS
    'Ends what subscribe began, so that events are no longer kept for a system that is gone; by the user that subscribed, or an operator. False where there is no such consumer.';

CREATE VIEW forecast.consumer_lag AS
    SELECT c.consumer, c.owner, c.topics, c.acknowledged_id, p.pending, p.oldest AS oldest_pending_at, c.acknowledged_at
    FROM forecast.outbox_consumer AS c
    CROSS JOIN LATERAL (
        SELECT count(*) AS pending, min(o.created_at) AS oldest FROM forecast.outbox AS o
        WHERE o.outbox_id > c.acknowledged_id AND (c.topics IS NULL OR o.topic = ANY (c.topics))) AS p;
COMMENT ON VIEW forecast.consumer_lag IS 'Each consumer of events, and how far behind it is.';
COMMENT ON COLUMN forecast.consumer_lag.consumer IS 'Its name.';
COMMENT ON COLUMN forecast.consumer_lag.owner IS 'The database user that subscribed.';
COMMENT ON COLUMN forecast.consumer_lag.topics IS 'The topics it follows; null is all of them.';
COMMENT ON COLUMN forecast.consumer_lag.acknowledged_id IS 'Every event up to this one has been dealt with.';
COMMENT ON COLUMN forecast.consumer_lag.pending IS 'Events it has yet to deal with.';
COMMENT ON COLUMN forecast.consumer_lag.oldest_pending_at IS 'When the oldest of them happened.';
COMMENT ON COLUMN forecast.consumer_lag.acknowledged_at IS 'When it last acknowledged.';
