-- What came in: orders, stock, master data, and the demand series built from them.
CREATE SCHEMA demand;
COMMENT ON SCHEMA demand IS 'What came in: order lines, stock, master data, and the demand series built from them.';

CREATE TABLE demand.import_batch (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN
        ('orders', 'stock', 'items', 'sites', 'customers', 'events', 'holidays', 'lead-times', 'lineage', 'like-items', 'movements',
        'units')),
    source text NOT NULL,
    file_name text NOT NULL,
    content_sha256 text NOT NULL,
    lines bigint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    inserted bigint NOT NULL,
    changed bigint NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    imported_by text NOT NULL DEFAULT current_user,
    CHECK (lines = accepted + rejected)
);
COMMENT ON TABLE demand.import_batch IS 'One row per import that changed something; accepted + rejected = lines.';
COMMENT ON COLUMN demand.import_batch.batch_id IS 'Number of the import.';
COMMENT ON COLUMN demand.import_batch.kind IS 'What the file holds: orders, stock, items, sites, customers, events, holidays, lead-times, lineage, like-items, movements or units.';
COMMENT ON COLUMN demand.import_batch.source IS 'Name of the system the file came from; part of the key of an order line.';
COMMENT ON COLUMN demand.import_batch.file_name IS 'The file as it was named on the command line.';
COMMENT ON COLUMN demand.import_batch.content_sha256 IS 'SHA-256 of the whole decompressed file, in hexadecimal.';
COMMENT ON COLUMN demand.import_batch.lines IS 'Data records in the file, without the header and blank lines.';
COMMENT ON COLUMN demand.import_batch.accepted IS 'Records that were taken.';
COMMENT ON COLUMN demand.import_batch.rejected IS 'Records kept in demand.rejected_row with a reason.';
COMMENT ON COLUMN demand.import_batch.inserted IS 'Accepted records that were new.';
COMMENT ON COLUMN demand.import_batch.changed IS 'Accepted records that corrected an existing row.';
COMMENT ON COLUMN demand.import_batch.imported_at IS 'When the import was committed, by the database''s clock.';
COMMENT ON COLUMN demand.import_batch.imported_by IS 'Database role that imported.';
CREATE INDEX import_batch_content ON demand.import_batch (content_sha256);

CREATE TABLE demand.rejected_row (
    batch_id bigint NOT NULL REFERENCES demand.import_batch ON DELETE CASCADE,
    line bigint NOT NULL,
    column_name text,
    value text,
    reason text NOT NULL,
    PRIMARY KEY (batch_id, line)
);
COMMENT ON TABLE demand.rejected_row IS 'Each record of an import that was not taken, with line, column, value and reason.';
COMMENT ON COLUMN demand.rejected_row.batch_id IS 'The import it belongs to.';
COMMENT ON COLUMN demand.rejected_row.line IS 'Line of the file on which the record starts, counted from 1.';
COMMENT ON COLUMN demand.rejected_row.column_name IS 'Column whose value was refused; null where the whole record was.';
COMMENT ON COLUMN demand.rejected_row.value IS 'The value as it stood in the file.';
COMMENT ON COLUMN demand.rejected_row.reason IS 'Why, and what to do.';

