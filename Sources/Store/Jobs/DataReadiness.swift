internal import PostgresClient
internal import Scheduling

/// Whether the data that a tick waits for has come in.
enum DataReadiness {
    /// Seconds between two looks.
    private static let pause = 30

    /// Asks about a plan whose last firing tick is `tick`, and which waits since `oldest`.
    static func ask(
        _ condition: JobDefinition.ReadyWhen, tick: Int, oldest: Int, _ schedule: Schedule, now: Int,
        _ connection: Connection
    ) async throws -> TickReadiness.Answer {
        guard let day = condition.day(of: tick, schedule), let deadline = condition.deadline(of: oldest, schedule)
        else {
            return .fire(note: nil)
        }
        let missing = try await missing(condition, day: day, zone: schedule.zoneName, connection)
        guard let missing else { return .fire(note: nil) }
        if now >= deadline { return .fire(note: "fired at its deadline without \(missing)") }
        return .wait(missing, until: min(now + pause, deadline))
    }

    /// What is not there yet; `nil` where all is.
    private static func missing(
        _ condition: JobDefinition.ReadyWhen, day: Int, zone: String, _ connection: Connection
    ) async throws -> String? {
        // Where there are no rows on most such weekdays, as in a shop that is new, the day before is the measure.
        let rows = try await connection.query(
            """
            WITH asked AS (SELECT date '1970-01-01' + \(day)::int AS day),
            days AS (
                SELECT a.day - back AS day, back FROM asked AS a,
                    unnest(ARRAY[0, 1, 7, 14, 21, 28, 35, 42, 49, 56]) AS back),
            counted AS (
                SELECT d.back, (SELECT pg_catalog.count(*) FROM demand.order_line AS l
                    WHERE l.ordered_at >= d.day::timestamp AT TIME ZONE \(zone)
                        AND l.ordered_at < (d.day + 1)::timestamp AT TIME ZONE \(zone)) AS lines
                FROM days AS d),
            usual AS (
                SELECT pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY lines) AS lines
                FROM counted WHERE back >= 7)
            SELECT a.day::text AS day, (SELECT lines FROM counted WHERE back = 0) AS found,
                (SELECT CASE WHEN u.lines > 0 THEN u.lines ELSE (SELECT lines FROM counted WHERE back = 1) END
                    FROM usual AS u)::float8 AS usual,
                EXISTS (SELECT FROM demand.order_line AS l
                    WHERE l.ordered_at >= (a.day + 1)::timestamp AT TIME ZONE \(zone)) AS is_over
            FROM asked AS a
            """)
        let name = "data of \(try rows[0].decode("day", as: String.self))"
        let found = try rows[0].decode("found", as: Int.self)
        let usual = try rows[0].decode("usual", as: Double.self)
        guard let share = condition.minimumRowsShare else {
            // Data of a later day says that this one is over, with whatever came in.
            return try found > 0 || rows[0].decode("is_over", as: Bool.self) ? nil : name
        }
        return Double(found) >= share * usual && (found > 0 || usual == 0)
            ? nil : "\(name): \(found) rows of some \(Int(usual.rounded()))"
    }
}
