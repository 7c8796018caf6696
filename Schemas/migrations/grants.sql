-- Run after every migration: roles where the right to make them exists, and what each may do.
DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['suyo_reader', 'suyo_ingest', 'suyo_planner', 'suyo_operator', 'suyo_service'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            IF (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
                BEGIN
                    EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
                EXCEPTION WHEN duplicate_object OR unique_violation THEN
                    -- Another database of the same cluster made it at the same moment. A lock on a table that this
                    -- transaction has not touched yet lets the news in; a GRANT by itself does not wait for it.
                    PERFORM FROM pg_catalog.pg_db_role_setting LIMIT 1;
                END;
            ELSE
                RAISE NOTICE 'role % was not created: % may not create roles', wanted, current_user;
                CONTINUE;
            END IF;
        END IF;
        IF wanted IN ('suyo_reader', 'suyo_planner', 'suyo_operator', 'suyo_service') THEN
            EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA forecast TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT SELECT ON forecast.current, forecast.current_step, '
                'forecast.planning_schedule, forecast.total, forecast.accuracy, forecast.outbox, '
                'forecast.replenishment, forecast.exception, forecast.planning_policy, forecast.consumer_lag TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.subscribe(text, text[], boolean), '
                'forecast.events(text, integer), forecast.acknowledge_events(text, bigint), '
                'forecast.unsubscribe(text) TO %I', wanted);
            -- The views ask it, in the name of whoever reads them, which sites those may see.
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.readable_sites(text), demand.newest_codes() '
                'TO %I', wanted);
            -- Arithmetic alone; a view calls it in the name of whoever reads the view.
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.replenishment_figures(float8[], float8[], '
                'float8[], timestamp, interval, timestamp, float8, float8, float8, float8, float8, float8, text) TO %I',
                wanted);
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.get(text, text, integer, timestamptz), '
                'forecast.explain(text, text), forecast.history_and_forecast(text, text), '
                'forecast.lead_time_demand(text, text, integer, float8) TO %I', wanted);
        END IF;
        IF wanted IN ('suyo_planner', 'suyo_operator') THEN
            EXECUTE pg_catalog.format('GRANT SELECT ON forecast.override, forecast.override_cell, '
                'forecast.override_withdrawal TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.adjust(text, text, date, date, float8, text, '
                'text, text, text, text, timestamptz, boolean), forecast.withdraw(bigint, text) TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT SELECT ON forecast.item_class, forecast.exception_episode TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA demand TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT SELECT ON demand.large_line TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION demand.mark_one_off(text, text, integer, text, boolean) '
                'TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION forecast.set_policy(text, text, text, text, float8, text, '
                'float8, float8, float8, float8, float8, float8, text), forecast.withdraw_policy(bigint), '
                'forecast.classify_items(), forecast.refresh_exceptions(), forecast.acknowledge(bigint, text) TO %I',
                wanted);
        END IF;
        IF wanted = 'suyo_ingest' THEN
            EXECUTE 'GRANT USAGE ON SCHEMA demand TO suyo_ingest';
            EXECUTE 'GRANT SELECT, INSERT, UPDATE ON demand.item, demand.site, demand.customer, demand.order_line, '
                'demand.stock_level, demand.stock_movement, demand.lead_time, demand.event, demand.holiday, demand.lineage, '
                'demand.like_item, demand.unit_conversion, demand.rejected_row, demand.import_batch TO suyo_ingest';
            -- What was said in error of an item's past is taken back by deleting it; nothing else remembers it.
            EXECUTE 'GRANT DELETE ON demand.lineage, demand.like_item TO suyo_ingest';
            EXECUTE 'GRANT SELECT, INSERT ON demand.source_read TO suyo_ingest';
            EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA demand TO suyo_ingest';
            -- suyo import looks whether the schema is the one it knows.
            EXECUTE 'GRANT USAGE ON SCHEMA suyo TO suyo_ingest';
            EXECUTE 'GRANT SELECT ON suyo.migration TO suyo_ingest';
        END IF;
        IF wanted IN ('suyo_operator', 'suyo_service') THEN
            EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA demand, suyo TO %I', wanted);
            EXECUTE pg_catalog.format('GRANT SELECT ON ALL TABLES IN SCHEMA demand, suyo, forecast TO %I', wanted);
        END IF;
        IF wanted = 'suyo_operator' THEN
            EXECUTE 'GRANT EXECUTE ON FUNCTION suyo.schedule(text, text, text, text, jsonb), suyo.schedule(jsonb), '
                'suyo.unschedule(text), suyo.run_now(text, jsonb, boolean), suyo.pause(text), suyo.resume(text), suyo.cancel(bigint), suyo.retry(bigint), suyo.limit_runs(integer, text), '
                'suyo.acknowledge(bigint, text) '
                'TO suyo_operator';
            EXECUTE 'GRANT EXECUTE ON FUNCTION forecast.restrict_reader(text, text[]) TO suyo_operator';
            EXECUTE 'GRANT EXECUTE ON FUNCTION suyo.promote(bigint, text), suyo.rollback(text, bigint, text), '
                'suyo.champion_as_of(timestamptz) TO suyo_operator';
        END IF;
        IF wanted = 'suyo_service' THEN
            EXECUTE 'GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA demand, suyo, forecast TO suyo_service';
            EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA demand, suyo, forecast TO suyo_service';
            EXECUTE 'REVOKE UPDATE, DELETE ON suyo.migration, suyo.promotion_log, suyo.tick FROM suyo_service';
            EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA demand, suyo, forecast TO suyo_service';
        END IF;
    END LOOP;
END
$roles$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA forecast, suyo FROM PUBLIC;
