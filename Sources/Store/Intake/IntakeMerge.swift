internal import Intake
internal import PostgresClient

/// The statements that bring staged rows into their table.
struct IntakeMerge {
    let plan: IntakePlan
    private let target: IntakeTarget

    init(plan: IntakePlan) {
        self.plan = plan
        target = IntakeTarget(kind: plan.kind)
    }

    /// Rejects what fails a check over the whole record, makes the items, sites and customers that records name, and
    /// puts the accepted records with their keys into `pg_temp.incoming`.
    func prepare(_ connection: Connection) async throws {
        for check in target.checks {
            try await connection.execute(
                """
                UPDATE pg_temp.staged SET reject_column = \(check.column), reject_reason = \(check.reason),
                    reject_value = \(unescaped: check.column)::text
                WHERE reject_reason IS NULL AND \(unescaped: check.condition)
                """)
        }
        try await makeMasterRows(connection)
        try await convertUnits(connection)
        try await makeIncoming(connection)
        // Lines that were counted have numbers of their own.
        if plan.kind != .orders || plan.givesLineNumbers { try await rejectRepeats(connection) }
    }

    /// Records staged, and those rejected.
    func count(_ connection: Connection) async throws -> (lines: Int, rejected: Int) {
        let rows = try await connection.query(
            "SELECT pg_catalog.count(*) AS lines, pg_catalog.count(reject_reason) AS rejected FROM pg_temp.staged")
        return (try rows[0].decode("lines", as: Int.self), try rows[0].decode("rejected", as: Int.self))
    }

    /// The first few rejected records, in file order.
    func firstRejections(_ connection: Connection) async throws -> [RejectedRecord] {
        try await connection.query(
            """
            SELECT file_line, reject_column, reject_value, reject_reason FROM pg_temp.staged
            WHERE reject_reason IS NOT NULL ORDER BY file_line LIMIT 10
            """
        ).map { row in
            RejectedRecord(
                line: try row.decode("file_line", as: Int.self),
                column: try row.decode("reject_column", as: String?.self),
                value: try row.decode("reject_value", as: String?.self),
                reason: try row.decode("reject_reason", as: String.self))
        }
    }

    /// Whether there is anything that the records must be compared with; if so, the planner is told how many there are.
    func hasEarlierRows(_ connection: Connection) async throws -> Bool {
        guard try await !connection.query("SELECT FROM \(unescaped: target.table) LIMIT 1").isEmpty else {
            return false
        }
        try await connection.execute("ANALYZE pg_temp.incoming")
        return true
    }

    /// Changes the rows whose values differ; returns how many.
    func correct(batchID: Int64, _ connection: Connection) async throws -> Int {
        var assignments = target.values.map { "\($0) = n.\($0)" }
        assignments += target.marks.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        if keepsBatch { assignments.append("batch_id = \(batchID)") }
        if plan.kind == .orders { assignments.append("revision = t.revision + 1") }
        let differs =
            "(\(target.values.map { "t.\($0)" }.joined(separator: ", "))) IS DISTINCT FROM (\(target.values.map { "n.\($0)" }.joined(separator: ", ")))"
        let marked = target.marks.map { " OR t.\($0.key) IS DISTINCT FROM \($0.value)" }.sorted().joined()
        return try await connection.execute(
            """
            UPDATE \(unescaped: target.table) AS t SET \(unescaped: assignments.joined(separator: ", "))
            FROM pg_temp.incoming AS n
            WHERE \(unescaped: sameKey) AND (\(unescaped: differs)\(unescaped: marked))
            """)
    }

