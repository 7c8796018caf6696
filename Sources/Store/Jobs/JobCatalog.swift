internal import PostgresClient
public import Scheduling

/// The jobs there are, as people declare, run, pause and remove them.
public struct JobCatalog: Sendable {
    let database: Database

    /// A catalogue in one database.
    public init(database: Database) { self.database = database }

    /// What applying did to one job.
    public struct Change: Sendable, Hashable {
        /// Name of the job.
        public var name: String
        /// `added`, `changed`, `unchanged`, `removed`, or `kept` where another source owns it.
        public var change: String
        /// What is another than it was, where it changed.
        public var differences: [JobDifference] = []
    }

    /// Carries the changes out of a transaction that is rolled back.
    private struct Rehearsed: Error {
        var changes: [Change]
    }

    /// What ``apply(_:source:)`` would do; nothing is changed.
    public func rehearse(_ definitions: [JobDefinition], source: String) async throws -> [Change] {
        do {
            return try await apply(definitions, source: source, isRehearsal: true)
        } catch let rehearsed as Rehearsed {
            return rehearsed.changes
        }
    }

    /// Makes the jobs of one source exactly these, in one transaction; pauses stay, and other sources' jobs are left alone.
    ///
    /// A tick that is due and undecided when its schedule changes or goes is skipped, and recorded with that reason.
    public func apply(_ definitions: [JobDefinition], source: String) async throws -> [Change] {
        try await apply(definitions, source: source, isRehearsal: false)
    }

