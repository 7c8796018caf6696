import Foundation
import PostgresClient
import Schemas
import Store
import TestSupport
import Testing

@Suite struct MigratorTests {
    @Test func twiceChangesNothing() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let migrator = Migrator(database: test.database)
            await #expect(throws: Migrator.Refusal.self) { try await migrator.verify() }
            #expect(try await migrator.migrate().count == Migration.all.count)
            #expect(try await migrator.migrate().isEmpty)
            try await migrator.verify()
        }
    }

    @Test func twoAtOnceApplyEachMigrationOnce() async throws {
        try await TestDatabase.with(migrated: false) { test in
            async let first = Migrator(database: test.database).migrate()
            async let second = Migrator(database: test.database).migrate()
            let applied = try await [first, second].map(\.count).sorted()
            #expect(applied == [0, Migration.all.count])
        }
    }

    @Test func aDatabaseNewerThanTheBinaryIsRefusedWithASentence() async throws {
        try await TestDatabase.with { test in
            try await test.connect().execute(
                "INSERT INTO suyo.migration (version, name, checksum) VALUES (999, 'future', 'x')")
            let error = await #expect(throws: Migrator.Refusal.self) {
                try await Migrator(database: test.database).migrate()
            }
            #expect("\(try #require(error))".contains("use a newer suyo"))
        }
    }

    @Test func aMigrationAppliedWithAnotherTextIsRefused() async throws {
        try await TestDatabase.with { test in
            try await test.connect().execute("UPDATE suyo.migration SET checksum = 'x' WHERE version = 2")
            await #expect(throws: Migrator.Refusal.self) { try await Migrator(database: test.database).verify() }
        }
    }

    @Test func everythingHasAComment() async throws {
        try await TestDatabase.with { test in
            let rows = try await test.connect().query(
                """
                SELECT n.nspname || '.' || c.relname || coalesce('.' || a.attname, '') AS name
                FROM pg_catalog.pg_class AS c
                JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE n.nspname IN ('demand', 'forecast', 'suyo') AND c.relkind IN ('r', 'v', 'p')
                    AND pg_catalog.col_description(c.oid, a.attnum) IS NULL
                    AND NOT (a.attnum IS NULL AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL)
                UNION ALL
                SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class AS c
                JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('demand', 'forecast', 'suyo') AND c.relkind IN ('r', 'v', 'p')
                    AND pg_catalog.obj_description(c.oid, 'pg_class') IS NULL
                UNION ALL
                SELECT n.nspname || '.' || p.proname || '()' FROM pg_catalog.pg_proc AS p
                JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                    AND pg_catalog.obj_description(p.oid, 'pg_proc') IS NULL
                """)
            let names = try rows.map { try $0.decode("name", as: String.self) }
            #expect(names.isEmpty, "without a comment: \(names)")
        }
    }

    @Test func everyFunctionHasItsOwnSearchPath() async throws {
        try await TestDatabase.with { test in
            let rows = try await test.connect().query(
                """
                SELECT n.nspname || '.' || p.proname AS name FROM pg_catalog.pg_proc AS p
                JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                    AND NOT coalesce('search_path=""' = ANY (p.proconfig), false)
                """)
            #expect(try rows.map { try $0.decode("name", as: String.self) } == [])
        }
    }

    @Test func aReaderReadsForecastsAndNothingElse() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("SET ROLE suyo_reader")
            for allowed in [
                "SELECT * FROM forecast.current", "SELECT * FROM forecast.get('x')",
                "SELECT * FROM forecast.explain('x', 'y')", "SELECT * FROM forecast.history_and_forecast('x')",
                "SELECT * FROM forecast.outbox",
            ] {
                _ = try await connection.query(Query(stringLiteral: allowed))
            }
            for refused in [
                "SELECT * FROM demand.order_line", "SELECT * FROM suyo.job", "DELETE FROM forecast.outbox",
                "INSERT INTO forecast.outbox (topic, portfolio, payload) VALUES ('x', 'y', '{}')",
                "SELECT suyo.run_now('x')", "DELETE FROM forecast.current_publication",
            ] {
                await #expect(throws: PostgresError.self, "\(refused)") {
                    _ = try await connection.query(Query(stringLiteral: refused))
                }
            }
        }
    }

    @Test func aRoleThatMayNotMakeRolesMigratesItsOwnDatabase() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let administrator = try await test.connect()
            let role = "owner_" + test.name
            try await administrator.execute("CREATE ROLE \(unescaped: role) LOGIN")
            try await administrator.execute("ALTER DATABASE \(unescaped: test.name) OWNER TO \(unescaped: role)")
            let url = test.url.replacingOccurrences(of: "user=suyo", with: "user=\(role)")
            let database = Database(target: ConnectionTarget(url))
            #expect(try await Migrator(database: database).migrate().count == Migration.all.count)
            #expect(try await Migrator(database: database).migrate().isEmpty)
            await database.close()
            try await administrator.execute("ALTER DATABASE \(unescaped: test.name) OWNER TO suyo")
            try await administrator.execute("REASSIGN OWNED BY \(unescaped: role) TO suyo")
            try await administrator.execute("DROP OWNED BY \(unescaped: role)")
            try await administrator.execute("DROP ROLE \(unescaped: role)")
        }
    }
}
