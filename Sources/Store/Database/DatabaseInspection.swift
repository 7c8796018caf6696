internal import Foundation
internal import PostgresClient

/// What an operator wants to know of a database before trusting it.
public struct DatabaseInspection: Sendable {
    private let database: Database

    /// An inspection of one database.
    public init(database: Database) { self.database = database }

    /// The server as it describes itself.
    public struct Server: Sendable, Hashable {
        /// Its version, such as `15.8`.
        public var version: String
        /// Its version as a number, such as 150008.
        public var versionNumber: Int
        /// Whether it is a standby, which cannot be written to.
        public var isStandby: Bool
        /// Encoding of the database.
        public var encoding: String
        /// Seconds by which this machine's clock is ahead of the server's.
        public var clockAhead: Double
        /// Size of the database in bytes.
        public var bytes: Int
    }

    /// One role of DESIGN's five, as far as this database has it.
    public struct Role: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Whether it exists.
        public var exists: Bool
        /// Whether it may use the schema it is for: a role made after the last migration has no rights yet.
        public var isGranted: Bool
    }

    /// Who asks, as far as this database knows it.
    public struct User: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Those of DESIGN's five roles it is in.
        public var roles: [String]
        /// Whether it may do what a daemon does.
        public var serves: Bool
    }

    /// The user of the connection, in a database that was migrated.
    public func user() async throws -> User {
        try await database.transaction { connection in
            let row = try await connection.query(
                """
                SELECT current_user AS name, pg_catalog.has_table_privilege('suyo.run', 'UPDATE') AS serves,
                    coalesce((SELECT pg_catalog.string_agg(r.rolname, ',' ORDER BY r.rolname) FROM pg_catalog.pg_roles AS r
                        WHERE r.rolname IN ('suyo_reader', 'suyo_ingest', 'suyo_planner', 'suyo_operator', 'suyo_service')
                            AND pg_catalog.pg_has_role(r.oid, 'USAGE')), '') AS roles
                """)[0]
            return User(
                name: try row.decode("name", as: String.self),
                roles: try row.decode("roles", as: String.self).split(separator: ",").map(String.init),
                serves: try row.decode("serves", as: Bool.self))
        }
    }

    /// Asks the server about itself.
    public func server() async throws -> Server {
        try await database.transaction { connection in
            let before = Date().timeIntervalSince1970
            let rows = try await connection.query(
                """
                SELECT pg_catalog.current_setting('server_version') AS version,
                    pg_catalog.current_setting('server_version_num')::int AS number,
                    pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('server_encoding') AS encoding,
                    extract(epoch FROM pg_catalog.clock_timestamp())::float8 AS clock,
                    pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes
                """)
            let after = Date().timeIntervalSince1970
            return Server(
                version: try rows[0].decode("version", as: String.self),
                versionNumber: try rows[0].decode("number", as: Int.self),
                isStandby: try rows[0].decode("standby", as: Bool.self),
                encoding: try rows[0].decode("encoding", as: String.self),
                clockAhead: (before + after) / 2 - (try rows[0].decode("clock", as: Double.self)),
                bytes: try rows[0].decode("bytes", as: Int.self))
        }
    }

    /// What is wrong with the holiday calendars that jobs go by, a sentence each; empty where all reach another year.
    public func calendarTroubles() async throws -> [String] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT u.calendar, pg_catalog.string_agg(DISTINCT u.job, ', ') AS jobs, pg_catalog.max(h.date)::text AS last
                FROM suyo.calendar_use AS u LEFT JOIN demand.holiday AS h USING (calendar)
                GROUP BY u.calendar HAVING coalesce(pg_catalog.max(h.date) < current_date + 365, true)
                ORDER BY u.calendar
                """
            ).map { row in
                let calendar = try row.decode("calendar", as: String.self)
                let jobs = try row.decode("jobs", as: String.self)
                guard let last = try row.decode("last", as: String?.self) else {
                    return "there is no calendar \(calendar), which \(jobs) goes by"
                }
                return "calendar \(calendar), which \(jobs) goes by, ends on \(last)"
            }
        }
    }

    /// The consumers of events that have left some for more than thirty days, a sentence each.
    public func silentConsumers() async throws -> [String] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT consumer, owner, pending, pg_catalog.to_char(oldest_pending_at, 'YYYY-MM-DD') AS since
                FROM forecast.consumer_lag WHERE oldest_pending_at < pg_catalog.now() - interval '30 days' ORDER BY 1
                """
            ).map { row in
                let consumer = try row.decode("consumer", as: String.self)
                return
                    "\(consumer) of user \(try row.decode("owner", as: String.self)) has left \(try row.decode("pending", as: Int.self)) events since \(try row.decode("since", as: String.self))"
            }
        }
    }

    /// The roles that consumers are granted.
    public func roles() async throws -> [Role] {
        try await database.transaction { connection in
            try await connection.query(
                """
                SELECT w.name, r.rolname IS NOT NULL AS present,
                    coalesce(pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE'), false) AS granted
                FROM (VALUES ('suyo_reader', 'forecast'), ('suyo_ingest', 'demand'), ('suyo_planner', 'forecast'),
                    ('suyo_operator', 'suyo'), ('suyo_service', 'suyo')) AS w (name, place)
                LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = w.name
                LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.place
                """
            ).map { row in
                Role(
                    name: try row.decode("name", as: String.self), exists: try row.decode("present", as: Bool.self),
                    isGranted: try row.decode("granted", as: Bool.self))
            }
        }
    }

    /// Order lines that come from elsewhere than `source`: whether a database holds somebody's own data.
    public func hasOrders(besides source: String) async throws -> Bool {
        try await database.transaction { connection in
            try await connection.query("SELECT FROM demand.order_line WHERE source <> \(source) LIMIT 1").isEmpty
                == false
        }
    }
}
