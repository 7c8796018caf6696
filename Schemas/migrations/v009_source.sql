-- What was read from a company's own tables, and from where the next reading goes on.

CREATE TABLE demand.source_read (
    read_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('orders', 'stock', 'items', 'sites', 'customers', 'events', 'holidays', 'lead-times', 'lineage', 'like-items', 'movements',
        'units')),
    query_hash text NOT NULL,
    snapshot_at timestamptz NOT NULL,
    read_from timestamptz,
    watermark timestamptz,
    lines bigint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    inserted bigint NOT NULL,
    changed bigint NOT NULL,
    deleted bigint NOT NULL,
    batch_id bigint REFERENCES demand.import_batch ON DELETE SET NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    read_by text NOT NULL DEFAULT current_user,
    CHECK (lines = accepted + rejected)
);
CREATE INDEX source_read_latest ON demand.source_read (source, kind, read_id);
COMMENT ON TABLE demand.source_read IS 'One row per reading of a query over a company''s own tables.';
COMMENT ON COLUMN demand.source_read.read_id IS 'Number of the reading.';
COMMENT ON COLUMN demand.source_read.source IS 'Name of the system.';
COMMENT ON COLUMN demand.source_read.kind IS 'What its records are.';
COMMENT ON COLUMN demand.source_read.query_hash IS 'SHA-256 of the query and its mapping; where they change, everything is read again.';
COMMENT ON COLUMN demand.source_read.snapshot_at IS 'The source''s own clock at the snapshot that was read.';
COMMENT ON COLUMN demand.source_read.read_from IS 'Records changed since then were read; null where all were.';
COMMENT ON COLUMN demand.source_read.watermark IS 'Latest change seen; the next reading begins the overlap before it. Null where all records are read each time.';
COMMENT ON COLUMN demand.source_read.lines IS 'Records read.';
COMMENT ON COLUMN demand.source_read.accepted IS 'Records that were taken.';
COMMENT ON COLUMN demand.source_read.rejected IS 'Records that were not, kept in demand.rejected_row where the reading changed something.';
COMMENT ON COLUMN demand.source_read.inserted IS 'Accepted records that were new.';
COMMENT ON COLUMN demand.source_read.changed IS 'Accepted records that corrected an existing row.';
COMMENT ON COLUMN demand.source_read.deleted IS 'Order lines that were no longer there.';
COMMENT ON COLUMN demand.source_read.batch_id IS 'The import it made; null where nothing changed.';
COMMENT ON COLUMN demand.source_read.read_at IS 'When it was committed, by this database''s clock.';
COMMENT ON COLUMN demand.source_read.read_by IS 'Database role that read.';
