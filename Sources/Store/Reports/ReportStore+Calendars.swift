internal import PostgresClient

extension ReportStore {
    /// Each holiday calendar that is loaded or that a job names, with how far it reaches.
    public func calendars() async throws -> ReportTable {
        try await fetch(
            """
            SELECT c.calendar, h.days, h.first, h.last, u.jobs,
                CASE WHEN h.days IS NULL THEN 'not there: suyo import holidays'
                    WHEN h.last < current_date + 365 THEN 'ends within a year: bring in the next'
                    END AS remark
            FROM (
                SELECT calendar FROM demand.holiday
                UNION SELECT calendar FROM suyo.calendar_use) AS c
            LEFT JOIN (
                SELECT calendar, pg_catalog.count(*) AS days, pg_catalog.min(date) AS first, pg_catalog.max(date) AS last
                FROM demand.holiday GROUP BY calendar) AS h USING (calendar)
            LEFT JOIN (
                SELECT calendar, pg_catalog.string_agg(job, ', ' ORDER BY job COLLATE "C") AS jobs
                FROM suyo.calendar_use GROUP BY calendar) AS u USING (calendar)
            ORDER BY c.calendar COLLATE "C"
            """)
    }

    /// The days of a calendar, or of all, in one year, or in this and the next.
    public func holidays(calendar: String?, year: Int?) async throws -> ReportTable {
        try await fetch(
            """
            SELECT calendar, date, pg_catalog.to_char(date, 'Dy') AS day, name, kind, note FROM demand.holiday
            WHERE (\(calendar)::text IS NULL OR calendar = \(calendar))
                AND extract(year FROM date) BETWEEN coalesce(\(year), extract(year FROM current_date))
                    AND coalesce(\(year), extract(year FROM current_date) + 1)
            ORDER BY calendar COLLATE "C", date
            """)
    }
}
