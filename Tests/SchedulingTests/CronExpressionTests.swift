import Scheduling
import Testing

@Suite struct CronExpressionTests {
    /// Expression and what it is due at after Thursday 2026-01-01 00:00 UTC.
    @Test(arguments: [
        ("*/20 * * * *", ["01T00:20", "01T00:40", "01T01:00"]),
        ("5/20 3 * * *", ["01T03:05", "01T03:25", "01T03:45"]),
        ("0 0 * * 7", ["04T00:00", "11T00:00", "18T00:00"]),
        ("0 0 * * 0", ["04T00:00", "11T00:00", "18T00:00"]),
        ("0 0 * * sun", ["04T00:00", "11T00:00", "18T00:00"]),
        ("0 0 * * FRI-7", ["02T00:00", "03T00:00", "04T00:00"]),
        ("0 0 * * MON-FRI", ["02T00:00", "05T00:00", "06T00:00"]),
        ("0 0 * * 5/1", ["02T00:00", "03T00:00", "09T00:00"]),
        ("0 0 * JAN-MAR 1#2", ["12T00:00", "02-09T00:00", "03-09T00:00"]),
        ("0 0 ? * 5L", ["30T00:00", "02-27T00:00", "03-27T00:00"]),
        ("0 0 L * ?", ["31T00:00", "02-28T00:00", "03-31T00:00"]),
        ("0 0 15,L * *", ["15T00:00", "31T00:00", "02-15T00:00"]),
        // The 31st, 28 February and the 31st, each less three.
        ("0 0 L-3 * *", ["28T00:00", "02-25T00:00", "03-28T00:00"]),
        // 31 January 2026 is a Saturday, 28 February as well, 31 March a Tuesday.
        ("0 0 LW * *", ["30T00:00", "02-27T00:00", "03-31T00:00"]),
        // 15 January is a Thursday, 15 February and March are Sundays.
        ("0 0 15W * *", ["15T00:00", "02-16T00:00", "03-16T00:00"]),
        // The first never moves into the month before: 1 February and March are Sundays, 1 August a Saturday.
        ("0 0 1W 2-3,8 *", ["02-02T00:00", "03-02T00:00", "08-03T00:00"]),
        // Nor the last into the month after: 31 May is a Sunday. September has no 31st.
        ("0 0 31W 5,9,12 *", ["05-29T00:00", "12-31T00:00"]),
        ("0 0 13 * 5", ["02T00:00", "09T00:00", "13T00:00"]),
        ("0 0 */10 * 4", ["01-01T00:00"]),
        ("30 0 1-3 * *", ["01T00:30", "02T00:30", "03T00:30"]),
        ("@weekly", ["04T00:00", "11T00:00", "18T00:00"]),
        ("@HOURLY", ["01T01:00", "01T02:00", "01T03:00"]),
        ("  0\t0  1   2 *  ", ["02-01T00:00"]),
    ])
    func isDue(_ cron: String, _ expected: [String]) throws {
        let whole = expected.map { "2026-" + ($0.contains("-") ? $0 : "01-" + $0) + ":00Z" }
        // Where the first instant itself is expected, the search starts a second before it.
        let start = expected[0] == "01-01T00:00" ? "2025-12-31T23:59:59Z" : "2026-01-01T00:00:00Z"
        #expect(try ticks(cron, "UTC", after: start, expected.count) == whole)
    }

    @Test func aStarWithAStepInOneDayFieldAsksForBoth() throws {
        // Days 1, 11, 21 and 31 that are Thursdays; in 2026 after 1 January the next are 21 May and 11 June.
        let found = try ticks("0 0 */10 * 4", "UTC", after: "2026-01-01T00:00:00Z", 2)
        #expect(found == ["2026-05-21T00:00:00Z", "2026-06-11T00:00:00Z"])
    }

    @Test func secondsStandInFront() throws {
        let found = try ticks("*/25 59 23 31 12 *", "UTC", after: "2026-01-01T00:00:00Z", 4)
        #expect(
            found == [
                "2026-12-31T23:59:00Z", "2026-12-31T23:59:25Z", "2026-12-31T23:59:50Z", "2027-12-31T23:59:00Z",
            ])
    }

    /// Expression and a part of its error.
    @Test(arguments: [
        ("", "0 fields"), ("* * * *", "4 fields"), ("* * * * * * *", "7 fields"), ("@dailly", "@daily"),
        ("60 * * * *", "'60' is no minute: it takes 0 to 59"), ("* 24 * * *", "hour"), ("* * 0 * *", "day of month"),
        ("* * 32 * *", "1 to 31, L, L-3, 15W or LW"), ("* * * 13 *", "JAN to DEC"), ("* * * 0 *", "month"),
        ("* * * * 8", "SUN to SAT"),
        ("*/0 * * * *", "a step is a number from 1 to 59"), ("*/60 * * * *", "1 to 59"), ("*/x * * * *", "step"),
        ("*/ * * * *", "step"), ("*/5/2 * * * *", "step"), ("1,,2 * * * *", "'' is no minute"),
        (",1 * * * *", "minute"),
        ("* * 1,,L * *", "day of month"), ("50-10 * * * *", "upward"), ("* * * * FRI-SUN", "FRI,SUN"),
        ("* * * NOV-FEB *", "upward"), ("-5 * * * *", "minute"), ("+5 * * * *", "'+5' is no minute"),
        ("5- * * * *", "minute"), ("1-2-3 * * * *", "minute"), ("? * * * *", "minute"), ("* * ?,5 * *", "day of month"),
        ("* * ?/2 * *", "day of month"), ("* * * * L", "day of week"), ("* * L-31 * *", "1 to 30"),
        ("* * L-0 * *", "1 to 30"), ("* * 32W * *", "day of month"), ("* * W * *", "day of month"),
        ("* * 1-5W * *", "day of month"), ("* * L-3W * *", "1 to 30"), ("* * * * 1#6", "1 to 5"),
        ("* * * * 1#0", "1 to 5"),
        ("* * * * 1#+2", "1 to 5"),
        ("* * * * 1#", "1 to 5"), ("* * * * #2", "day of week"), ("* * * * 5-6L", "day of week"),
        ("MON * * * *", "minute"), ("* * * MON *", "month"), ("1.5 * * * *", "minute"),
        ("* * * * * 2026", "day of week"),
    ])
    func isRefusedWithItsReason(_ cron: String, _ reason: String) {
        let error = #expect(throws: CronExpression.Invalid.self) { try CronExpression(cron) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func aFifthMondayOfFebruaryWaitsForItsYear() throws {
        // 29 February is a Monday in 2044 and 2072, and then, after 2100 without one, in 2112.
        let found = try ticks("0 0 * 2 1#5", "UTC", after: "2026-01-01T00:00:00Z", 3)
        #expect(found == ["2044-02-29T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"])
    }

    @Test func aDayThatNoMonthHasIsNeverDue() throws {
        #expect(try schedule("0 0 30 2 *", "Europe/London").next(after: 0) == nil)
        #expect(try schedule("0 0 31 2,4,6,9,11 *").next(after: 1_800_000_000) == nil)
        #expect(try ticks("0 0 29 2 *", "UTC", after: "2096-03-01T00:00:00Z", 1) == ["2104-02-29T00:00:00Z"])
    }
}
