/// The tables of ERPNext on PostgreSQL that its source reads, with the columns it reads, and a small company in them.
package enum ERPNextTables {
    package static let schema = """
        CREATE TABLE "tabWarehouse" (
            name varchar(140) PRIMARY KEY, warehouse_name varchar(140), is_group smallint DEFAULT 0,
            disabled smallint DEFAULT 0);
        CREATE TABLE "tabCustomer" (name varchar(140) PRIMARY KEY, customer_name varchar(140));
        CREATE TABLE "tabItem" (
            name varchar(140) PRIMARY KEY, item_name varchar(140), item_group varchar(140), stock_uom varchar(140),
            is_stock_item smallint DEFAULT 1, disabled smallint DEFAULT 0, valuation_rate decimal(21, 9) DEFAULT 0,
            lead_time_days bigint DEFAULT 0);
        CREATE TABLE "tabSales Order" (
            name varchar(140) PRIMARY KEY, customer varchar(140), transaction_date date, delivery_date date,
            docstatus smallint DEFAULT 0, set_warehouse varchar(140), is_internal_customer smallint DEFAULT 0,
            modified timestamp(6));
        CREATE TABLE "tabSales Order Item" (
            name varchar(140) PRIMARY KEY, parent varchar(140), idx bigint, item_code varchar(140),
            item_name varchar(140), qty decimal(21, 9), stock_qty decimal(21, 9), conversion_factor decimal(21, 9),
            delivered_qty decimal(21, 9), rate decimal(21, 9), warehouse varchar(140), delivery_date date,
            modified timestamp(6));
        CREATE TABLE "tabBin" (
            name varchar(140) PRIMARY KEY, item_code varchar(140), warehouse varchar(140), actual_qty decimal(21, 9),
            ordered_qty decimal(21, 9), reserved_qty decimal(21, 9));
        CREATE TABLE "tabStock Ledger Entry" (
            name varchar(140) PRIMARY KEY, item_code varchar(140), warehouse varchar(140), posting_date date,
            posting_time time(6), actual_qty decimal(21, 9), qty_after_transaction decimal(21, 9),
            is_cancelled smallint DEFAULT 0, voucher_type varchar(140), creation timestamp(6), modified timestamp(6));
        """

    /// Two items at one warehouse; ITEM-1 ran out ten days ago and came back four days ago; two days ago it was counted,
    /// and two of it were missing.
    package static let company = """
        INSERT INTO "tabWarehouse" VALUES ('All - H', 'All', 1, 0), ('Stores - H', '본창고', 0, 0);
        INSERT INTO "tabCustomer" VALUES ('CUST-1', '한빛상사');
        INSERT INTO "tabItem" VALUES ('ITEM-1', '녹차', '차', 'Nos', 1, 0, 3.5, 6), ('ITEM-2', '주전자', '그릇', 'Nos', 1, 0, 0, 0),
            ('SERVICE', '배송', '용역', 'Nos', 0, 0, 0, 0);
        INSERT INTO "tabSales Order" VALUES
            ('SO-1', 'CUST-1', current_date - 12, current_date - 11, 1, 'Stores - H', 0, now() - interval '12 days'),
            ('SO-2', 'CUST-1', current_date - 2, current_date - 1, 2, 'Stores - H', 0, now() - interval '2 days'),
            ('SO-3', 'CUST-1', current_date - 2, NULL, 0, 'Stores - H', 0, now()),
            ('SO-4', 'CUST-1', current_date - 1, NULL, 1, 'Stores - H', 1, now());
        INSERT INTO "tabSales Order Item" VALUES
            ('a1', 'SO-1', 1, 'ITEM-1', '녹차', 2, 24, 12, 2, 60, 'Stores - H', NULL, now() - interval '12 days'),
            ('a2', 'SO-1', 2, 'SERVICE', '배송', 1, 1, 1, 0, 9, 'Stores - H', NULL, now() - interval '12 days'),
            ('a3', 'SO-2', 1, 'ITEM-1', '녹차', 5, 5, 1, 0, 5, 'Stores - H', NULL, now() - interval '2 days'),
            ('a4', 'SO-3', 1, 'ITEM-1', '녹차', 7, 7, 1, 0, 5, 'Stores - H', NULL, now()),
            ('a5', 'SO-4', 1, 'ITEM-2', '주전자', 8, 8, 1, 0, 5, NULL, NULL, now());
        INSERT INTO "tabBin" VALUES ('b1', 'ITEM-1', 'Stores - H', 23, 12, 4);
        INSERT INTO "tabStock Ledger Entry"
        SELECT name, 'ITEM-1', 'Stores - H', current_date - days, clock::time, moved, left_over, cancelled, voucher, now(), now()
        FROM (VALUES
            ('l1', 12, '10:00', 24, 24, 0, 'Purchase Receipt'),
            ('l2', 10, '09:00', -20, 4, 0, 'Delivery Note'),
            ('l3', 10, '15:00', -4, 0, 0, 'Delivery Note'),
            ('l4', 4, '08:00', 30, 30, 0, 'Purchase Receipt'),
            ('l5', 3, '08:00', 99, 129, 1, 'Purchase Receipt'),
            ('l6', 2, '18:00', 0, 28, 0, 'Stock Reconciliation'),
            ('l7', 1, '09:00', -5, 23, 0, 'Delivery Note')
        ) AS entry (name, days, clock, moved, left_over, cancelled, voucher);
        """
}