    /// Adds the rows that are new, all of them where there are no earlier ones; returns how many.
    func insert(batchID: Int64, besidesEarlier: Bool, _ connection: Connection) async throws -> Int {
        var columns = target.key + target.values
        var expressions = columns.map { "n.\($0)" }
        for (column, value) in target.marks.sorted(by: { $0.key < $1.key }) {
            columns.append(column)
            expressions.append(value)
        }
        if keepsBatch {
            columns.append("batch_id")
            expressions.append("\(batchID)")
        }
        return try await connection.execute(
            """
            INSERT INTO \(unescaped: target.table) (\(unescaped: columns.joined(separator: ", ")))
            SELECT \(unescaped: expressions.joined(separator: ", ")) FROM pg_temp.incoming AS n
            \(unescaped: besidesEarlier ? "WHERE NOT EXISTS (SELECT FROM \(target.table) AS t WHERE \(sameKey))" : "")
            """)
    }

    /// Keeps the rejected records with their reasons.
    func keepRejected(batchID: Int64, _ connection: Connection) async throws {
        try await connection.execute(
            """
            INSERT INTO demand.rejected_row (batch_id, line, column_name, value, reason)
            SELECT \(batchID), file_line, reject_column, reject_value, reject_reason
            FROM pg_temp.staged WHERE reject_reason IS NOT NULL
            ON CONFLICT (batch_id, line) DO NOTHING
            """)
    }

    /// Tells the planner what the table now holds, where much of it is new: the nightly read comes next.
    func analyze(touched: Int, _ connection: Connection) async throws {
        if touched >= 10_000 { try await connection.execute("ANALYZE \(unescaped: target.table)") }
    }

    private var keepsBatch: Bool { [.orders, .stock, .movements].contains(plan.kind) }

    private var sameKey: String { target.key.map { "t.\($0) = n.\($0)" }.joined(separator: " AND ") }

