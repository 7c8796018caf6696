import Foundation
import Intake
import PostgresClient
import Store
import TestSupport
import Testing

@Suite struct SourceStoreTests {
    /// One of the sources that suyo brings, over tables in the test's own database.
    private func shipped(_ name: String) throws -> SourceDefinition {
        var definition = try SourceDefinition(yamlFile: "\(SuyoProcess.root)/Jobs/sources/\(name).yaml")
        definition.location = .own
        return definition
    }

    /// A source over one table of order lines.
    private func orders(_ more: String = "", query: String = "SELECT * FROM public.sale") throws -> SourceDefinition {
        try SourceDefinition(
            yaml: """
                source: erp
                queries:
                  - kind: orders
                    query: \(query)
                    \(more.replacingOccurrences(of: "\n", with: "\n    "))
                """, file: "erp.yaml")
    }

    private static let saleTable = """
        CREATE TABLE public.sale (
            order_id text, line_no int, item_id text, site_id text, ordered_at timestamptz, quantity numeric,
            changed timestamptz DEFAULT now(), PRIMARY KEY (order_id, line_no));
        INSERT INTO public.sale
        SELECT n::text, 1, 'A', 'ICN', now() - n * interval '1 hour', n FROM generate_series(1, 200) AS n;
        """

    private func store(_ test: TestDatabase) -> SourceStore { SourceStore(database: test.database, environment: [:]) }

    private func lines(_ test: TestDatabase) async throws -> [String] {
        try await test.connect().query(
            """
            SELECT pg_catalog.concat_ws(' ', order_id, item_id, site_id, status, quantity, requested_on, revision) AS line
            FROM demand.order_line ORDER BY order_id, line_no
            """
        ).map { try $0.decode("line", as: String.self) }
    }

    /// What was on the shelf after each movement and count of the days before today, each with how many days ago it was.
    private func balances(_ test: TestDatabase) async throws -> [String] {
        try await test.connect().query(
            """
            SELECT pg_catalog.concat_ws(' ', item_id, site_id, current_date - (at AT TIME ZONE 'Asia/Seoul')::date, balance) AS line
            FROM demand.stock_balance WHERE at < pg_catalog.now() - interval '1 minute' ORDER BY site_id, at, counted IS NULL
            """
        ).map { try $0.decode("line", as: String.self) }
    }

    private func total(_ reports: [SourceReport], _ value: (IntakeReport) -> Int) -> Int {
        reports.map { value($0.intake) }.reduce(0, +)
    }

