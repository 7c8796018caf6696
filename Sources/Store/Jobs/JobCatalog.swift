internal import PostgresClient
public import Scheduling

/// The jobs there are, as people declare, run, pause and remove them.
public struct JobCatalog: Sendable {
    private let database: Database

    /// A catalogue in one database.
    public init(database: Database) { self.database = database }

    /// What applying did to one job.
    public struct Change: Sendable, Hashable {
        /// Name of the job.
        public var name: String
        /// `added`, `changed`, `unchanged`, `removed`, or `kept` where another source owns it.
        public var change: String
    }

    /// Makes the jobs of one source exactly these, in one transaction; pauses stay, and other sources' jobs are left alone.
    public func apply(_ definitions: [JobDefinition], source: String) async throws -> [Change] {
        try await database.transaction { connection in
            var changes: [Change] = []
            for definition in definitions.sorted(by: { $0.name < $1.name }) {
                let change = try await JobCatalog.apply(definition, source, connection)
                changes.append(Change(name: definition.name, change: change))
            }
            let removed = try await connection.query(
                """
                UPDATE suyo.job SET removed_at = pg_catalog.now()
                WHERE source = \(source) AND removed_at IS NULL AND name <> ALL (\(definitions.map(\.name)))
                RETURNING name
                """)
            for row in removed {
                changes.append(Change(name: try row.decode("name", as: String.self), change: "removed"))
            }
            return changes
        }
    }

    private static func apply(
        _ definition: JobDefinition, _ source: String, _ connection: Connection
    ) async throws -> String {
        let text = try JobRow.json(definition)
        let found = try await connection.query(
            """
            SELECT source, removed_at IS NOT NULL AS removed,
                definition = \(json: text) || pg_catalog.jsonb_build_object('spec', \(json: definition.spec)) AS same,
                extract(epoch FROM pg_catalog.now())::bigint AS now
            FROM suyo.job WHERE name = \(definition.name) FOR UPDATE
            """)
        if let row = found.first {
            let isRemoved = try row.decode("removed", as: Bool.self)
            if try !isRemoved && row.decode("source", as: String.self) != source { return "kept" }
            if try !isRemoved && row.decode("same", as: Bool.self) { return "unchanged" }
        }
        let clock = try await connection.query("SELECT extract(epoch FROM pg_catalog.now())::bigint")
        let next = try definition.schedule()?.next(after: try clock[0].decode(0, as: Int.self))
        try await connection.execute(
            """
            INSERT INTO suyo.job (name, source, kind, definition, next_fire_at)
            VALUES (\(definition.name), \(source), \(definition.kind),
                \(json: text) || pg_catalog.jsonb_build_object('spec', \(json: definition.spec)),
                pg_catalog.to_timestamp(\(next)))
            ON CONFLICT (name) DO UPDATE SET source = excluded.source, kind = excluded.kind,
                definition = excluded.definition, next_fire_at = excluded.next_fire_at, removed_at = NULL,
                considered_until = pg_catalog.now(), updated_at = pg_catalog.now()
            """)
        return found.isEmpty ? "added" : "changed"
    }

    /// The definition of a job, or `nil` where there is none of that name.
    public func definition(named name: String) async throws -> JobDefinition? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT \(unescaped: JobRow.definitionSQL) AS definition FROM suyo.job AS j
                WHERE j.name = \(name) AND j.removed_at IS NULL
                """)
            return try rows.first.map { try JobRow.definition(try $0.decode("definition", as: String.self)) }
        }
    }

    /// Enqueues a run because a person asked, and returns its number; `nil` where there is no such job.
    public func enqueue(_ name: String) async throws -> Int64? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                INSERT INTO suyo.run (job_id, job_name, kind, spec, reason, max_attempts, timeout_seconds)
                SELECT job_id, name, kind, definition -> 'spec', 'person',
                    (definition ->> 'max_attempts')::int, (definition ->> 'timeout_seconds')::float8
                FROM suyo.job WHERE name = \(name) AND removed_at IS NULL
                RETURNING run_id
                """)
            return try rows.first?.decode(0, as: Int64.self)
        }
    }

    /// Pauses or resumes a job; a tick that comes due in between is not fired. `false` where there is no such job.
    public func setPaused(_ name: String, _ isPaused: Bool) async throws -> Bool {
        try await database.transaction { connection in
            guard
                let definition = try await connection.query(
                    """
                    SELECT \(unescaped: JobRow.definitionSQL) AS definition, extract(epoch FROM pg_catalog.now())::bigint AS now
                    FROM suyo.job AS j WHERE name = \(name) AND removed_at IS NULL FOR UPDATE
                    """
                ).first
            else { return false }
            let schedule = try JobRow.definition(try definition.decode("definition", as: String.self)).schedule()
            let next = schedule?.next(after: try definition.decode("now", as: Int.self))
            return try await connection.execute(
                """
                UPDATE suyo.job SET
                    paused_at = CASE WHEN \(isPaused) THEN coalesce(paused_at, pg_catalog.now()) END,
                    paused_by = CASE WHEN \(isPaused) THEN coalesce(paused_by, session_user) END,
                    considered_until = CASE WHEN paused_at IS NULL THEN considered_until ELSE pg_catalog.now() END,
                    next_fire_at = pg_catalog.to_timestamp(\(next))
                WHERE name = \(name)
                """) == 1
        }
    }

    /// Asks a run to stop: at once where it waits, at its next heartbeat where it runs. `false` where it is over.
    public func cancel(run runID: Int64) async throws -> Bool {
        try await database.transaction { connection in
            try await connection.execute(
                """
                UPDATE suyo.run SET cancel_requested_at = coalesce(cancel_requested_at, pg_catalog.now()),
                    state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END,
                    finished_at = CASE WHEN state = 'running' THEN NULL ELSE pg_catalog.now() END
                WHERE run_id = \(runID) AND state IN ('scheduled', 'available', 'running', 'retryable')
                """) == 1
        }
    }

    public func retry(run runID: Int64) async throws -> Bool { false }
}