    private func makeMasterRows(_ connection: Connection) async throws {
        let names = Set(plan.kind.columns.map(\.name))
        if names.contains("site_id"), plan.kind != .sites {
            try await connection.execute(
                """
                INSERT INTO demand.site (site_id, time_zone)
                SELECT DISTINCT site_id, \(plan.timeZone ?? "UTC")::text FROM pg_temp.staged
                WHERE reject_reason IS NULL AND site_id IS NOT NULL
                ON CONFLICT DO NOTHING
                """)
        }
        if names.contains("customer_id"), plan.kind != .customers {
            try await connection.execute(
                """
                INSERT INTO demand.customer (customer_id)
                SELECT DISTINCT customer_id FROM pg_temp.staged WHERE reject_reason IS NULL AND customer_id IS NOT NULL
                ON CONFLICT DO NOTHING
                """)
        }
        if names.contains("item_id"), plan.kind != .items {
            let name = plan.kind == .orders ? "pg_catalog.max(item_name COLLATE \"C\")" : "NULL::text"
            try await connection.execute(
                """
                INSERT INTO demand.item (item_id, name)
                SELECT item_id, \(unescaped: name) FROM pg_temp.staged
                WHERE reject_reason IS NULL AND item_id IS NOT NULL GROUP BY item_id
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Turns quantities in other units into base units, and rejects those of which nobody has said how many that are.
    ///
    /// A factor holds from its day on; that of the item counts before that of all items. The item's own unit needs none.
    private func convertUnits(_ connection: Connection) async throws {
        guard let quantities = target.quantities else { return }
        guard try await !connection.query("SELECT FROM pg_temp.staged WHERE unit IS NOT NULL LIMIT 1").isEmpty else {
            return
        }
        let grown = quantities.perUnit.map { "\($0) = n.\($0) * c.factor" }
        let shrunk = quantities.perBaseUnit.map { "\($0) = n.\($0) / c.factor" }
        try await connection.execute(
            """
            CREATE TEMPORARY TABLE conversion ON COMMIT DROP AS
            SELECT n.file_line, CASE WHEN i.unit = n.unit THEN 1 ELSE c.factor END AS factor,
                coalesce(i.unit, 'its base unit') AS base
            FROM pg_temp.staged AS n
            LEFT JOIN demand.site AS s ON s.site_id = n.site_id
            LEFT JOIN demand.item AS i ON i.item_id = n.item_id
            LEFT JOIN LATERAL (
                SELECT u.factor FROM demand.unit_conversion AS u
                WHERE u.item_id IN (n.item_id, '') AND u.unit = n.unit AND u.valid_from <= coalesce(
                    n.\(unescaped: target.instant) AT TIME ZONE s.time_zone, n.\(unescaped: target.instant)_local)::date
                ORDER BY u.item_id DESC, u.valid_from DESC LIMIT 1) AS c ON true
            WHERE n.reject_reason IS NULL AND n.unit IS NOT NULL
            """)
        try await connection.execute("ANALYZE pg_temp.conversion")
        try await connection.execute(
            """
            UPDATE pg_temp.staged AS n SET \(unescaped: (grown + shrunk).joined(separator: ", "))
            FROM pg_temp.conversion AS c WHERE c.file_line = n.file_line AND c.factor <> 1
            """)
        try await connection.execute(
            """
            UPDATE pg_temp.staged AS n SET reject_column = 'unit', reject_value = n.unit,
                reject_reason = pg_catalog.concat('nobody says how many of ', c.base, ' one is for item ', n.item_id,
                    ' on that day: suyo import units')
            FROM pg_temp.conversion AS c WHERE c.file_line = n.file_line AND c.factor IS NULL
            """)
        for column in quantities.perUnit + quantities.perBaseUnit {
            try await connection.execute(
                """
                UPDATE pg_temp.staged AS n SET reject_column = \(column), reject_value = n.\(unescaped: column)::text,
                    reject_reason = 'in base units this is not between -1e12 and 1e12'
                WHERE n.reject_reason IS NULL AND n.unit IS NOT NULL AND n.\(unescaped: column) NOT BETWEEN -1e12 AND 1e12
                """)
        }
    }

    private func makeIncoming(_ connection: Connection) async throws {
        let columns = (target.key + target.values).map { column -> String in
            if column == "source" { return "\(Query.literal(plan.source))::text AS source" }
            if column == "line_no" {
                return "coalesce(n.line_no, n.counted_line) AS line_no"
            }
            let isInstant = plan.kind.columns.contains { $0.name == column && $0.type == .timestamp }
            if isInstant { return "coalesce(n.\(column), n.\(column)_local AT TIME ZONE s.time_zone) AS \(column)" }
            return "\(target.expressions[column] ?? "n.\(column)") AS \(column)"
        }
        let hasInstant = plan.kind.columns.contains { $0.type == .timestamp }
        let site = hasInstant ? "LEFT JOIN demand.site AS s ON s.site_id = n.site_id" : ""
        // Lines are numbered over all of the file's, so that rejecting one does not renumber those after it.
        let number =
            plan.kind == .orders
            ? "pg_catalog.row_number() OVER (PARTITION BY order_id ORDER BY file_line)::integer" : "NULL::integer"
        try await connection.execute(
            """
            CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
            SELECT n.file_line, \(unescaped: columns.joined(separator: ", "))
            FROM (SELECT *, \(unescaped: number) AS counted_line FROM pg_temp.staged) AS n \(unescaped: site)
            WHERE n.reject_reason IS NULL
            """)
    }

    /// Of records with one key the last counts; the others are rejected and say so.
    private func rejectRepeats(_ connection: Connection) async throws {
        let key = target.key.joined(separator: ", ")
        try await connection.execute(
            """
            WITH repeated AS (
                DELETE FROM pg_temp.incoming AS n USING (
                    SELECT \(unescaped: key), pg_catalog.max(file_line) AS last_line FROM pg_temp.incoming
                    GROUP BY \(unescaped: key) HAVING pg_catalog.count(*) > 1) AS t
                WHERE \(unescaped: sameKey) AND n.file_line < t.last_line
                RETURNING n.file_line, t.last_line)
            UPDATE pg_temp.staged AS s
            SET reject_column = \(key)::text, reject_reason = pg_catalog.concat('line ', r.last_line, ' has the same \(unescaped: key) and counts instead')
            FROM repeated AS r WHERE s.file_line = r.file_line
            """)
    }
}
