import Foundation
import PostgresClient
import Store
import TestSupport
import Testing

/// Readers and planners of one warehouse among several: what they see, what they may change, and what leaks.
@Suite struct ReaderSiteTests {
    /// A is forecast at ICN and PUS and over all sites; with logins of their own, in roles that other tests do not have.
    private struct Fixture {
        let connection: Connection
        /// A reader whose group is restricted to PUS.
        let reader: String
        /// A planner who is restricted to PUS.
        let planner: String
        /// A planner of all sites.
        let chief: String

        static func with(_ body: (Fixture) async throws -> Void) async throws {
            try await TestDatabase.with { test in
                let connection = try await test.connect()
                let mark = UUID().uuidString.prefix(8).lowercased()
                let roles = ["reader", "group", "planner", "chief"].map { "suyo_test_\($0)_\(mark)" }
                for role in roles { try await connection.execute("CREATE ROLE \(unescaped: role) LOGIN") }
                do {
                    try await connection.execute("GRANT suyo_reader TO \(unescaped: roles[1])")
                    try await connection.execute("GRANT \(unescaped: roles[1]) TO \(unescaped: roles[0])")
                    try await connection.execute("GRANT suyo_planner TO \(unescaped: roles[2]), \(unescaped: roles[3])")
                    try await connection.execute(
                        "INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul'), ('PUS', 'Asia/Seoul')"
                    )
                    try await connection.execute("INSERT INTO demand.item (item_id, category) VALUES ('A', 'drinks')")
                    for (portfolio, site) in [("icn", "ICN"), ("pus", "PUS"), ("all", nil)] {
                        try await PublishedSeries(
                            portfolio: portfolio, item: "A", site: site, mean: [10, 10, 10], deviation: 1
                        ).insert(into: connection)
                    }
                    for group in [roles[1], roles[2]] {
                        try await connection.execute("SELECT forecast.restrict_reader(\(group), ARRAY['PUS'])")
                    }
                    try await body(
                        Fixture(connection: connection, reader: roles[0], planner: roles[2], chief: roles[3]))
                } catch {
                    try await drop(roles, connection)
                    throw error
                }
                try await drop(roles, connection)
            }
        }

        private static func drop(_ roles: [String], _ connection: Connection) async throws {
            try await connection.execute("RESET SESSION AUTHORIZATION")
            for role in roles {
                try await connection.execute("DROP OWNED BY \(unescaped: role)")
                try await connection.execute("DROP ROLE \(unescaped: role)")
            }
        }

        /// What a login gets.
        func ask(_ login: String, _ sql: String) async throws -> [String] {
            try await connection.execute("SET SESSION AUTHORIZATION \(unescaped: login)")
            do {
                let rows = try await connection.query("\(unescaped: sql)")
                try await connection.execute("RESET SESSION AUTHORIZATION")
                return try rows.map { try $0.decode(0, as: String?.self) ?? "-" }
            } catch {
                try await connection.execute("RESET SESSION AUTHORIZATION")
                throw error
            }
        }

        /// Why a login is refused.
        func refusal(_ login: String, _ sql: String) async throws -> String {
            do {
                _ = try await ask(login, sql)
                return "not refused"
            } catch let error as PostgresError {
                return error.message
            }
        }
    }

    private static let everywhere = [
        "SELECT DISTINCT coalesce(site_id, 'all') FROM forecast.current ORDER BY 1",
        "SELECT DISTINCT coalesce(site_id, 'all') FROM forecast.get('A') ORDER BY 1",
        "SELECT DISTINCT coalesce(site_id, 'all') FROM forecast.get('A', as_of => pg_catalog.now()) ORDER BY 1",
        "SELECT DISTINCT coalesce(site_id, 'all') FROM forecast.explain('A') ORDER BY 1",
        "SELECT DISTINCT coalesce(site_id, 'all') FROM forecast.history_and_forecast('A') ORDER BY 1",
    ]

    @Test(arguments: everywhere) func aRestrictedReaderSeesTheOwnSitesOnly(sql: String) async throws {
        try await Fixture.with { fixture in
            #expect(try await fixture.ask(fixture.reader, sql) == ["PUS"])
            #expect(try await fixture.ask(fixture.planner, sql) == ["PUS"])
            #expect(try await fixture.ask(fixture.chief, sql) == ["ICN", "PUS", "all"])
            // As a pooler would become somebody.
            try await fixture.connection.execute("SET ROLE \(unescaped: fixture.reader)")
            let rows = try await fixture.connection.query("\(unescaped: sql)")
            #expect(try rows.map { try $0.decode(0, as: String.self) } == ["PUS"])
            try await fixture.connection.execute("RESET ROLE")
        }
    }