    private func apply(
        _ definitions: [JobDefinition], source: String, isRehearsal: Bool
    ) async throws -> [Change] {
        let names = definitions.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw JobDefinition.Invalid(description: "two jobs are named \(twice); a name stands for one job.")
        }
        return try await database.transaction { connection in
            // One at a time, so that two that add the same name do not overwrite each other; the letters of "jobs".
            try await connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(1785684595)")
            var changes: [Change] = []
            for definition in definitions.sorted(by: { $0.name < $1.name }) {
                changes.append(try await JobCatalog.apply(definition, source, connection))
            }
            changes += try await JobCatalog.remove(allBut: names, source, connection)
            try await JobCatalog.checkOrder(of: names, connection)
            if isRehearsal { throw Rehearsed(changes: changes) }
            return changes
        }
    }

    private static func apply(
        _ definition: JobDefinition, _ source: String, _ connection: Connection
    ) async throws -> Change {
        var change = Change(name: definition.name, change: "added")
        let text = try JobRow.json(definition)
        let found = try await connection.query(
            """
            SELECT \(unescaped: JobRow.columns), j.source, j.removed_at IS NOT NULL AS removed,
                j.problem IS NOT NULL AS troubled,
                j.definition = \(json: text) || pg_catalog.jsonb_build_object('spec', \(json: definition.spec)) AS same
            FROM suyo.job AS j WHERE j.name = \(definition.name) FOR NO KEY UPDATE
            """
        ).first
        var isNewSchedule = true
        if let found, try !found.decode("removed", as: Bool.self) {
            change.change = "kept"
            if try found.decode("source", as: String.self) != source { return change }
            change.change = "unchanged"
            let isTroubled = try found.decode("troubled", as: Bool.self)
            if try !isTroubled && found.decode("same", as: Bool.self) { return change }
            let job = try JobRow(found)
            change.differences = try JobDifference.between(job.definition, text)
            if let old = try? job.read().0, old.isDue(as: definition) {
                // The same ticks as before: none of them may get lost.
                isNewSchedule = isTroubled
            }
            if isNewSchedule {
                try await skipDue(of: job, "the schedule was changed before a daemon looked", connection)
            }
        }
        let clock = try await connection.query(
            "SELECT pg_catalog.floor(extract(epoch FROM pg_catalog.now()))::bigint")
        let now = try found.map { try JobRow($0).now } ?? clock[0].decode(0, as: Int.self)
        let schedule = try definition.schedule(holidays: try await JobRow.holidays(of: definition, connection))
        try await connection.execute(
            """
            INSERT INTO suyo.job AS j (name, source, kind, definition, next_fire_at)
            VALUES (\(definition.name), \(source), \(definition.kind),
                \(json: text) || pg_catalog.jsonb_build_object('spec', \(json: definition.spec)),
                coalesce(pg_catalog.to_timestamp(\(schedule?.next(after: now))), 'infinity'))
            ON CONFLICT (name) DO UPDATE SET source = excluded.source, kind = excluded.kind,
                definition = excluded.definition, removed_at = NULL, problem = NULL, waits_for = NULL, updated_at = pg_catalog.now(),
                next_fire_at = CASE WHEN \(isNewSchedule) THEN excluded.next_fire_at ELSE j.next_fire_at END,
                considered_until = CASE WHEN \(isNewSchedule) THEN greatest(j.considered_until, pg_catalog.now())
                    ELSE j.considered_until END
            """)
        if found != nil { change.change = "changed" }
        return change
    }

    /// Throws where a job waits for one there is not, or in a circle for itself.
    private static func checkOrder(of names: [String], _ connection: Connection) async throws {
        let mistakes = try await connection.query(
            """
            SELECT mistake FROM suyo.job AS j, LATERAL suyo.order_mistake(j.name, j.definition) AS mistake
            WHERE j.name = ANY (\(names)) AND j.removed_at IS NULL AND mistake IS NOT NULL ORDER BY j.name LIMIT 1
            """)
        guard let mistake = mistakes.first else { return }
        throw JobDefinition.Invalid(description: try mistake.decode("mistake", as: String.self) + ".")
    }

    private static func remove(
        allBut names: [String], _ source: String, _ connection: Connection
    ) async throws -> [Change] {
        let rows = try await connection.query(
            """
            SELECT \(unescaped: JobRow.columns), j.name FROM suyo.job AS j
            WHERE j.source = \(source) AND j.removed_at IS NULL AND j.name <> ALL (\(names))
            ORDER BY j.name FOR NO KEY UPDATE
            """)
        var changes: [Change] = []
        for row in rows {
            let job = try JobRow(row)
            try await skipDue(of: job, "the job was removed before a daemon looked", connection)
            try await connection.execute(
                "UPDATE suyo.job SET removed_at = pg_catalog.now() WHERE job_id = \(job.jobID)")
            changes.append(Change(name: try row.decode("name", as: String.self), change: "removed"))
        }
        return changes
    }

    /// Records the ticks of a job that are due and undecided as skipped; where it cannot be read, it never had any.
    private static func skipDue(of job: JobRow, _ reason: String, _ connection: Connection) async throws {
        guard let schedule = try? job.read().1 else { return }
        let decisions = TickPlanner.skipAll(schedule, considered: job.considered, now: job.now, reason: reason)
        try await TickLedger.skip(decisions, of: job.jobID, connection)
    }

    /// The definition of a job, or `nil` where there is none of that name.
    public func definition(named name: String) async throws -> JobDefinition? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT \(unescaped: JobRow.columns) FROM suyo.job AS j
                WHERE j.name = \(name) AND j.removed_at IS NULL
                """)
            return try rows.first.map { try JobRow($0).read().0 }
        }
    }

    /// The schedule of a job with the holidays there are; `nil` inside for a job that only people run, and outside where
    /// there is none of that name.
    public func schedule(named name: String) async throws -> Schedule?? {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT \(unescaped: JobRow.columns) FROM suyo.job AS j
                WHERE j.name = \(name) AND j.removed_at IS NULL
                """)
            return try rows.first.map { try JobRow($0).read().1 }
        }
    }

    /// Enqueues a run because a person asked, and returns its number; `nil` where there is no such job.
    ///
    /// `parameters`, a JSON object, replace keys of the job's spec. With `ifNoneWaiting`, a run that waits already is
    /// returned instead of another.
    public func enqueue(
        _ name: String, parameters: String = "{}", ifNoneWaiting: Bool = false
    ) async throws -> Int64? {
        try await ask("SELECT suyo.run_now(\(name), \(json: parameters), \(ifNoneWaiting))")
    }

    /// Pauses or resumes a job; ticks that come due in between are skipped. `false` where there is no such job.
    public func setPaused(_ name: String, _ isPaused: Bool) async throws -> Bool {
        let answer: Bool? = try await ask(
            isPaused ? "SELECT suyo.pause(\(name))" : "SELECT suyo.resume(\(name))")
        return answer != nil
    }

    /// Asks a run to stop: at once where it waits, at its next heartbeat where it runs. `false` where it is over.
    public func cancel(run runID: Int64) async throws -> Bool {
        try await ask("SELECT suyo.cancel(\(runID))") ?? false
    }

    /// Gives a run that failed or was cancelled another attempt. `false` where it did neither.
    public func retry(run runID: Int64) async throws -> Bool {
        try await ask("SELECT suyo.retry(\(runID))") ?? false
    }

    /// Limits how many runs of a kind, or with `*` of all kinds together, go on at once on all hosts; `nil` is no limit.
    ///
    /// Runs that go on already are left alone.
    public func limit(kind: String, maxRuns: Int?) async throws {
        try await database.transaction { connection in
            _ = try await connection.query("SELECT suyo.limit_runs(\(maxRuns)::integer, \(kind))")
        }
    }

    /// The answer of one of the functions an operator has in SQL as well; `nil` where it found no such job.
    private func ask<Answer: PostgresDecodable & Sendable>(_ question: Query) async throws -> Answer? {
        do {
            return try await database.transaction { try await $0.query(question)[0].decode(0, as: Answer.self) }
        } catch let error as PostgresError where error.code == PostgresError.Code(sqlState: "P0002") {
            return nil
        }
    }
}