    @Test func odooIsReadOnceThenOnlyWhatIsNewCorrectedCancelledOrGone() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(OdooTables.schema + OdooTables.company)
            let source = try shipped("odoo")
            let check = try await store(test).check(source)
            #expect(check.problems == [])
            #expect(total(check.samples, \.rejected) == 0)
            let first = try await store(test).read(source)
            #expect(first.map(\.kind) == ["sites", "items", "customers", "orders", "movements", "stock", "lead-times"])
            #expect(total(first, \.rejected) == 0)
            #expect(
                try await lines(test) == [
                    "S00001 TEA-1 ICN ordered 3 1", "S00001 product-2 ICN ordered 2 1", "S00002 TEA-1 ICN ordered 24 1",
                    "S00003 TEA-1 ICN cancelled 10 1",
                ])
            let rows = try await test.connect().query(
                """
                SELECT i.name, i.unit, i.category, s.time_zone, k.on_hand, k.reserved, k.on_order, l.days
                FROM demand.item AS i, demand.site AS s, demand.stock_level AS k, demand.lead_time AS l
                WHERE i.item_id = 'TEA-1' AND s.site_id = 'ICN' AND k.site_id = s.site_id AND k.item_id = i.item_id AND l.item_id = i.item_id
                """)
            #expect(rows.count == 1)
            #expect(try rows[0].decode("name", as: String.self) == "녹차, \"세작\"")
            #expect(try rows[0].decode("unit", as: String.self) == "개")
            #expect(try rows[0].decode("time_zone", as: String.self) == "Asia/Seoul")
            #expect(try rows[0].decode("on_hand", as: Double.self) == 40)
            #expect(try rows[0].decode("on_order", as: Double.self) == 24)
            #expect(try rows[0].decode("days", as: Double.self) == 4)

            #expect(
                try await balances(test) == [
                    "TEA-1 ICN 9 50", "TEA-1 ICN 8 46", "TEA-1 ICN 6 40", "TEA-1 PUS 6 6",
                ])

            try await erp.simple(
                """
                UPDATE sale_order_line SET product_uom_qty = 4, write_date = now() AT TIME ZONE 'UTC' WHERE id = 1;
                UPDATE sale_order SET state = 'cancel', write_date = now() AT TIME ZONE 'UTC' WHERE name = 'S00002';
                DELETE FROM sale_order_line WHERE id = 2;
                UPDATE sale_order SET state = 'sale', write_date = now() AT TIME ZONE 'UTC' WHERE name = 'S00004';
                """)
            let second = try await store(test).read(source)
            let orders = try #require(second.first { $0.kind == "orders" })
            #expect(orders.readFrom != nil)
            #expect(orders.intake.inserted == 1)
            #expect(orders.intake.changed == 2)
            #expect(orders.intake.deleted == 1)
            #expect(
                try await lines(test) == [
                    "S00001 TEA-1 ICN ordered 4 2", "S00001 product-2 ICN deleted 2 2",
                    "S00002 TEA-1 ICN cancelled 24 2", "S00003 TEA-1 ICN cancelled 10 1",
                    "S00004 TEA-1 ICN ordered 1000 1",
                ])
            let third = try await store(test).read(source)
            let third_orders = try #require(third.first { $0.kind == "orders" })
            #expect(third_orders.intake.inserted + third_orders.intake.changed + third_orders.intake.deleted == 0)
        }
    }

    @Test func erpnextIsReadWithItsStockOutsOfThePast() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(ERPNextTables.schema + ERPNextTables.company)
            let source = try shipped("erpnext")
            #expect(try await store(test).check(source).problems == [])
            let reports = try await store(test).read(source)
            #expect(total(reports, \.rejected) == 0)
            let day = try await erp.query("SELECT (current_date - 11)::text AS a, (current_date - 1)::text AS b")[0]
            #expect(
                try await lines(test) == [
                    "SO-1 ITEM-1 Stores - H ordered 24 \(try day.decode("a", as: String.self)) 1",
                    "SO-2 ITEM-1 Stores - H cancelled 5 \(try day.decode("b", as: String.self)) 1",
                    "SO-4 ITEM-2 Stores - H internal 8 1",
                ])
            // It was out from the tenth day before to the fourth; a cancelled entry moved nothing.
            let balances = try await balances(test)
            #expect(
                balances == [
                    "ITEM-1 Stores - H 12 0", "ITEM-1 Stores - H 12 24", "ITEM-1 Stores - H 10 4",
                    "ITEM-1 Stores - H 10 0",
                    "ITEM-1 Stores - H 4 30", "ITEM-1 Stores - H 3 30", "ITEM-1 Stores - H 2 28",
                    "ITEM-1 Stores - H 1 23",
                ])
            let again = try await store(test).read(source)
            let others = again.filter { $0.kind != "stock" }
            #expect(total(others) { $0.inserted + $0.changed + $0.deleted } == 0)
        }
    }

    @Test func aDeletedLineThatComesBackIsDemandAgain() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            let source = try orders("changed_at: changed\ndeletions_within_days: 30")
            _ = try await store(test).read(source)
            try await erp.simple(
                "CREATE TABLE public.kept AS SELECT * FROM public.sale WHERE order_id = '7'; DELETE FROM public.sale WHERE order_id = '7'"
            )
            #expect(total(try await store(test).read(source), \.deleted) == 1)
            #expect(try await lines(test).contains("7 A ICN deleted 7 2"))
            #expect(total(try await store(test).read(source), \.deleted) == 0)
            try await erp.simple("INSERT INTO public.sale SELECT * FROM public.kept")
            #expect(total(try await store(test).read(source), \.changed) == 1)
            #expect(try await lines(test).contains("7 A ICN ordered 7 3"))
        }
    }

    @Test func aQueryThatSuddenlySeesTooLittleChangesNothingUnlessToldTo() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            var source = try orders("deletions_within_days: 30")
            _ = try await store(test).read(source)
            try await erp.simple("DELETE FROM public.sale WHERE line_no = 1 AND quantity > 50")
            let before = try await lines(test)
            let store = store(test)
            let error = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
            #expect(error?.description.contains("150 of the 200 lines") == true)
            #expect(try await lines(test) == before)
            source.acceptsDeletions = true
            #expect(total(try await store.read(source), \.deleted) == 150)
        }
    }

    @Test func aLineThatIsThereAndRejectedIsNotGone() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            let source = try orders("deletions_within_days: 30")
            _ = try await store(test).read(source)
            try await erp.simple("UPDATE public.sale SET quantity = -5 WHERE order_id = '9'")
            let reports = try await store(test).read(source)
            #expect(total(reports, \.rejected) == 1)
            #expect(total(reports, \.deleted) == 0)
            #expect(try await lines(test).contains("9 A ICN ordered 9 1"))
        }
    }

    @Test func aRecordDatedAheadDoesNotHideWhatIsChangedUntilThen() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            let source = try orders("changed_at: changed\noverlap_days: 0")
            try await erp.simple("UPDATE public.sale SET changed = now() + interval '1 year' WHERE order_id = '1'")
            _ = try await store(test).read(source)
            try await erp.simple("UPDATE public.sale SET quantity = 99, changed = now() WHERE order_id = '2'")
            let reports = try await store(test).read(source)
            #expect(total(reports, \.changed) == 1)
            #expect(total(reports, \.lines) == 2)
        }
    }

    @Test func aChangedQueryReadsEverythingAgain() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            try await erp.simple("UPDATE public.sale SET changed = now() - interval '40 days' WHERE quantity > 1")
            let source = try orders("changed_at: changed")
            #expect(total(try await store(test).read(source), \.lines) == 200)
            #expect(total(try await store(test).read(source), \.lines) == 1)
            let other = try orders(
                "changed_at: changed", query: "SELECT *, quantity AS quantity_shipped FROM public.sale")
            #expect(total(try await store(test).read(other), \.changed) == 200)
        }
    }

    @Test func aDryRunWritesNothing() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            let source = try orders("changed_at: changed")
            #expect(total(try await store(test).read(source, dryRun: true), \.inserted) == 200)
            #expect(try await lines(test) == [])
            #expect(try await erp.query("SELECT FROM demand.source_read").isEmpty)
        }
    }

    /// The query, and what the error says.
    @Test(arguments: [
        ("SELECT * FROM public.sales", "the query fails: relation \"public.sales\" does not exist"),
        (
            "SELECT order_id, line_no, item_id, site_id, ordered_at, quantity::text FROM public.sale",
            "column quantity is of type text, but quantity is a number: cast it in the query, such as quantity::numeric"
        ),
        (
            "SELECT order_id, line_no, item_id, site_id, ordered_at, quantity AS qty FROM public.sale",
            "no column quantity, which is needed; it gives order_id, line_no, item_id, site_id, ordered_at, qty"
        ),
        (
            "SELECT order_id, item_id, site_id, ordered_at, quantity FROM public.sale",
            "no column line_no, which is needed"
        ),
        (
            "SELECT order_id, line_no, item_id, site_id, line_no AS ordered_at, quantity FROM public.sale",
            "column ordered_at is of type int4, but ordered_at is an instant"
        ),
        ("SELECT *, quantity FROM public.sale", "gives 2 columns quantity"),
        ("SELECT * FROM public.sale; DROP TABLE public.sale", "the query fails"),
        ("SELECT *, public.write() AS x FROM public.sale", "cannot execute INSERT in a read-only transaction"),
        ("SELECT *, 1 / (quantity - quantity) AS x FROM public.sale", "division by zero"),
    ])
    func aQueryThatIsWrongIsNamedAndNothingIsTaken(query: String, reason: String) async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(
                SourceStoreTests.saleTable + """
                    CREATE FUNCTION public.write() RETURNS int LANGUAGE sql VOLATILE
                        AS $$ INSERT INTO public.sale (order_id, line_no) VALUES ('x', 1) RETURNING 1 $$;
                    """)
            let source = try orders(query: query)
            let store = store(test)
            let error = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
            #expect(error?.description.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
            #expect(try await erp.query("SELECT FROM public.sale").count == 200)
            #expect(try await lines(test) == [])
        }
    }

    @Test func aRoleThatMayNotReadIsRefusedAndOneThatMayReads() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            let role = "erp_" + test.name.suffix(12)
            try await erp.simple(SourceStoreTests.saleTable + "CREATE ROLE \(role)")
            do {
                var source = try orders()
                source.role = "nobody_" + role
                let store = store(test)
                let refused = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
                #expect(refused?.description.contains("does not exist") == true)
                source.role = role
                let denied = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
                #expect(denied?.description.contains("permission denied for table sale") == true)
                try await erp.simple("GRANT SELECT ON public.sale TO \(role)")
                #expect(total(try await store.read(source), \.inserted) == 200)
            }
            try await erp.simple("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func aTableThatIsLockedIsGivenUpAndOursLocksNobodyOut() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            var source = try orders()
            source.timeoutSeconds = 1
            try await erp.simple("BEGIN; LOCK TABLE public.sale IN ACCESS EXCLUSIVE MODE")
            let store = store(test)
            let error = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
            #expect(
                error?.description.contains("canceling statement") == true
                    || error?.description.contains("took longer") == true)
            try await erp.simple("COMMIT; BEGIN; INSERT INTO public.sale VALUES ('new', 1, 'A', 'ICN', now(), 1)")
            #expect(total(try await store.read(source), \.inserted) == 200)
            try await erp.simple("COMMIT")
            #expect(total(try await store.read(source), \.inserted) == 1)
        }
    }

    @Test func aDatabaseThatDoesNotAnswerIsNamed() async throws {
        try await TestDatabase.with { test in
            var source = try orders()
            source.location = .connection("host=127.0.0.1 port=\(ListeningSocket.freePort()) dbname=erp")
            let store = store(test)
            let error = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
            #expect(error?.description.hasPrefix("The database of source erp cannot be reached") == true)
            source.location = .environment("ERP_URL")
            await #expect(throws: IntakeError.self) { _ = try await store.read(source) }
            let reading = SourceStore(database: test.database, environment: ["ERP_URL": test.url])
            try await Connection.connect(to: test.target).simple(SourceStoreTests.saleTable)
            #expect(total(try await reading.read(source), \.inserted) == 200)
        }
    }

    @Test func aReadingThatALaterOneOvertookTakesNothing() async throws {
        try await TestDatabase.with { test in
            let erp = try await Connection.connect(to: test.target)
            try await erp.simple(SourceStoreTests.saleTable)
            let source = try orders()
            _ = try await store(test).read(source)
            try await erp.simple("UPDATE demand.source_read SET snapshot_at = now() + interval '1 hour'")
            let store = store(test)
            let error = await #expect(throws: SourceError.self) { _ = try await store.read(source) }
            #expect(error?.description.contains("another reading, begun later") == true)
        }
    }

    /// For each kind two records that are right and one that is not, with what is said of it.
    private static let examples: [(kind: IntakeKind, query: String, reason: String)] = [
        (
            .sites, "SELECT CASE n WHEN 3 THEN NULL ELSE 'S' || n END AS site_id, 'UTC' AS time_zone", "site_id"
        ),
        (.items, "SELECT 'I' || n AS item_id, CASE n WHEN 3 THEN -1 ELSE 12 END AS pack_size", "pack_size"),
        (.customers, "SELECT CASE n WHEN 3 THEN NULL ELSE 'C' || n END AS customer_id, 'Kim' AS name", "customer_id"),
        (
            .orders,
            """
            SELECT 'O' || n AS order_id, 1 AS line_no, 'I1' AS item_id, 'S1' AS site_id, now() AS ordered_at,
              CASE n WHEN 3 THEN 'NaN'::numeric ELSE 5 END AS quantity
            """, "quantity"
        ),
        (
            .stock,
            """
            SELECT 'I1' AS item_id, 'S1' AS site_id, now() - n * interval '1 day' AS as_of,
              CASE n WHEN 3 THEN 'NaN'::numeric ELSE 5 END AS on_hand
            """, "on_hand"
        ),
        (
            .movements,
            """
            SELECT 'M' || n AS movement_id, 'I1' AS item_id, 'S1' AS site_id, now() - n * interval '1 day' AS moved_at,
              CASE n WHEN 3 THEN 'NaN'::numeric ELSE -5 END AS quantity
            """, "quantity"
        ),
        (
            .events,
            """
            SELECT 'E' || n AS event_id, current_date AS starts_on,
              current_date + CASE n WHEN 3 THEN -1 ELSE 1 END AS ends_on
            """, "ends_on"
        ),
        (
            .holidays,
            "SELECT 'KR' AS calendar, current_date + n AS date, CASE n WHEN 3 THEN NULL ELSE 'H' END AS name",
            "name"
        ),
        (.leadTimes, "SELECT 'I' || n AS item_id, CASE n WHEN 3 THEN -4 ELSE 4 END AS days", "days"),
        (.units, "SELECT 'I1' AS item_id, 'box' || n AS unit, CASE n WHEN 3 THEN 0 ELSE 6 END AS factor", "factor"),
        (
            .likeItems, "SELECT 'I' || n AS item_id, 'I9' AS like_item_id, CASE n WHEN 3 THEN 0 ELSE 2 END AS factor",
            "factor"
        ),
        (
            .lineage, "SELECT 'OLD' || n AS predecessor_id, 'I1' AS item_id, CASE n WHEN 3 THEN 0 ELSE 2 END AS factor",
            "factor"
        ),
    ]

    @Test func everyKindIsReadAndWhatIsWrongIsNamedWhileTheRestGoesThrough() async throws {
        let examples = SourceStoreTests.examples
        #expect(Set(examples.map(\.kind)) == Set(IntakeKind.allCases))
        try await TestDatabase.with { test in
            let yaml = examples.map { example in
                let lines = (example.query + "\nFROM pg_catalog.generate_series(1, 3) AS n").split(separator: "\n")
                return "  - kind: \(example.kind.rawValue)\n    query: |\n"
                    + lines.map { "      \($0)" }.joined(separator: "\n")
            }
            let source = try SourceDefinition(
                yaml: "source: erp\nqueries:\n" + yaml.joined(separator: "\n") + "\n", file: "erp.yaml")
            let reports = try await store(test).read(source)
            let rejected = try await test.connect().query(
                """
                SELECT b.kind, pg_catalog.concat_ws(' ', r.column_name, r.reason) AS reason
                FROM demand.rejected_row AS r JOIN demand.import_batch AS b USING (batch_id)
                """)
            let reasons = try rejected.map {
                try ($0.decode("kind", as: String.self), $0.decode("reason", as: String.self))
            }
            for (example, report) in zip(examples, reports) {
                let kind = example.kind.rawValue
                let said = reasons.filter { $0.0 == kind }.map(\.1)
                #expect(report.kind == kind)
                #expect(report.intake.accepted == 2, "\(kind): \(said)")
                #expect(said.count == 1 && said[0].contains(example.reason), "\(kind): \(said)")
            }
        }
    }
}
