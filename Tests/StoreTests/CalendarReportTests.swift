import HolidayCalendars
import Intake
import PostgresClient
import Store
import Synchronization
import TabularText
import TestSupport
import Testing

@Suite struct CalendarReportTests {
    private func load(_ test: TestDatabase) async throws -> IntakeReport {
        let reader = Mutex(
            try IntakeReader(
                ByteSource(Array(ShippedCalendar.korea.text.utf8), name: "KR"),
                plan: IntakePlan(kind: .holidays, mapping: nil)))
        return try await IntakeStore(database: test.database).take(
            IntakePlan(kind: .holidays, mapping: nil), fileName: "KR", dryRun: false,
            rows: { try reader.withLock { try $0.next() } }, contentHash: { reader.withLock { $0.contentHash } })
    }

    @Test func theShippedCalendarLoadsWholeAndPutsRightWhatWasChanged() async throws {
        try await TestDatabase.with { test in
            let report = try await load(test)
            #expect(report.rejected == 0)
            #expect(report.inserted == ShippedCalendar.korea.days.count)
            let connection = try await test.connect()
            try await connection.execute("UPDATE demand.holiday SET name = 'x' WHERE date = '2026-09-25'")
            let again = try await load(test)
            #expect(again.changed == 1)
            #expect(again.inserted == 0)
            let days = try await ReportStore(database: test.database).holidays(calendar: "KR", year: 2026)
            #expect(days.rows.count == 22)
            #expect(days.rows.contains { row in row.contains { $0.text == "추석" } })
        }
    }

    @Test func aCalendarThatAJobNamesAndNobodyLoadedIsReported() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            for (name, key) in [("night", #""spec": {"holiday_calendar": "KR"}"#), ("month", #""calendar": "JP""#)] {
                try await connection.execute(
                    """
                    INSERT INTO suyo.job (name, kind, definition, source)
                    VALUES (\(name), 'retrain', \(json: "{\(key)}"), 'test')
                    """)
            }
            let inspection = DatabaseInspection(database: test.database)
            #expect(
                try await inspection.calendarTroubles() == [
                    "there is no calendar JP, which month goes by", "there is no calendar KR, which night goes by",
                ])
            _ = try await load(test)
            #expect(try await inspection.calendarTroubles() == ["there is no calendar JP, which month goes by"])
            try await connection.execute("DELETE FROM demand.holiday WHERE date > current_date + 100")
            let troubles = try await inspection.calendarTroubles()
            #expect(troubles.count == 2)
            #expect(troubles.last?.hasPrefix("calendar KR, which night goes by, ends on ") == true)
        }
    }
}
