-- Whether the models are still right: drift checks, what each series' monitor knows, incidents.

CREATE TABLE suyo.drift_check (
    check_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    run_id bigint REFERENCES suyo.run,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    data_through date NOT NULL,
    buckets integer NOT NULL,
    series_count integer NOT NULL,
    judged integer NOT NULL,
    alarms integer NOT NULL,
    named integer NOT NULL,
    totals integer NOT NULL DEFAULT 0,
    named_totals integer NOT NULL DEFAULT 0,
    reason text,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE suyo.drift_check IS 'Each time a portfolio was checked for drift.';
COMMENT ON COLUMN suyo.drift_check.check_id IS 'Number of the check.';
COMMENT ON COLUMN suyo.drift_check.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.drift_check.run_id IS 'The run that checked; null where a person did.';
COMMENT ON COLUMN suyo.drift_check.version_id IS 'The champion then.';
COMMENT ON COLUMN suyo.drift_check.data_through IS 'Last local day that was judged.';
COMMENT ON COLUMN suyo.drift_check.buckets IS 'Buckets looked at that no check had seen before; 0 where it abstained.';
COMMENT ON COLUMN suyo.drift_check.series_count IS 'Series in the portfolio.';
COMMENT ON COLUMN suyo.drift_check.judged IS 'Series with a reference; the others abstain.';
COMMENT ON COLUMN suyo.drift_check.alarms IS 'Series whose own alarm stands, false ones within their budget among them.';
COMMENT ON COLUMN suyo.drift_check.named IS 'Series taken to have changed, the false discovery rate controlled over all of them.';
COMMENT ON COLUMN suyo.drift_check.totals IS 'Totals that were looked at: of the portfolio, its sites and its categories.';
COMMENT ON COLUMN suyo.drift_check.named_totals IS 'Totals taken to have changed, the false discovery rate controlled over them.';
COMMENT ON COLUMN suyo.drift_check.reason IS 'Why a day was not judged; null where all were.';
COMMENT ON COLUMN suyo.drift_check.checked_at IS 'When.';
CREATE INDEX drift_check_portfolio ON suyo.drift_check (portfolio, check_id);

CREATE TABLE suyo.drift_state (
    portfolio text NOT NULL,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    standing text NOT NULL CHECK (standing IN ('ok', 'watch', 'drifting', 'abstains')),
    metric text,
    since timestamp,
    alarms_per_year float8,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    reference_from timestamp,
    reference_through timestamp,
    through timestamp NOT NULL,
    stability_index float8,
    kolmogorov_smirnov float8,
    wasserstein float8,
    jensen_shannon float8,
    reason text,
    state float8[] NOT NULL
);
COMMENT ON TABLE suyo.drift_state IS 'What the monitor of each series knows: its reference, and where its detectors stand. Written anew by each check.';
COMMENT ON COLUMN suyo.drift_state.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.drift_state.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.drift_state.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN suyo.drift_state.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN suyo.drift_state.standing IS 'ok; watch: its own alarm stands; drifting: named by an incident; abstains: no reference yet.';
COMMENT ON COLUMN suyo.drift_state.metric IS 'What speaks loudest.';
COMMENT ON COLUMN suyo.drift_state.since IS 'Local start of the bucket with which that evidence begins.';
COMMENT ON COLUMN suyo.drift_state.alarms_per_year IS 'How often such evidence comes in a year of a series that has not changed.';
COMMENT ON COLUMN suyo.drift_state.version_id IS 'The champion when its reference was taken.';
COMMENT ON COLUMN suyo.drift_state.reference_from IS 'First bucket its reference may hold; null is its first.';
COMMENT ON COLUMN suyo.drift_state.reference_through IS 'Last bucket of its reference.';
COMMENT ON COLUMN suyo.drift_state.through IS 'Last bucket looked at.';
COMMENT ON COLUMN suyo.drift_state.stability_index IS 'Population stability index of the last 28 residuals against the reference.';
COMMENT ON COLUMN suyo.drift_state.kolmogorov_smirnov IS 'Kolmogorov-Smirnov distance of the same.';
COMMENT ON COLUMN suyo.drift_state.wasserstein IS 'Wasserstein distance of the same, in standard deviations.';
COMMENT ON COLUMN suyo.drift_state.jensen_shannon IS 'Jensen-Shannon distance of the same.';
COMMENT ON COLUMN suyo.drift_state.reason IS 'Why it abstains.';
COMMENT ON COLUMN suyo.drift_state.state IS 'The monitor as numbers; empty where it abstains.';
CREATE UNIQUE INDEX drift_state_key ON suyo.drift_state
    (portfolio, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')));

CREATE TABLE suyo.drift_total_state (
    portfolio text NOT NULL,
    level text NOT NULL CHECK (level IN ('company', 'site', 'category', 'site_category')),
    site_id text,
    category text,
    standing text NOT NULL CHECK (standing IN ('ok', 'watch', 'drifting', 'abstains')),
    metric text,
    since timestamp,
    alarms_per_year float8,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    reference_from timestamp,
    reference_through timestamp,
    through timestamp NOT NULL,
    stability_index float8,
    kolmogorov_smirnov float8,
    wasserstein float8,
    jensen_shannon float8,
    reason text,
    state float8[] NOT NULL
);
COMMENT ON TABLE suyo.drift_total_state IS 'What the monitor of each total knows, as of each series: a change that is too small in each series shows in their sum.';
COMMENT ON COLUMN suyo.drift_total_state.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.drift_total_state.level IS 'company: all series of the portfolio; site, category or site_category.';
COMMENT ON COLUMN suyo.drift_total_state.site_id IS 'Where, on the levels site and site_category.';
COMMENT ON COLUMN suyo.drift_total_state.category IS 'Which category, on the levels category and site_category; null is items without one.';
COMMENT ON COLUMN suyo.drift_total_state.standing IS 'ok; watch: its own alarm stands; drifting: named by an incident; abstains: no reference yet.';
COMMENT ON COLUMN suyo.drift_total_state.metric IS 'What speaks loudest.';
COMMENT ON COLUMN suyo.drift_total_state.since IS 'Local start of the bucket with which that evidence begins.';
COMMENT ON COLUMN suyo.drift_total_state.alarms_per_year IS 'How often such evidence comes in a year of a series that has not changed.';
COMMENT ON COLUMN suyo.drift_total_state.version_id IS 'The champion when its reference was taken.';
COMMENT ON COLUMN suyo.drift_total_state.reference_from IS 'First bucket its reference may hold; null is its first.';
COMMENT ON COLUMN suyo.drift_total_state.reference_through IS 'Last bucket of its reference.';
COMMENT ON COLUMN suyo.drift_total_state.through IS 'Last bucket looked at.';
COMMENT ON COLUMN suyo.drift_total_state.stability_index IS 'Population stability index of the last 28 residuals against the reference.';
COMMENT ON COLUMN suyo.drift_total_state.kolmogorov_smirnov IS 'Kolmogorov-Smirnov distance of the same.';
COMMENT ON COLUMN suyo.drift_total_state.wasserstein IS 'Wasserstein distance of the same, in standard deviations.';
COMMENT ON COLUMN suyo.drift_total_state.jensen_shannon IS 'Jensen-Shannon distance of the same.';
COMMENT ON COLUMN suyo.drift_total_state.reason IS 'Why it abstains.';
COMMENT ON COLUMN suyo.drift_total_state.state IS 'The monitor as numbers; empty where it abstains.';
CREATE UNIQUE INDEX drift_total_state_key ON suyo.drift_total_state
    (portfolio, level, (coalesce(site_id, '')), (coalesce(category, '')), (category IS NULL));

CREATE TABLE suyo.incident (
    incident_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portfolio text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'resolved')),
    summary text NOT NULL,
    since date NOT NULL,
    series_count integer NOT NULL,
    total_count integer NOT NULL DEFAULT 0,
    version_id bigint NOT NULL REFERENCES suyo.model_version,
    check_id bigint NOT NULL REFERENCES suyo.drift_check,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text,
    resolved_at timestamptz,
    resolution text,
    retrain_run_id bigint REFERENCES suyo.run,
    brake text,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
COMMENT ON TABLE suyo.incident IS 'Drift from its first signal to its resolution; at most one is open per portfolio, and names every series concerned.';
COMMENT ON COLUMN suyo.incident.incident_id IS 'Number of the incident.';
COMMENT ON COLUMN suyo.incident.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.incident.state IS 'open, acknowledged or resolved.';
COMMENT ON COLUMN suyo.incident.summary IS 'What changed, where, since when and how sure that is, in a sentence.';
COMMENT ON COLUMN suyo.incident.since IS 'Local day on which the earliest evidence begins.';
COMMENT ON COLUMN suyo.incident.series_count IS 'Series concerned.';
COMMENT ON COLUMN suyo.incident.total_count IS 'Totals of sites, categories and the portfolio concerned.';
COMMENT ON COLUMN suyo.incident.version_id IS 'The champion when it was opened.';
COMMENT ON COLUMN suyo.incident.check_id IS 'The check that opened it.';
COMMENT ON COLUMN suyo.incident.opened_at IS 'When.';
COMMENT ON COLUMN suyo.incident.acknowledged_at IS 'When a person took it.';
COMMENT ON COLUMN suyo.incident.acknowledged_by IS 'Who.';
COMMENT ON COLUMN suyo.incident.note IS 'What they said.';
COMMENT ON COLUMN suyo.incident.resolved_at IS 'When it was over.';
COMMENT ON COLUMN suyo.incident.resolution IS 'Why it is over.';
COMMENT ON COLUMN suyo.incident.retrain_run_id IS 'The retrain it asked for: one at most.';
COMMENT ON COLUMN suyo.incident.brake IS 'Why it asked for none, such as retrains that did not help, or why that one waits.';
CREATE UNIQUE INDEX incident_open ON suyo.incident (portfolio) WHERE state <> 'resolved';
CREATE UNIQUE INDEX incident_retrain ON suyo.incident (retrain_run_id);

CREATE TABLE suyo.incident_series (
    incident_id bigint NOT NULL REFERENCES suyo.incident,
    item_id text NOT NULL,
    site_id text,
    customer_id text,
    metric text NOT NULL,
    is_forecast boolean NOT NULL,
    since timestamp NOT NULL,
    alarms_per_year float8 NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at timestamptz
);
COMMENT ON TABLE suyo.incident_series IS 'The series an incident names.';
COMMENT ON COLUMN suyo.incident_series.incident_id IS 'The incident.';
COMMENT ON COLUMN suyo.incident_series.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.incident_series.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN suyo.incident_series.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN suyo.incident_series.metric IS 'What spoke loudest when it was named.';
COMMENT ON COLUMN suyo.incident_series.is_forecast IS 'Whether that was in the errors of published forecasts, not in demand itself.';
COMMENT ON COLUMN suyo.incident_series.since IS 'Local start of the bucket with which the evidence began.';
COMMENT ON COLUMN suyo.incident_series.alarms_per_year IS 'How often such evidence comes in a year of a series that has not changed.';
COMMENT ON COLUMN suyo.incident_series.joined_at IS 'When it was named.';
COMMENT ON COLUMN suyo.incident_series.left_at IS 'When it was no longer; null while it is.';
CREATE UNIQUE INDEX incident_series_key ON suyo.incident_series
    (incident_id, item_id, (coalesce(site_id, '')), (coalesce(customer_id, '')));

CREATE TABLE suyo.incident_total (
    incident_id bigint NOT NULL REFERENCES suyo.incident,
    level text NOT NULL,
    site_id text,
    category text,
    metric text NOT NULL,
    is_forecast boolean NOT NULL,
    since timestamp NOT NULL,
    alarms_per_year float8 NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at timestamptz
);
COMMENT ON TABLE suyo.incident_total IS 'The totals an incident names.';
COMMENT ON COLUMN suyo.incident_total.incident_id IS 'The incident.';
COMMENT ON COLUMN suyo.incident_total.level IS 'company, site, category or site_category.';
COMMENT ON COLUMN suyo.incident_total.site_id IS 'Where, on the levels site and site_category.';
COMMENT ON COLUMN suyo.incident_total.category IS 'Which category, on the levels category and site_category; null is items without one.';
COMMENT ON COLUMN suyo.incident_total.metric IS 'What spoke loudest when it was named.';
COMMENT ON COLUMN suyo.incident_total.is_forecast IS 'Whether that was in the errors of published forecasts, not in demand itself.';
COMMENT ON COLUMN suyo.incident_total.since IS 'Local start of the bucket with which the evidence began.';
COMMENT ON COLUMN suyo.incident_total.alarms_per_year IS 'How often such evidence comes in a year of one that has not changed.';
COMMENT ON COLUMN suyo.incident_total.joined_at IS 'When it was named.';
COMMENT ON COLUMN suyo.incident_total.left_at IS 'When it was no longer; null while it is.';
CREATE UNIQUE INDEX incident_total_key ON suyo.incident_total
    (incident_id, level, (coalesce(site_id, '')), (coalesce(category, '')), (category IS NULL));

CREATE VIEW suyo.drift_status AS
    SELECT d.portfolio, d.item_id, d.site_id, d.customer_id, d.standing, d.metric, d.since, d.alarms_per_year,
        d.through, d.version_id, d.reference_through, d.stability_index, d.kolmogorov_smirnov, d.wasserstein,
        d.jensen_shannon, d.reason
    FROM suyo.drift_state AS d;
COMMENT ON VIEW suyo.drift_status IS 'How each series stands since the last check.';
COMMENT ON COLUMN suyo.drift_status.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.drift_status.item_id IS 'Which item.';
COMMENT ON COLUMN suyo.drift_status.site_id IS 'Where; null where the grain is the item alone.';
COMMENT ON COLUMN suyo.drift_status.customer_id IS 'For whom; null unless the grain includes customers.';
COMMENT ON COLUMN suyo.drift_status.standing IS 'ok; watch: its own alarm stands; drifting: named by an incident; abstains: no reference yet.';
COMMENT ON COLUMN suyo.drift_status.metric IS 'What speaks loudest.';
COMMENT ON COLUMN suyo.drift_status.since IS 'Local start of the bucket with which that evidence begins.';
COMMENT ON COLUMN suyo.drift_status.alarms_per_year IS 'How often such evidence comes in a year of a series that has not changed.';
COMMENT ON COLUMN suyo.drift_status.through IS 'Last bucket looked at.';
COMMENT ON COLUMN suyo.drift_status.version_id IS 'The champion when its reference was taken.';
COMMENT ON COLUMN suyo.drift_status.reference_through IS 'Last bucket of its reference.';
COMMENT ON COLUMN suyo.drift_status.stability_index IS 'Population stability index of the last 28 residuals against the reference.';
COMMENT ON COLUMN suyo.drift_status.kolmogorov_smirnov IS 'Kolmogorov-Smirnov distance of the same.';
COMMENT ON COLUMN suyo.drift_status.wasserstein IS 'Wasserstein distance of the same, in standard deviations.';
COMMENT ON COLUMN suyo.drift_status.jensen_shannon IS 'Jensen-Shannon distance of the same.';
COMMENT ON COLUMN suyo.drift_status.reason IS 'Why it abstains.';

CREATE VIEW suyo.drift_total AS
    SELECT d.portfolio, d.level, d.site_id, d.category, d.standing, d.metric, d.since, d.alarms_per_year,
        d.through, d.version_id, d.reference_through, d.stability_index, d.kolmogorov_smirnov, d.wasserstein,
        d.jensen_shannon, d.reason
    FROM suyo.drift_total_state AS d;
COMMENT ON VIEW suyo.drift_total IS 'How each total of a portfolio, its sites and its categories stands since the last check.';
COMMENT ON COLUMN suyo.drift_total.portfolio IS 'The portfolio.';
COMMENT ON COLUMN suyo.drift_total.level IS 'company: all series of the portfolio; site, category or site_category.';
COMMENT ON COLUMN suyo.drift_total.site_id IS 'Where, on the levels site and site_category.';
COMMENT ON COLUMN suyo.drift_total.category IS 'Which category, on the levels category and site_category; null is items without one.';
COMMENT ON COLUMN suyo.drift_total.standing IS 'ok; watch: its own alarm stands; drifting: named by an incident; abstains: no reference yet.';
COMMENT ON COLUMN suyo.drift_total.metric IS 'What speaks loudest.';
COMMENT ON COLUMN suyo.drift_total.since IS 'Local start of the bucket with which that evidence begins.';
COMMENT ON COLUMN suyo.drift_total.alarms_per_year IS 'How often such evidence comes in a year of a series that has not changed.';
COMMENT ON COLUMN suyo.drift_total.through IS 'Last bucket looked at.';
COMMENT ON COLUMN suyo.drift_total.version_id IS 'The champion when its reference was taken.';
COMMENT ON COLUMN suyo.drift_total.reference_through IS 'Last bucket of its reference.';
COMMENT ON COLUMN suyo.drift_total.stability_index IS 'Population stability index of the last 28 residuals against the reference.';
COMMENT ON COLUMN suyo.drift_total.kolmogorov_smirnov IS 'Kolmogorov-Smirnov distance of the same.';
COMMENT ON COLUMN suyo.drift_total.wasserstein IS 'Wasserstein distance of the same, in standard deviations.';
COMMENT ON COLUMN suyo.drift_total.jensen_shannon IS 'Jensen-Shannon distance of the same.';
COMMENT ON COLUMN suyo.drift_total.reason IS 'Why it abstains.';

CREATE FUNCTION suyo.acknowledge(incident bigint, note text DEFAULT NULL) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
    BEGIN
        UPDATE suyo.incident AS i SET state = 'acknowledged', acknowledged_at = pg_catalog.clock_timestamp(),
            acknowledged_by = session_user, note = coalesce(acknowledge.note, i.note)
        WHERE i.incident_id = acknowledge.incident AND i.state = 'open';
        RETURN FOUND;
    END
    $$;
COMMENT ON FUNCTION suyo.acknowledge(bigint, text) IS 'Says that a person has taken an incident. False where it is not open.';
