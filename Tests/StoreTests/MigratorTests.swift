import PostgresClient
import Schemas
import Store
import TestSupport
import Testing

@Suite struct MigratorTests {
    /// Everything there is in our schemas, as one text.
    private func catalogue(_ connection: Connection) async throws -> String {
        try await connection.query(
            """
            SELECT pg_catalog.string_agg(o.line, E'\\n' ORDER BY o.line) FROM (
                SELECT pg_catalog.format('%s %s %s %s', n.nspname, c.relname, c.relkind, c.relacl) AS line
                FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                UNION ALL
                SELECT pg_catalog.format('%s %s %s', p.oid::regprocedure, p.proacl, pg_catalog.md5(p.prosrc))
                FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                UNION ALL SELECT pg_catalog.format('%s %s %s', version, name, checksum) FROM suyo.migration) AS o
            """)[0].decode(0, as: String.self)
    }

    private func refusal(_ body: () async throws -> Void) async throws -> String {
        let refusal = await #expect(throws: Migrator.Refusal.self) { try await body() }
        return try #require(refusal).description
    }

    @Test func migratingTwiceChangesNothing() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let migrator = Migrator(database: test.database)
            #expect(try await refusal { try await migrator.verify() }.contains("run suyo db migrate"))
            #expect(try await migrator.migrate() == Migration.all.map(\.name))
            try await migrator.verify()
            let connection = try await test.connect()
            let first = try await catalogue(connection)
            #expect(try await migrator.migrate() == [])
            #expect(try await catalogue(connection) == first)
            try await migrator.verify()
        }
    }

    @Test func ofManyAtOnceOneMigratesAndAllSucceed() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let database = Database(target: test.target, size: 1)
                        let names = try await Migrator(database: database).migrate()
                        await database.close()
                        return names
                    }
                }
                return try await group.reduce(into: [[String]]()) { $0.append($1) }
            }
            #expect(applied.filter { !$0.isEmpty } == [Migration.all.map(\.name)])
            let connection = try await test.connect()
            let rows = try await connection.query("SELECT pg_catalog.count(*) FROM suyo.migration")
            #expect(try rows[0].decode(0, as: Int.self) == Migration.all.count)
        }
    }

    @Test func aDatabaseNewerThanTheBinaryIsRefused() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute(
                "INSERT INTO suyo.migration (version, name, checksum) VALUES (99, 'tomorrow', 'x')")
            let migrator = Migrator(database: test.database)
            let sentence =
                "The database's schema is at version 99 and this suyo knows \(Migration.all.count): use a newer suyo."
            #expect(try await refusal { _ = try await migrator.migrate() } == sentence)
            #expect(try await refusal { try await migrator.verify() } == sentence)
        }
    }

    @Test func anEditedMigrationIsRefused() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("UPDATE suyo.migration SET checksum = 'edited' WHERE version = 2")
            let migrator = Migrator(database: test.database)
            #expect(
                try await refusal { _ = try await migrator.migrate() }.hasPrefix("Migration 2 (demand) was applied"))
            #expect(try await refusal { try await migrator.verify() }.hasPrefix("Migration 2 (demand) was applied"))
        }
    }

    @Test func anOlderDatabaseIsBroughtForward() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let migrator = Migrator(database: test.database)
            // The rights come last and speak of every object, so an older binary's are left out here.
            let connection = try await test.connect()
            try await connection.simple("BEGIN; \(Migration.all[0].sql); COMMIT")
            try await connection.execute(
                """
                INSERT INTO suyo.migration (version, name, checksum) VALUES (1, 'suyo',
                    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(\(Migration.all[0].sql), 'UTF8')), 'hex'))
                """)
            #expect(try await refusal { try await migrator.verify() }.contains("is at version 1"))
            #expect(try await migrator.migrate() == Migration.all.dropFirst().map(\.name))
            try await migrator.verify()
        }
    }

    @Test func aMigrationThatFailsLeavesNothingBehind() async throws {
        try await TestDatabase.with(migrated: false) { test in
            let connection = try await test.connect()
            // Somebody's own table stands in the way of the second migration.
            try await connection.execute("CREATE SCHEMA demand")
            await #expect(throws: PostgresError.self) { try await Migrator(database: test.database).migrate() }
            let rows = try await connection.query("SELECT pg_catalog.to_regnamespace('suyo') IS NULL")
            #expect(try rows[0].decode(0, as: Bool.self))
        }
    }
}

/// Rules that every object of ours keeps, read from the catalogue.
@Suite struct SchemaRulesTests {
    /// The lines a query over the catalogue returns; the rule holds where there is none.
    private func offenders(_ query: Query) async throws -> [String] {
        var found: [String] = []
        try await TestDatabase.with { test in
            found = try await test.connect().query(query).map { try $0.decode(0, as: String.self) }
        }
        return found
    }

    @Test func everythingHasAComment() async throws {
        let bare = try await offenders(
            """
            SELECT pg_catalog.concat('schema ', n.nspname) FROM pg_catalog.pg_namespace AS n
            WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS NULL
            UNION ALL
            SELECT pg_catalog.concat(n.nspname, '.', c.relname)
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('demand', 'forecast', 'suyo') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND pg_catalog.obj_description(c.oid, 'pg_class') IS NULL
            UNION ALL
            SELECT pg_catalog.concat(n.nspname, '.', c.relname, '.', a.attname)
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname IN ('demand', 'forecast', 'suyo') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND pg_catalog.col_description(c.oid, a.attnum) IS NULL
            UNION ALL
            SELECT p.oid::regprocedure::text
            FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                AND pg_catalog.obj_description(p.oid, 'pg_proc') IS NULL
            """)
        #expect(bare.isEmpty, "\(bare)")
    }

    @Test func everyFunctionHasAFixedSearchPath() async throws {
        let open = try await offenders(
            """
            SELECT p.oid::regprocedure::text
            FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname IN ('demand', 'forecast', 'suyo')
                AND NOT coalesce('search_path=""' = ANY (p.proconfig), false)
            """)
        #expect(open.isEmpty, "\(open)")
    }

    @Test func noFunctionThatActsForItsOwnerIsOpenToEverybody() async throws {
        let open = try await offenders(
            """
            SELECT p.oid::regprocedure::text
            FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a
            WHERE n.nspname IN ('demand', 'forecast', 'suyo') AND p.prosecdef AND a.grantee = 0
            """)
        #expect(open.isEmpty, "\(open)")
    }

    @Test func aSiteWithAZoneNobodyKnowsIsRefused() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            await #expect(throws: PostgresError.self) {
                try await connection.execute(
                    "INSERT INTO demand.site (site_id, time_zone) VALUES ('X', 'Mars/Base')")
            }
            try await connection.execute("INSERT INTO demand.site (site_id, time_zone) VALUES ('X', 'Asia/Seoul')")
        }
    }
}