    @Test func totalsPlansExceptionsAndAccuracyAreThoseOfTheOwnSites() async throws {
        try await Fixture.with { fixture in
            try await fixture.connection.execute("INSERT INTO demand.lead_time (item_id, days) VALUES ('A', 1)")
            try await fixture.connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
                VALUES ('A', 'ICN', '2026-03-01 00:00+09', 0), ('A', 'PUS', '2026-03-01 00:00+09', 0)
                """)
            try await fixture.connection.execute(
                """
                INSERT INTO suyo.matured_bucket (portfolio, item_id, site_id, frequency, bucket_start, demand_class, actual,
                    versions, lags, mean, naive, final, quantiles)
                SELECT 'x', 'A', site_id, 'daily', '2026-03-01', 'smooth', 1, '{1}', '{1}', '{1}', '{1}', '{1}',
                    '{0,0,0,0,0,0,0,0}' FROM demand.site
                """)
            // Looked at by one who sees one site, all exceptions are opened all the same.
            _ = try await fixture.ask(fixture.planner, "SELECT forecast.refresh_exceptions()::text")
            for (sql, all) in [
                ("SELECT DISTINCT site_id FROM forecast.total WHERE level = 'site' ORDER BY 1", ["ICN", "PUS"]),
                (
                    "SELECT DISTINCT portfolio FROM forecast.total WHERE level = 'company' ORDER BY 1",
                    ["all", "icn", "pus"]
                ),
                ("SELECT site_id FROM forecast.replenishment ORDER BY 1", ["ICN", "PUS"]),
                ("SELECT site_id FROM forecast.exception WHERE kind = 'about_to_run_out' ORDER BY 1", ["ICN", "PUS"]),
                ("SELECT DISTINCT site_id FROM forecast.accuracy ORDER BY 1", ["ICN", "PUS"]),
            ] {
                #expect(try await fixture.ask(fixture.chief, sql) == all, "\(sql)")
                #expect(try await fixture.ask(fixture.reader, sql).map { $0.uppercased() } == ["PUS"], "\(sql)")
            }
            let demand = "SELECT forecast.lead_time_demand('A', 'ICN', 2, 0.9)::text"
            #expect(try await fixture.ask(fixture.reader, demand) == ["-"])
            #expect(try await fixture.ask(fixture.chief, demand) != ["-"])
        }
    }

    @Test func aFunctionOnesOwnIsShownNoOtherSitesRows() async throws {
        try await Fixture.with { fixture in
            try await fixture.connection.execute("SET SESSION AUTHORIZATION \(unescaped: fixture.reader)")
            try await fixture.connection.execute("CREATE TEMPORARY TABLE seen (site_id text)")
            // Cheaper than any comparison, so that the planner would ask it first if it might.
            try await fixture.connection.execute(
                """
                CREATE FUNCTION pg_temp.spy(site text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
                AS 'BEGIN INSERT INTO pg_temp.seen VALUES (site); RETURN true; END'
                """)
            for view in ["current", "total", "replenishment", "exception", "accuracy"] {
                try await fixture.connection.execute(
                    "SELECT FROM forecast.\(unescaped: view) WHERE pg_temp.spy(site_id)")
            }
            let seen = try await fixture.connection.query(
                "SELECT DISTINCT site_id FROM pg_temp.seen WHERE site_id IS NOT NULL")
            #expect(try seen.map { try $0.decode(0, as: String.self) } == ["PUS"])
        }
    }

    @Test func aRestrictedPlannerPlansTheOwnSites() async throws {
        try await Fixture.with { fixture in
            let connection = fixture.connection
            // All the sites that this planner has: one.
            _ = try await fixture.ask(
                fixture.planner,
                "SELECT forecast.adjust(item => 'A', from_date => '2026-03-01', value => 50, kind => 'percent', reason => 'x')::text"
            )
            let cells = try await connection.query("SELECT DISTINCT site_id FROM forecast.override_cell")
            #expect(try cells.map { try $0.decode(0, as: String?.self) } == ["PUS"])
            let foreign = try await fixture.ask(
                fixture.chief,
                "SELECT forecast.adjust(item => 'A', site => 'ICN', from_date => '2026-03-01', value => 50, kind => 'percent', reason => 'x')::text"
            )[0]
            #expect(
                try await fixture.refusal(
                    fixture.planner,
                    "SELECT forecast.adjust(item => 'A', site => 'ICN', from_date => '2026-03-01', value => 50, kind => 'percent', reason => 'x')::text"
                ).hasPrefix("no current forecast has item 'A' and site 'ICN'"))
            let refused = "this concerns site 'ICN', and \(fixture.planner) plans PUS only"
            #expect(
                try await fixture.refusal(fixture.planner, "SELECT forecast.withdraw(\(foreign), 'x')::text") == refused
            )
            #expect(
                try await fixture.refusal(
                    fixture.planner,
                    "SELECT forecast.set_policy(site => 'ICN', service_level => 0.9, reason => 'x')::text")
                    == refused)
            #expect(
                try await fixture.refusal(
                    fixture.planner, "SELECT forecast.set_policy(service_level => 0.9, reason => 'x')::text")
                    == "this concerns all sites, and \(fixture.planner) plans PUS only")
            #expect(
                try await fixture.ask(
                    fixture.planner,
                    "SELECT (forecast.set_policy(site => 'PUS', service_level => 0.9, reason => 'x') > 0)::text") == [
                        "true"
                    ]
            )
            let ownOnly = "SELECT DISTINCT site_id FROM forecast.override_cell ORDER BY 1"
            #expect(try await fixture.ask(fixture.planner, ownOnly) == ["PUS"])
            #expect(try await fixture.ask(fixture.chief, ownOnly) == ["ICN", "PUS"])
            #expect(
                try await fixture.ask(fixture.planner, "SELECT coalesce(site_id, 'all') FROM forecast.override") == [
                    "all"
                ])
        }
    }

    @Test func whoIsRestrictedToWhatIsCheckedAndCanBeLifted() async throws {
        try await Fixture.with { fixture in
            let sites = "SELECT DISTINCT site_id FROM forecast.get('A') WHERE site_id IS NOT NULL ORDER BY 1"
            let owner = try await fixture.connection.query("SELECT current_user")[0].decode(0, as: String.self)
            for (arguments, message) in [
                (
                    "'nobody_at_all', ARRAY['PUS']",
                    "there is no role 'nobody_at_all': create it first, as a member of suyo_reader or suyo_planner"
                ),
                ("'\(fixture.chief)', ARRAY['BUS']", "there is no site 'BUS'; there are such as ICN, PUS"),
                ("'\(fixture.chief)', ARRAY['PUS', NULL]", "there is no site NULL; there are such as ICN, PUS"),
                ("'\(fixture.chief)', '{}'", "no sites: name those that \(fixture.chief) may see, or null for all"),
            ] {
                #expect(
                    try await fixture.refusal(owner, "SELECT forecast.restrict_reader(\(arguments))::text") == message)
            }
            #expect(try await fixture.ask(fixture.chief, sites) == ["ICN", "PUS"])
            try await fixture.connection.execute("SELECT forecast.restrict_reader(\(fixture.planner), NULL)")
            #expect(try await fixture.ask(fixture.planner, sites) == ["ICN", "PUS"])
            #expect(try await fixture.ask(fixture.reader, sites) == ["PUS"])
            // Of several restricted roles, the sites of all.
            try await fixture.connection.execute("SELECT forecast.restrict_reader(\(fixture.reader), ARRAY['ICN'])")
            #expect(try await fixture.ask(fixture.reader, sites) == ["ICN", "PUS"])
        }
    }

    @Test func whoPlansOneSiteSeesAndMarksItsOrdersOnly() async throws {
        try await Fixture.with { fixture in
            for site in ["ICN", "PUS"] {
                try await fixture.connection.execute(
                    """
                    INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
                    SELECT 'erp', \(site) || n, 1, 'A', \(site), timestamptz '2025-01-01 10:00+09' + n * interval '1 day',
                        CASE n WHEN 70 THEN 900 ELSE 3 END
                    FROM pg_catalog.generate_series(1, 100) AS n
                    """)
            }
            let lines = "SELECT order_id FROM demand.large_line ORDER BY 1"
            #expect(try await fixture.ask(fixture.chief, lines) == ["ICN70", "PUS70"])
            #expect(try await fixture.ask(fixture.planner, lines) == ["PUS70"])
            func mark(_ order: String) -> String { "SELECT demand.mark_one_off('\(order)', 'a fair')::text" }
            #expect(try await fixture.refusal(fixture.planner, mark("ICN70")).contains("'ICN'"))
            #expect(try await fixture.ask(fixture.planner, mark("PUS70")) == ["1"])
            #expect(try await fixture.ask(fixture.chief, mark("ICN70")) == ["1"])
            #expect(
                try await fixture.refusal(fixture.reader, lines).contains("permission denied"))
        }
    }
}