CREATE TABLE demand.item (
    item_id text PRIMARY KEY CHECK (item_id <> ''),
    name text,
    category text,
    unit text,
    introduced_on date,
    discontinued_on date,
    unit_cost float8 CHECK (unit_cost >= 0),
    pack_size float8 CHECK (pack_size > 0),
    is_declared boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE demand.item IS 'What is demanded.';
COMMENT ON COLUMN demand.item.item_id IS 'The item''s code in the company''s own system.';
COMMENT ON COLUMN demand.item.name IS 'What people call it.';
COMMENT ON COLUMN demand.item.category IS 'Group the item belongs to.';
COMMENT ON COLUMN demand.item.unit IS 'Base unit that all quantities are in.';
COMMENT ON COLUMN demand.item.introduced_on IS 'First day it could be ordered; zero demand counts from here.';
COMMENT ON COLUMN demand.item.discontinued_on IS 'Last day it could be ordered; it is not forecast after.';
COMMENT ON COLUMN demand.item.unit_cost IS 'Cost of one base unit.';
COMMENT ON COLUMN demand.item.pack_size IS 'Base units in the smallest orderable pack.';
COMMENT ON COLUMN demand.item.is_declared IS 'False where the item is known only from order lines.';

CREATE TABLE demand.site (
    site_id text PRIMARY KEY CHECK (site_id <> ''),
    name text,
    -- Refused by the server itself where it knows no such zone: one wrong name must not stop every retrain.
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (timestamptz '2000-01-01' AT TIME ZONE time_zone IS NOT NULL),
    is_declared boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE demand.site IS 'Where it is demanded: a warehouse, shop or plant.';
COMMENT ON COLUMN demand.site.site_id IS 'The site''s code.';
COMMENT ON COLUMN demand.site.name IS 'What people call it.';
COMMENT ON COLUMN demand.site.time_zone IS 'IANA time zone in which its buckets are cut.';
COMMENT ON COLUMN demand.site.is_declared IS 'False where the site is known only from order lines.';

CREATE TABLE demand.customer (
    customer_id text PRIMARY KEY CHECK (customer_id <> ''),
    name text,
    is_declared boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE demand.customer IS 'For whom it is demanded.';
COMMENT ON COLUMN demand.customer.customer_id IS 'The customer''s code.';
COMMENT ON COLUMN demand.customer.name IS 'What people call them.';
COMMENT ON COLUMN demand.customer.is_declared IS 'False where the customer is known only from order lines.';

CREATE TABLE demand.order_line (
    source text NOT NULL,
    order_id text NOT NULL CHECK (order_id <> ''),
    line_no integer NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    item_id text NOT NULL,
    site_id text NOT NULL,
    customer_id text,
    ordered_at timestamptz NOT NULL,
    requested_on date,
    status text NOT NULL DEFAULT 'ordered' CHECK (status IN ('ordered', 'cancelled', 'return', 'internal', 'deleted')),
    cancel_reason text CHECK (cancel_reason IN ('customer', 'supplier', 'stock-out', 'duplicate')),
    quantity float8 NOT NULL CHECK (quantity BETWEEN -1e12 AND 1e12),
    quantity_shipped float8 CHECK (quantity_shipped BETWEEN -1e12 AND 1e12),
    unit_price float8 CHECK (unit_price BETWEEN -1e12 AND 1e12),
    batch_id bigint,
    PRIMARY KEY (source, order_id, line_no),
    CHECK (status <> 'ordered' OR quantity >= 0)
);
-- For the rows of a day, of which a waiting tick asks twice a minute; of lines that come in by time, it costs next to nothing.
CREATE INDEX order_line_ordered_at ON demand.order_line USING brin (ordered_at) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE demand.order_line IS 'Each line of each order, as last corrected. One demand event per line, never per shipment.';
COMMENT ON COLUMN demand.order_line.source IS 'System the line came from; the key is (source, order_id, line_no).';
COMMENT ON COLUMN demand.order_line.order_id IS 'Number of the order in that system.';
COMMENT ON COLUMN demand.order_line.line_no IS 'Line within the order; numbered in file order where the file has none.';
COMMENT ON COLUMN demand.order_line.revision IS 'Raised by one with each correction.';
COMMENT ON COLUMN demand.order_line.item_id IS 'What was ordered.';
COMMENT ON COLUMN demand.order_line.site_id IS 'Where from.';
COMMENT ON COLUMN demand.order_line.customer_id IS 'For whom; null where unknown.';
COMMENT ON COLUMN demand.order_line.ordered_at IS 'When it was ordered.';
COMMENT ON COLUMN demand.order_line.requested_on IS 'Local day it was wanted; demand falls on this day, else on the day ordered.';
COMMENT ON COLUMN demand.order_line.status IS 'ordered, cancelled, return, internal (transfer, sample, write-off: never demand) or deleted (no longer in its source: never demand).';
COMMENT ON COLUMN demand.order_line.cancel_reason IS 'customer and duplicate: not demand; supplier and stock-out: demand that was lost.';
COMMENT ON COLUMN demand.order_line.quantity IS 'Quantity ordered, in base units; negative only on cancellations, returns and internal lines.';
COMMENT ON COLUMN demand.order_line.quantity_shipped IS 'Quantity shipped, a second measure; never the demand.';
COMMENT ON COLUMN demand.order_line.unit_price IS 'Price of one base unit.';
COMMENT ON COLUMN demand.order_line.batch_id IS 'Import that wrote this revision; null where a system wrote it directly.';

CREATE TABLE demand.one_off_mark (
    mark_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    order_id text NOT NULL,
    line_no integer NOT NULL,
    is_one_off boolean NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\S'),
    actor text NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX one_off_mark_line ON demand.one_off_mark (source, order_id, line_no, mark_id);
COMMENT ON TABLE demand.one_off_mark IS 'Who said of which order line that it was a one-off, or that it was none after all, and why. Append-only; the latest of a line counts.';
COMMENT ON COLUMN demand.one_off_mark.mark_id IS 'Order of the marks.';
COMMENT ON COLUMN demand.one_off_mark.source IS 'System the line came from.';
COMMENT ON COLUMN demand.one_off_mark.order_id IS 'Its order.';
COMMENT ON COLUMN demand.one_off_mark.line_no IS 'Its place in that.';
COMMENT ON COLUMN demand.one_off_mark.is_one_off IS 'Whether it was a one-off: ordered, and no demand to expect again.';
COMMENT ON COLUMN demand.one_off_mark.reason IS 'Why.';
COMMENT ON COLUMN demand.one_off_mark.actor IS 'Database role that said so.';
COMMENT ON COLUMN demand.one_off_mark.at IS 'When.';

CREATE VIEW demand.one_off_line AS
    SELECT latest.source, latest.order_id, latest.line_no, latest.reason, latest.actor, latest.at
    FROM (
        SELECT DISTINCT ON (m.source, m.order_id, m.line_no) m.* FROM demand.one_off_mark AS m
        ORDER BY m.source, m.order_id, m.line_no, m.mark_id DESC) AS latest
    WHERE latest.is_one_off;
COMMENT ON VIEW demand.one_off_line IS 'Order lines that count as one-offs: models are not trained on them.';
COMMENT ON COLUMN demand.one_off_line.source IS 'System the line came from.';
COMMENT ON COLUMN demand.one_off_line.order_id IS 'Its order.';
COMMENT ON COLUMN demand.one_off_line.line_no IS 'Its place in that.';
COMMENT ON COLUMN demand.one_off_line.reason IS 'Why.';
COMMENT ON COLUMN demand.one_off_line.actor IS 'Who said so.';
COMMENT ON COLUMN demand.one_off_line.at IS 'When.';

CREATE TABLE demand.stock_level (
    item_id text NOT NULL,
    site_id text NOT NULL,
    as_of timestamptz NOT NULL,
    on_hand float8 NOT NULL CHECK (on_hand BETWEEN -1e12 AND 1e12),
    on_order float8 CHECK (on_order BETWEEN -1e12 AND 1e12),
    reserved float8 CHECK (reserved BETWEEN -1e12 AND 1e12),
    batch_id bigint,
    PRIMARY KEY (item_id, site_id, as_of)
);
COMMENT ON TABLE demand.stock_level IS 'Stock of an item at a site at an instant.';
COMMENT ON COLUMN demand.stock_level.item_id IS 'Which item.';
COMMENT ON COLUMN demand.stock_level.site_id IS 'Where.';
COMMENT ON COLUMN demand.stock_level.as_of IS 'The instant counted; a plain date is that day''s opening.';
COMMENT ON COLUMN demand.stock_level.on_hand IS 'Base units on the shelf.';
COMMENT ON COLUMN demand.stock_level.on_order IS 'Base units ordered from suppliers and not yet received.';
COMMENT ON COLUMN demand.stock_level.reserved IS 'Base units promised to customers.';
COMMENT ON COLUMN demand.stock_level.batch_id IS 'Import that wrote it.';

CREATE TABLE demand.stock_movement (
    source text NOT NULL,
    movement_id text NOT NULL,
    item_id text NOT NULL,
    site_id text NOT NULL,
    moved_at timestamptz NOT NULL,
    quantity float8 NOT NULL CHECK (quantity BETWEEN -1e12 AND 1e12),
    batch_id bigint,
    PRIMARY KEY (source, movement_id)
);
CREATE INDEX stock_movement_item ON demand.stock_movement (item_id, site_id, moved_at);
COMMENT ON TABLE demand.stock_movement IS 'What came to a site and went from it.';
COMMENT ON COLUMN demand.stock_movement.source IS 'System it comes from.';
COMMENT ON COLUMN demand.stock_movement.movement_id IS 'Its number there.';
COMMENT ON COLUMN demand.stock_movement.item_id IS 'Which item.';
COMMENT ON COLUMN demand.stock_movement.site_id IS 'Where.';
COMMENT ON COLUMN demand.stock_movement.moved_at IS 'When.';
COMMENT ON COLUMN demand.stock_movement.quantity IS 'Base units that came; negative: that went.';
COMMENT ON COLUMN demand.stock_movement.batch_id IS 'Import that wrote it.';

CREATE VIEW demand.stock_balance AS
    SELECT known.item_id, known.site_id, known.at, known.movement_id, known.change, known.counted,
        -- Of the first count there is nothing before to hold it against.
        CASE WHEN known.counted IS NOT NULL AND known.counts > 1
            THEN pg_catalog.lag(known.balance) OVER in_order END AS expected,
        known.balance
    FROM (
        SELECT anchored.*, CASE
            WHEN anchored.counts > 0 THEN anchored.last_count + anchored.total - anchored.total_then
            WHEN anchored.first_count IS NOT NULL
                THEN anchored.first_count + anchored.total - anchored.total_at_first
            -- Nobody ever counted: as much was there at first as all that went took.
            ELSE anchored.total - least(anchored.lowest, 0) END AS balance
        FROM (
            SELECT summed.*, pg_catalog.first_value(summed.counted) OVER since_count AS last_count,
                pg_catalog.first_value(summed.total) OVER since_count AS total_then,
                pg_catalog.max(summed.counted) FILTER (WHERE summed.counts = 1) OVER pair AS first_count,
                pg_catalog.max(summed.total) FILTER (WHERE summed.counts = 1 AND summed.counted IS NOT NULL) OVER pair
                    AS total_at_first,
                pg_catalog.min(summed.total) OVER pair AS lowest
            FROM (
                SELECT event.*, pg_catalog.count(event.counted) OVER so_far AS counts,
                    pg_catalog.sum(event.change) OVER so_far AS total
                FROM (
                    SELECT m.item_id, m.site_id, m.moved_at AS at, m.movement_id, m.quantity AS change,
                        NULL::float8 AS counted
                    FROM demand.stock_movement AS m
                    UNION ALL
                    SELECT l.item_id, l.site_id, l.as_of, NULL, 0, l.on_hand
                    FROM demand.stock_level AS l
                    WHERE EXISTS (SELECT FROM demand.stock_movement AS m
                        WHERE m.item_id = l.item_id AND m.site_id = l.site_id)) AS event
                -- A count comes before what moves at the same instant: a plain date is that day's opening.
                WINDOW so_far AS (PARTITION BY event.item_id, event.site_id
                    ORDER BY event.at, event.counted IS NULL, event.movement_id ROWS UNBOUNDED PRECEDING)) AS summed
            WINDOW pair AS (PARTITION BY summed.item_id, summed.site_id),
                since_count AS (PARTITION BY summed.item_id, summed.site_id, summed.counts
                    ORDER BY summed.at, summed.counted IS NULL, summed.movement_id)) AS anchored) AS known
    WINDOW in_order AS (PARTITION BY known.item_id, known.site_id
        ORDER BY known.at, known.counted IS NULL, known.movement_id);
COMMENT ON VIEW demand.stock_balance IS 'What was on the shelf after each movement and each count, of items at sites whose movements are known: the last count before and what moved since, or where there is none before, the first count after and what moved until then.';
COMMENT ON COLUMN demand.stock_balance.item_id IS 'Which item.';
COMMENT ON COLUMN demand.stock_balance.site_id IS 'Where.';
COMMENT ON COLUMN demand.stock_balance.at IS 'When it moved, or was counted.';
COMMENT ON COLUMN demand.stock_balance.movement_id IS 'Which movement; null for a count.';
COMMENT ON COLUMN demand.stock_balance.change IS 'Base units that came or, negative, went; 0 for a count.';
COMMENT ON COLUMN demand.stock_balance.counted IS 'Base units counted; null for a movement.';
COMMENT ON COLUMN demand.stock_balance.expected IS 'Of a count: what the count before and the movements since made it, to hold it against; null of the first one.';
COMMENT ON COLUMN demand.stock_balance.balance IS 'Base units on the shelf from then on.';

CREATE TABLE demand.lead_time (
    item_id text NOT NULL,
    site_id text NOT NULL DEFAULT '',
    supplier text NOT NULL DEFAULT '',
    valid_from date NOT NULL DEFAULT '1970-01-01',
    days float8 NOT NULL CHECK (days BETWEEN 0 AND 3650),
    days_sd float8 CHECK (days_sd BETWEEN 0 AND 3650),
    PRIMARY KEY (item_id, site_id, supplier, valid_from)
);
COMMENT ON TABLE demand.lead_time IS 'Days from ordering an item to receiving it.';
COMMENT ON COLUMN demand.lead_time.item_id IS 'Which item.';
COMMENT ON COLUMN demand.lead_time.site_id IS 'Received where; empty means every site.';
COMMENT ON COLUMN demand.lead_time.supplier IS 'From whom; empty means any.';
COMMENT ON COLUMN demand.lead_time.valid_from IS 'First day the figure holds.';
COMMENT ON COLUMN demand.lead_time.days IS 'Mean days.';
COMMENT ON COLUMN demand.lead_time.days_sd IS 'Standard deviation in days.';

CREATE TABLE demand.event (
    event_id text PRIMARY KEY CHECK (event_id <> ''),
    name text,
    kind text NOT NULL DEFAULT 'other' CHECK (kind IN ('promotion', 'price', 'closure', 'other')),
    item_id text,
    site_id text,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    known_from date,
    value float8,
    CHECK (ends_on >= starts_on)
);
COMMENT ON TABLE demand.event IS 'Promotions, price changes and closures, past and future.';
COMMENT ON COLUMN demand.event.event_id IS 'The event''s own code.';
COMMENT ON COLUMN demand.event.name IS 'What people call it.';
COMMENT ON COLUMN demand.event.kind IS 'promotion, price, closure or other.';
COMMENT ON COLUMN demand.event.item_id IS 'Item it touches; null means all.';
COMMENT ON COLUMN demand.event.site_id IS 'Site it touches; null means all.';
COMMENT ON COLUMN demand.event.starts_on IS 'First local day.';
COMMENT ON COLUMN demand.event.ends_on IS 'Last local day.';
COMMENT ON COLUMN demand.event.known_from IS 'Day it became known; a forecast made earlier may not use it.';
COMMENT ON COLUMN demand.event.value IS 'Its size: discount, price or other measure.';

CREATE TABLE demand.holiday (
    calendar text NOT NULL,
    date date NOT NULL,
    name text NOT NULL,
    kind text CHECK (kind IN ('public', 'substitute', 'election', 'one-off')),
    note text,
    PRIMARY KEY (calendar, date)
);
COMMENT ON TABLE demand.holiday IS 'Public holidays and one-off days off, loaded rather than computed.';
COMMENT ON COLUMN demand.holiday.calendar IS 'Name of the calendar, such as KR.';
COMMENT ON COLUMN demand.holiday.date IS 'The day.';
COMMENT ON COLUMN demand.holiday.name IS 'What it is.';
COMMENT ON COLUMN demand.holiday.kind IS 'Why it is a day off: public, substitute, election or one-off; null where nobody said.';
COMMENT ON COLUMN demand.holiday.note IS 'What else is known of it.';

CREATE TABLE demand.lineage (
    predecessor_id text PRIMARY KEY CHECK (predecessor_id <> ''),
    item_id text NOT NULL CHECK (item_id <> ''),
    factor float8 NOT NULL DEFAULT 1 CHECK (factor > 0 AND factor <= 1e9),
    CHECK (item_id <> predecessor_id)
);
CREATE INDEX lineage_item ON demand.lineage (item_id);
COMMENT ON TABLE demand.lineage IS 'Which item replaced which: demand and stock of an old code count for the newest one.';
COMMENT ON COLUMN demand.lineage.predecessor_id IS 'The code that was replaced.';
COMMENT ON COLUMN demand.lineage.item_id IS 'The code that replaced it; it may have been replaced itself.';
COMMENT ON COLUMN demand.lineage.factor IS 'Base units of the new item that one of the old stands for.';

CREATE FUNCTION demand.newest_codes() RETURNS TABLE (predecessor_id text, item_id text, factor float8)
    -- A handful: of a recursion in a view the planner would expect so much that it compiled and sorted for it.
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = ''
    AS $$
    WITH RECURSIVE chain AS (
        SELECT l.predecessor_id, l.item_id, l.factor FROM demand.lineage AS l
        WHERE NOT EXISTS (SELECT FROM demand.lineage AS later WHERE later.predecessor_id = l.item_id)
        UNION ALL
        SELECT l.predecessor_id, c.item_id, l.factor * c.factor
        FROM chain AS c JOIN demand.lineage AS l ON l.item_id = c.predecessor_id)
    SELECT c.predecessor_id, c.item_id, c.factor FROM chain AS c
    $$;
REVOKE EXECUTE ON FUNCTION demand.newest_codes() FROM PUBLIC;
COMMENT ON FUNCTION demand.newest_codes() IS 'What demand.succession shows.';

CREATE VIEW demand.succession AS
    SELECT c.predecessor_id, c.item_id, c.factor FROM demand.newest_codes() AS c;
COMMENT ON VIEW demand.succession IS 'Every code that was replaced, with the newest code that it ended up as.';
COMMENT ON COLUMN demand.succession.predecessor_id IS 'The code that was replaced.';
COMMENT ON COLUMN demand.succession.item_id IS 'The newest code, which nothing replaces.';
COMMENT ON COLUMN demand.succession.factor IS 'Base units of the newest item that one of the old stands for.';

CREATE FUNCTION demand.refuse_circle() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
    DECLARE
        circle text;
    BEGIN
        IF TG_WHEN = 'BEFORE' THEN
            -- Two transactions, each harmless, could close a circle together: they go one after the other.
            PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('demand.lineage', 0));
            RETURN NULL;
        END IF;
        WITH RECURSIVE walk AS (
            SELECT l.predecessor_id AS origin, l.item_id, ARRAY[l.predecessor_id, l.item_id] AS path
            FROM demand.lineage AS l
            UNION ALL
            SELECT w.origin, l.item_id, w.path || l.item_id
            FROM walk AS w JOIN demand.lineage AS l ON l.predecessor_id = w.item_id
            WHERE w.item_id <> ALL (w.path[:cardinality(w.path) - 1]))
        SELECT pg_catalog.array_to_string(w.path, ' → ') INTO circle
        FROM walk AS w WHERE w.item_id = w.origin ORDER BY w.path LIMIT 1;
        IF circle IS NOT NULL THEN
            RAISE EXCEPTION 'an item cannot come to replace itself: %', circle
                USING ERRCODE = 'check_violation', HINT = 'Correct or delete one of these rows of demand.lineage.';
        END IF;
        RETURN NULL;
    END
    $$;
COMMENT ON FUNCTION demand.refuse_circle() IS 'Refuses a change of demand.lineage by which an item would come to replace itself, and names the circle.';
CREATE TRIGGER wait_for_turn BEFORE INSERT OR UPDATE ON demand.lineage
    FOR EACH STATEMENT EXECUTE FUNCTION demand.refuse_circle();
CREATE TRIGGER refuse_circle AFTER INSERT OR UPDATE ON demand.lineage
    FOR EACH STATEMENT EXECUTE FUNCTION demand.refuse_circle();

CREATE TABLE demand.like_item (
    item_id text NOT NULL CHECK (item_id <> ''),
    like_item_id text NOT NULL CHECK (like_item_id <> ''),
    factor float8 NOT NULL DEFAULT 1 CHECK (factor > 0 AND factor <= 1e9),
    PRIMARY KEY (item_id, like_item_id),
    CHECK (item_id <> like_item_id)
);
COMMENT ON TABLE demand.like_item IS 'Items that a new one is expected to sell like: it is forecast by them until it has a season of its own.';
COMMENT ON COLUMN demand.like_item.item_id IS 'The new item.';
COMMENT ON COLUMN demand.like_item.like_item_id IS 'One that it is like.';
COMMENT ON COLUMN demand.like_item.factor IS 'How much the new item is expected to sell for each base unit of that one.';

CREATE TABLE demand.unit_conversion (
    item_id text NOT NULL DEFAULT '',
    unit text NOT NULL CHECK (unit <> ''),
    valid_from date NOT NULL DEFAULT '1970-01-01',
    factor float8 NOT NULL CHECK (factor > 0 AND factor <= 1e9),
    PRIMARY KEY (item_id, unit, valid_from)
);
COMMENT ON TABLE demand.unit_conversion IS 'How many base units one of another unit is, by which orders and stock are converted as they come in.';
COMMENT ON COLUMN demand.unit_conversion.item_id IS 'Of which item; empty means every item that has no row of its own.';
COMMENT ON COLUMN demand.unit_conversion.unit IS 'The unit, as orders and stock name it.';
COMMENT ON COLUMN demand.unit_conversion.valid_from IS 'First local day, of the order or count, that the figure holds.';
COMMENT ON COLUMN demand.unit_conversion.factor IS 'Base units in one of it.';

-- One row per series, its buckets as arrays: a million series stay a million rows, and one is read with one look-up.
CREATE TABLE demand.series (
    series_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    frequency text NOT NULL CHECK (frequency IN ('hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    first_bucket timestamp NOT NULL,
    raw float8[] NOT NULL,
    adjusted float8[] NOT NULL,
    reason text NOT NULL,
    data_through date NOT NULL,
    content_hash text NOT NULL,
    built_at timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(raw) = cardinality(adjusted) AND char_length(reason) = cardinality(raw))
);
COMMENT ON TABLE demand.series IS 'Demand per bucket of each grain as last built for a portfolio.';
COMMENT ON COLUMN demand.series.series_id IS 'Number of the series.';
COMMENT ON COLUMN demand.series.portfolio IS 'The retrain job it was built for.';
COMMENT ON COLUMN demand.series.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN demand.series.item_id IS 'Which item.';
COMMENT ON COLUMN demand.series.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN demand.series.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN demand.series.first_bucket IS 'Local start of the first bucket.';
COMMENT ON COLUMN demand.series.raw IS 'Quantity ordered per bucket, as it came in.';
COMMENT ON COLUMN demand.series.adjusted IS 'Demand per bucket as the models see it; NaN is missing.';
COMMENT ON COLUMN demand.series.reason IS 'One letter per bucket: . as it came, S out of stock, P partly out of stock and scaled up, I immature.';
COMMENT ON COLUMN demand.series.data_through IS 'Last local day that had arrived completely.';
COMMENT ON COLUMN demand.series.content_hash IS 'SHA-256 of key, first bucket and adjusted values.';
COMMENT ON COLUMN demand.series.built_at IS 'When it was built.';
CREATE UNIQUE INDEX series_key ON demand.series
    (item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')), portfolio);

CREATE FUNCTION demand.bucket_length(frequency text) RETURNS interval
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = ''
    AS $$
    SELECT CASE frequency
        WHEN 'hourly' THEN interval '1 hour' WHEN 'daily' THEN interval '1 day'
        WHEN 'weekly' THEN interval '7 days' WHEN 'monthly' THEN interval '1 month'
        WHEN 'quarterly' THEN interval '3 months' WHEN 'yearly' THEN interval '1 year' END
    $$;
COMMENT ON FUNCTION demand.bucket_length(text) IS 'How long one bucket of a frequency is.';

CREATE FUNCTION demand.bucket_place(frequency text, first_bucket timestamp, bucket_start timestamp) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = ''
    AS $$
    SELECT 1 + CASE frequency
        WHEN 'hourly' THEN (extract(epoch FROM bucket_start - first_bucket) / 3600)::integer
        WHEN 'daily' THEN bucket_start::date - first_bucket::date
        WHEN 'weekly' THEN (bucket_start::date - first_bucket::date) / 7
        ELSE (12 * (extract(year FROM bucket_start) - extract(year FROM first_bucket))
            + extract(month FROM bucket_start) - extract(month FROM first_bucket))::integer
            / CASE frequency WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 ELSE 12 END END
    $$;
COMMENT ON FUNCTION demand.bucket_place(text, timestamp, timestamp) IS
    'The place of a bucket in the arrays of a series that begins with first_bucket: 1 is the first, 0 and less lie before it.';

CREATE VIEW demand.series_value AS
    SELECT s.series_id, s.portfolio, s.item_id, s.site_id, s.customer_id, s.frequency,
        s.first_bucket + (v.step - 1) * demand.bucket_length(s.frequency) AS bucket_start,
        v.raw, nullif(v.adjusted, 'NaN') AS adjusted,
        CASE substr(s.reason, v.step::integer, 1)
            WHEN 'S' THEN 'out of stock' WHEN 'P' THEN 'partly out of stock' WHEN 'I' THEN 'immature' END AS reason
    FROM demand.series AS s
    CROSS JOIN LATERAL unnest(s.raw, s.adjusted) WITH ORDINALITY AS v (raw, adjusted, step);
COMMENT ON VIEW demand.series_value IS 'Demand per series and bucket, raw and adjusted side by side, with the reason of each adjustment.';
COMMENT ON COLUMN demand.series_value.series_id IS 'Number of the series.';
COMMENT ON COLUMN demand.series_value.portfolio IS 'The retrain job it was built for.';
COMMENT ON COLUMN demand.series_value.item_id IS 'Which item.';
COMMENT ON COLUMN demand.series_value.site_id IS 'Where.';
COMMENT ON COLUMN demand.series_value.customer_id IS 'For whom.';
COMMENT ON COLUMN demand.series_value.frequency IS 'How long a bucket is.';
COMMENT ON COLUMN demand.series_value.bucket_start IS 'Local start of the bucket.';
COMMENT ON COLUMN demand.series_value.raw IS 'Quantity ordered, as it came in.';
COMMENT ON COLUMN demand.series_value.adjusted IS 'Demand as the models see it; null is missing, never zero.';
COMMENT ON COLUMN demand.series_value.reason IS 'Why adjusted differs from raw; null where it does not.';
