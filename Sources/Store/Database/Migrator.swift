internal import ContentHash
internal import PostgresClient
public import Schemas

/// Brings a database's schema up to what this binary needs.
public struct Migrator: Sendable {
    private let database: Database

    /// A migrator of one database.
    public init(database: Database) { self.database = database }

    /// Why a database cannot be migrated.
    public enum Refusal: Error, CustomStringConvertible {
        /// The database was migrated by a newer binary.
        case databaseIsNewer(version: Int, known: Int)
        /// A migration that was applied had another text than this binary's.
        case checksumDiffers(version: Int, name: String)
        /// The database was never migrated.
        case notMigrated
        /// The database lacks migrations this binary needs.
        case databaseIsOlder(version: Int, known: Int)
        /// The user may not even look whether the database was migrated.
        case withoutRights(user: String)
        /// The server is older than PostgreSQL 14.
        case serverTooOld(String)

        /// One sentence: what, where, what to do.
        public var description: String {
            switch self {
            case .databaseIsNewer(let version, let known):
                "The database's schema is at version \(version) and this suyo knows \(known): use a newer suyo."
            case .checksumDiffers(let version, let name):
                "Migration \(version) (\(name)) was applied with another text than this suyo carries: use the suyo that applied it, or restore the database."
            case .notMigrated: "The database has no Suyo schema yet: run suyo db migrate."
            case .databaseIsOlder(let version, let known):
                "The database's schema is at version \(version) and this suyo needs \(known): run suyo db migrate."
            case .withoutRights(let user):
                "User \(user) may not use suyo in this database: GRANT suyo_service TO \(user) for a daemon, suyo_operator for a person; suyo_reader reads the schema forecast by SQL."
            case .serverTooOld(let version): "The server is PostgreSQL \(version); Suyo needs 14 or newer."
            }
        }
    }

    /// Applies every migration that is missing, in one transaction, and returns their names.
    ///
    /// Two that start at once wait for each other; applying twice changes nothing. Throws ``Refusal`` for a database
    /// newer than this binary or migrated with other texts.
    public func migrate(_ migrations: [Migration] = Migration.all) async throws -> [String] {
        try await database.transaction { connection in
            let server = try await connection.query("SELECT pg_catalog.current_setting('server_version_num')::int")
            if let number = try server.first?.decode(0, as: Int.self), number < 140_000 {
                throw Refusal.serverTooOld("\(number / 10_000)")
            }
            // Any number will do, as long as every suyo takes the same: the letters of "suyo".
            try await connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(1937078639)")
            let applied = try await Migrator.check(connection, migrations)
            var names: [String] = []
            for migration in migrations where migration.version > applied {
                try await connection.simple(migration.sql)
                // A migration may set the search path; the next one finds it empty again.
                try await connection.execute("SELECT pg_catalog.set_config('search_path', '', true)")
                try await connection.execute(
                    """
                    INSERT INTO suyo.migration (version, name, checksum)
                    VALUES (\(migration.version), \(migration.name), \(Migrator.checksum(migration)))
                    """)
                names.append(migration.name)
            }
            try await connection.simple(Migration.grants)
            return names
        }
    }

    /// Throws ``Refusal`` unless the schema is exactly what this binary needs, and the user may look at it.
    public func verify(_ migrations: [Migration] = Migration.all) async throws {
        try await database.transaction { connection in
            let user = try await connection.query(
                """
                SELECT current_user AS name,
                    pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('suyo')::oid, 'USAGE') AS looks
                """)[0]
            if try user.decode("looks", as: Bool?.self) == false {
                throw Refusal.withoutRights(user: try user.decode("name", as: String.self))
            }
            let applied = try await Migrator.check(connection, migrations)
            if applied == 0 { throw Refusal.notMigrated }
            if applied < migrations.count { throw Refusal.databaseIsOlder(version: applied, known: migrations.count) }
        }
    }

    /// The version the schema is at: 0 for a database without one.
    private static func check(_ connection: Connection, _ migrations: [Migration]) async throws -> Int {
        let exists = try await connection.query("SELECT pg_catalog.to_regclass('suyo.migration') IS NOT NULL")
        guard try exists.first?.decode(0, as: Bool.self) == true else { return 0 }
        let rows = try await connection.query("SELECT version, name, checksum FROM suyo.migration ORDER BY version")
        for row in rows {
            let version = try row.decode("version", as: Int.self)
            guard let known = migrations.first(where: { $0.version == version }) else {
                throw Refusal.databaseIsNewer(version: version, known: migrations.count)
            }
            if try row.decode("checksum", as: String.self) != checksum(known) {
                throw Refusal.checksumDiffers(version: version, name: known.name)
            }
        }
        return rows.count
    }

    private static func checksum(_ migration: Migration) -> String {
        SHA256.hexadecimal(of: Array(migration.sql.utf8))
    }
}
