/// The tables of Odoo 17 that its source reads, with the columns it reads and a few besides, and a small company in them.
package enum OdooTables {
    package static let schema = """
        CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, ref varchar, active bool DEFAULT true);
        CREATE TABLE uom_uom (id serial PRIMARY KEY, name jsonb NOT NULL, factor numeric NOT NULL, uom_type varchar);
        CREATE TABLE product_category (id serial PRIMARY KEY, name varchar, complete_name varchar);
        CREATE TABLE product_template (
            id serial PRIMARY KEY, name jsonb NOT NULL, categ_id int REFERENCES product_category,
            uom_id int REFERENCES uom_uom, type varchar, list_price numeric, active bool DEFAULT true,
            write_date timestamp);
        CREATE TABLE product_product (
            id serial PRIMARY KEY, product_tmpl_id int REFERENCES product_template, default_code varchar, barcode varchar,
            active bool DEFAULT true);
        CREATE TABLE product_supplierinfo (
            id serial PRIMARY KEY, product_tmpl_id int, product_id int, partner_id int, sequence int, delay int);
        CREATE TABLE stock_warehouse (
            id serial PRIMARY KEY, name varchar, code varchar(5), active bool DEFAULT true, lot_stock_id int);
        CREATE TABLE stock_location (
            id serial PRIMARY KEY, complete_name varchar, usage varchar, warehouse_id int REFERENCES stock_warehouse);
        CREATE TABLE stock_quant (
            id serial PRIMARY KEY, product_id int, location_id int REFERENCES stock_location, quantity numeric,
            reserved_quantity numeric);
        CREATE TABLE stock_move (
            id serial PRIMARY KEY, product_id int, product_qty numeric, quantity numeric, state varchar, date timestamp,
            location_id int REFERENCES stock_location, location_dest_id int REFERENCES stock_location,
            write_date timestamp);
        CREATE TABLE sale_order (
            id serial PRIMARY KEY, name varchar NOT NULL, state varchar, partner_id int REFERENCES res_partner,
            date_order timestamp NOT NULL, commitment_date timestamp, warehouse_id int REFERENCES stock_warehouse,
            write_date timestamp);
        CREATE TABLE sale_order_line (
            id serial PRIMARY KEY, order_id int REFERENCES sale_order, product_id int REFERENCES product_product,
            name text, product_uom_qty numeric, qty_delivered numeric, price_unit numeric,
            product_uom int REFERENCES uom_uom, state varchar, display_type varchar, write_date timestamp);
        """

    /// Two products, one sold by the dozen too, at one warehouse: three orders of the last days, and a quotation;
    /// fifty received nine days ago, of which four were delivered, two put on another shelf, and six sent to a second
    /// warehouse.
    package static let company = """
        INSERT INTO res_partner (name) VALUES ('한빛상사'), ('O''Brien & Söhne');
        INSERT INTO uom_uom (name, factor, uom_type) VALUES
            ('{"en_US": "Units", "ko_KR": "개"}', 1, 'reference'), ('{"en_US": "Dozens"}', 0.0833333333333333, 'bigger');
        INSERT INTO product_category (name, complete_name) VALUES ('차', '식품 / 차');
        INSERT INTO product_template (name, categ_id, uom_id) VALUES
            ('{"en_US": "Green tea", "ko_KR": "녹차, \\"세작\\""}', 1, 1), ('{"en_US": "Kettle"}', NULL, 1);
        INSERT INTO product_product (product_tmpl_id, default_code) VALUES (1, 'TEA-1'), (2, NULL);
        INSERT INTO product_supplierinfo (product_tmpl_id, product_id, sequence, delay) VALUES (1, NULL, 2, 9), (1, 1, 1, 4);
        INSERT INTO stock_warehouse (name, code) VALUES ('인천 창고', 'ICN'), ('부산 창고', 'PUS');
        INSERT INTO stock_location (complete_name, usage, warehouse_id) VALUES
            ('ICN/Stock', 'internal', 1), ('Vendors', 'supplier', NULL), ('Customers', 'customer', NULL),
            ('ICN/Shelf', 'internal', 1), ('PUS/Stock', 'internal', 2);
        INSERT INTO stock_quant (product_id, location_id, quantity, reserved_quantity) VALUES
            (1, 1, 38, 5), (1, 4, 2, 0), (1, 5, 6, 0), (1, 3, 99, 0);
        INSERT INTO stock_move (product_id, product_qty, state, location_id, location_dest_id, date, write_date)
        SELECT 1, quantity, state, source, target, today - days * interval '1 day', today - days * interval '1 day'
        FROM (VALUES
            (24, 'assigned', 2, 1, -3), (7, 'assigned', 1, 3, -1),
            (50, 'done', 2, 1, 9), (4, 'done', 1, 3, 8), (2, 'done', 1, 4, 7), (6, 'done', 1, 5, 6)
        ) AS move (quantity, state, source, target, days), date_trunc('day', now() AT TIME ZONE 'UTC') AS today;
        INSERT INTO sale_order (name, state, partner_id, date_order, warehouse_id, write_date)
        SELECT 'S0000' || n, CASE n WHEN 3 THEN 'cancel' WHEN 4 THEN 'draft' ELSE 'sale' END, 1 + n % 2,
            (now() AT TIME ZONE 'UTC') - n * interval '1 day', 1, (now() AT TIME ZONE 'UTC') - interval '1 hour'
        FROM generate_series(1, 4) AS n;
        INSERT INTO sale_order_line
            (order_id, product_id, name, product_uom_qty, qty_delivered, price_unit, product_uom, display_type, write_date)
        VALUES (1, 1, 'tea', 3, 3, 5, 1, NULL, now() AT TIME ZONE 'UTC'),
            (1, 2, 'kettle', 2, 0, 30, 1, NULL, now() AT TIME ZONE 'UTC'),
            (1, NULL, 'Delivery before noon', 0, 0, 0, NULL, 'line_note', now() AT TIME ZONE 'UTC'),
            (2, 1, 'tea', 2, 0, 48, 2, NULL, now() AT TIME ZONE 'UTC'),
            (3, 1, 'tea', 10, 0, 5, 1, NULL, now() AT TIME ZONE 'UTC'),
            (4, 1, 'tea', 1000, 0, 5, 1, NULL, now() AT TIME ZONE 'UTC');
        """
}
