internal import Foundation
internal import PostgresClient
internal import Scheduling

/// A row of `suyo.job`, and how a definition stands in its `jsonb` column: the spec as an object, so that SQL can look
/// into it.
struct JobRow {
    let jobID: Int64
    /// The definition as text.
    let definition: String
    /// The days off of its calendar as JSON: names by days since 1970-01-01.
    let holidays: String
    /// Up to which second every tick has been decided.
    let considered: Int
    /// The last whole second of the database's clock. Rounded down, so that no tick is early and none is passed over.
    let now: Int

    /// What to select from `suyo.job AS j` to make one.
    static let columns =
        """
        j.job_id, (j.definition || pg_catalog.jsonb_build_object('spec', (j.definition -> 'spec')::text))::text AS definition,
        (SELECT coalesce(pg_catalog.jsonb_object_agg(h.date - date '1970-01-01', h.name), '{}')::text
            FROM demand.holiday AS h WHERE h.calendar = j.definition ->> 'calendar') AS holidays,
        pg_catalog.floor(extract(epoch FROM j.considered_until))::bigint AS considered,
        pg_catalog.floor(extract(epoch FROM greatest(j.considered_until, pg_catalog.now())))::bigint AS now
        """

    init(_ row: Row) throws {
        jobID = try row.decode("job_id", as: Int64.self)
        definition = try row.decode("definition", as: String.self)
        holidays = try row.decode("holidays", as: String.self)
        considered = try row.decode("considered", as: Int.self)
        now = try row.decode("now", as: Int.self)
    }

    /// The definition, and its schedule; `nil` for one that only people run.
    ///
    /// Throws ``Scheduling/JobDefinition/Invalid`` for what SQL or an older binary wrote and this one cannot use.
    func read() throws -> (JobDefinition, Schedule?) {
        let definition: JobDefinition
        do {
            definition = try JSONDecoder().decode(JobDefinition.self, from: Data(self.definition.utf8))
        } catch let error as JobDefinition.Invalid {
            throw error
        } catch {
            throw JobDefinition.Invalid(description: "the definition cannot be read: \(error)")
        }
        return (definition, try definition.schedule(holidays: try JobRow.days(holidays)))
    }

    /// The days off of a definition's calendar, as ``Scheduling/JobDefinition/schedule(holidays:)`` takes them.
    static func holidays(of definition: JobDefinition, _ connection: Connection) async throws -> [Int: String] {
        guard let calendar = definition.calendar else { return [:] }
        let rows = try await connection.query(
            """
            SELECT coalesce(pg_catalog.jsonb_object_agg(date - date '1970-01-01', name), '{}')::text AS holidays
            FROM demand.holiday WHERE calendar = \(calendar)
            """)
        return try days(rows[0].decode("holidays", as: String.self))
    }

    private static func days(_ json: String) throws -> [Int: String] {
        let names = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        return Dictionary(names.compactMap { day, name in Int(day).map { ($0, name) } }) { first, _ in first }
    }

    /// A definition, or a part of one, as JSON with sorted keys; a definition's spec is text there.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// A run's policy as the job's definition had it; the usual where it cannot be read.
    static func retryPolicy(_ json: String) -> RetryPolicy {
        (try? JSONDecoder().decode(RetryPolicy.self, from: Data(json.utf8))) ?? RetryPolicy()
    }
}
