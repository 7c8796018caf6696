-- Large retrains, shared: shards that any worker on any host may train, while the run that offers them goes on.

CREATE TABLE suyo.shard (
    run_id bigint PRIMARY KEY REFERENCES suyo.run ON DELETE CASCADE,
    parent_run_id bigint NOT NULL REFERENCES suyo.run ON DELETE CASCADE,
    parent_fence bigint NOT NULL,
    input text NOT NULL,
    output text,
    delivered_at timestamptz
);
-- Megabytes of numbers that live for seconds: to squeeze them takes longer than to keep them.
ALTER TABLE suyo.shard ALTER COLUMN input SET STORAGE EXTERNAL, ALTER COLUMN output SET STORAGE EXTERNAL;
CREATE INDEX shard_parent ON suyo.shard (parent_run_id);
COMMENT ON TABLE suyo.shard IS 'Shards of retrains under way that were offered to other workers, each a run of kind shard; gone once what came of it is taken.';
COMMENT ON COLUMN suyo.shard.run_id IS 'The run that trains it.';
COMMENT ON COLUMN suyo.shard.parent_run_id IS 'The retrain that it is part of.';
COMMENT ON COLUMN suyo.shard.parent_fence IS 'The fence of the attempt that waits for it: once that attempt is over, nobody does.';
COMMENT ON COLUMN suyo.shard.input IS 'All that decides what comes out, as JSON.';
COMMENT ON COLUMN suyo.shard.output IS 'What came of it, as JSON; null while nobody has trained it.';
COMMENT ON COLUMN suyo.shard.delivered_at IS 'When that was handed over.';

CREATE FUNCTION suyo.delete_shards() RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
    WITH unwanted AS (
        SELECT s.run_id FROM suyo.shard AS s
        WHERE NOT EXISTS (SELECT FROM suyo.lease AS l WHERE l.run_id = s.parent_run_id AND l.fence = s.parent_fence)),
    stopped AS (
        UPDATE suyo.run AS r SET state = 'cancelled', finished_at = pg_catalog.now()
        FROM unwanted AS u WHERE r.run_id = u.run_id AND r.state IN ('available', 'scheduled', 'retryable')),
    gone AS (DELETE FROM suyo.shard AS s USING unwanted AS u WHERE s.run_id = u.run_id RETURNING 1)
    SELECT pg_catalog.count(*) FROM gone
    $$;
COMMENT ON FUNCTION suyo.delete_shards() IS
    'Forgets shards that no attempt waits for any more, and returns how many; who is at one hears of it when it wants to hand over what came of it.';
