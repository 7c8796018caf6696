import Scheduling
import Testing

/// Expected instants worked out by hand from the IANA time zone database (2025b): rules ROK 1987–88, LH 2008 on, WS 2011,
/// Morocco 2026, StJohns 1987–2011, Brazil 2018.
@Suite struct DaylightSavingTests {
    /// Zone, expression, where to start, and the next instants.
    struct Case: CustomTestStringConvertible {
        var zone: String
        var cron: String
        var after: String
        var expected: [String]
        var testDescription: String { "\(zone) \(cron) after \(after)" }
    }

    private static let gaps = [
        // 2026-03-29 01:00 GMT is 02:00 BST.
        Case(
            zone: "Europe/London", cron: "30 1 * * *", after: "2026-03-28T02:00:00Z",
            expected: ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        // Both skipped times are one tick.
        Case(
            zone: "Europe/London", cron: "*/30 1 * * *", after: "2026-03-28T02:00:00Z",
            expected: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"]),
        // So are a skipped one and one at the end of the gap.
        Case(
            zone: "Europe/London", cron: "0 1,2 * * *", after: "2026-03-28T02:00:00Z",
            expected: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),
        Case(
            zone: "America/New_York", cron: "30 2 * * *", after: "2026-03-07T08:00:00Z",
            expected: ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1987-05-09T00:00:00Z",
            expected: ["1987-05-09T17:00:00Z", "1987-05-10T16:30:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1988-05-07T00:00:00Z",
            expected: ["1988-05-07T17:00:00Z", "1988-05-08T16:30:00Z"]),
        // Half an hour: 02:00 is 02:30.
        Case(
            zone: "Australia/Lord_Howe", cron: "15,45 2 * * *", after: "2026-10-03T00:00:00Z",
            expected: ["2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"]),
        // A whole day: 2011-12-30 never was.
        Case(
            zone: "Pacific/Apia", cron: "0 2 * * *", after: "2011-12-28T20:00:00Z",
            expected: ["2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T12:00:00Z"]),
        Case(
            zone: "Pacific/Apia", cron: "0 2 30 12 *", after: "2011-12-01T00:00:00Z",
            expected: ["2011-12-30T10:00:00Z", "2012-12-29T12:00:00Z"]),
        // The end of Ramadan.
        Case(
            zone: "Africa/Casablanca", cron: "30 2 * * *", after: "2026-03-21T12:00:00Z",
            expected: ["2026-03-22T02:00:00Z", "2026-03-23T01:30:00Z"]),
        // Midnight itself is skipped.
        Case(
            zone: "America/Sao_Paulo", cron: "0 0 * * *", after: "2018-11-03T12:00:00Z",
            expected: ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"]),
    ]

    private static let folds = [
        Case(
            zone: "Europe/London", cron: "30 1 * * *", after: "2026-10-24T12:00:00Z",
            expected: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        // Asked between the first and the second.
        Case(
            zone: "Europe/London", cron: "30 1 * * *", after: "2026-10-25T01:10:00Z", expected: ["2026-10-26T01:30:00Z"]
        ),
        Case(
            zone: "America/New_York", cron: "30 1 * * *", after: "2026-10-31T12:00:00Z",
            expected: ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1987-10-10T00:00:00Z",
            expected: ["1987-10-10T16:30:00Z", "1987-10-11T17:30:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1988-10-08T00:00:00Z",
            expected: ["1988-10-08T16:30:00Z", "1988-10-09T17:30:00Z"]),
        Case(
            zone: "Australia/Lord_Howe", cron: "45 1 * * *", after: "2026-04-04T00:00:00Z",
            expected: ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]),
        Case(
            zone: "Africa/Casablanca", cron: "30 2 * * *", after: "2026-02-14T12:00:00Z",
            expected: ["2026-02-15T01:30:00Z", "2026-02-16T02:30:00Z"]),
        // At one minute past midnight back into the day before.
        Case(
            zone: "America/St_Johns", cron: "30 23 * * *", after: "2006-10-28T12:00:00Z",
            expected: ["2006-10-29T02:00:00Z", "2006-10-30T03:00:00Z"]),
        Case(
            zone: "America/St_Johns", cron: "0 0 * * *", after: "2006-10-28T12:00:00Z",
            expected: ["2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"]),
    ]

    private static let elapsed = [
        Case(
            zone: "Europe/London", cron: "30 * * * *", after: "2026-03-29T00:00:00Z",
            expected: ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"]),
        Case(
            zone: "Europe/London", cron: "30 * * * *", after: "2026-10-25T00:00:00Z",
            expected: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]),
        Case(
            zone: "America/St_Johns", cron: "30 * * * *", after: "2006-10-29T01:30:00Z",
            expected: ["2006-10-29T02:00:00Z", "2006-10-29T03:00:00Z", "2006-10-29T04:00:00Z"]),
        // A day that is due, in a zone that skips it: no instant of it ever was.
        Case(
            zone: "Pacific/Apia", cron: "0 * 30 12 *", after: "2011-12-01T00:00:00Z",
            expected: ["2012-12-29T10:00:00Z"]),
        // A shift of half an hour moves the wall clock's minutes, and the ticks with them.
        Case(
            zone: "Australia/Lord_Howe", cron: "45 * * * *", after: "2026-04-04T14:30:00Z",
            expected: ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z"]),
    ]

    private static let gapsSkipped = [
        Case(
            zone: "Europe/London", cron: "30 1 * * *", after: "2026-03-28T02:00:00Z",
            expected: ["2026-03-30T00:30:00Z"]),
        Case(
            zone: "America/New_York", cron: "30 2 * * *", after: "2026-03-07T08:00:00Z",
            expected: ["2026-03-09T06:30:00Z"]),
        // The end of the gap is a time that was.
        Case(
            zone: "Europe/London", cron: "0 1,2 * * *", after: "2026-03-28T03:00:00Z",
            expected: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),
        Case(
            zone: "Australia/Lord_Howe", cron: "15,45 2 * * *", after: "2026-10-03T00:00:00Z",
            expected: ["2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"]),
        Case(
            zone: "Pacific/Apia", cron: "0 2 * * *", after: "2011-12-28T20:00:00Z",
            expected: ["2011-12-29T12:00:00Z", "2011-12-30T12:00:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1988-05-07T00:00:00Z",
            expected: ["1988-05-08T16:30:00Z"]),
        Case(
            zone: "America/Sao_Paulo", cron: "0 0 * * *", after: "2018-11-03T12:00:00Z",
            expected: ["2018-11-05T02:00:00Z"]),
    ]

    private static let foldsSecond = [
        Case(
            zone: "Europe/London", cron: "30 1 * * *", after: "2026-10-24T12:00:00Z",
            expected: ["2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]),
        Case(
            zone: "America/New_York", cron: "30 1 * * *", after: "2026-10-31T12:00:00Z",
            expected: ["2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"]),
        Case(
            zone: "Asia/Seoul", cron: "30 2 * * *", after: "1987-10-10T00:00:00Z",
            expected: ["1987-10-10T17:30:00Z", "1987-10-11T17:30:00Z"]),
        Case(
            zone: "Australia/Lord_Howe", cron: "45 1 * * *", after: "2026-04-04T00:00:00Z",
            expected: ["2026-04-04T15:15:00Z", "2026-04-05T15:15:00Z"]),
        Case(
            zone: "Africa/Casablanca", cron: "30 2 * * *", after: "2026-02-14T12:00:00Z",
            expected: ["2026-02-15T02:30:00Z", "2026-02-16T02:30:00Z"]),
        // At one minute past midnight back into the day before.
        Case(
            zone: "America/St_Johns", cron: "30 23 * * *", after: "2006-10-28T12:00:00Z",
            expected: ["2006-10-29T03:00:00Z", "2006-10-30T03:00:00Z"]),
    ]

    @Test(arguments: gapsSkipped) func aSkippedTimeMayBeLeftOut(_ example: Case) throws {
        let schedule = try schedule(example.cron, example.zone, gap: .skip)
        #expect(try schedule.ticks(after: example.after, example.expected.count) == example.expected)
    }

    @Test(arguments: foldsSecond) func aTimeThatComesTwiceMayFireAtTheSecondOrAtBoth(_ example: Case) throws {
        let second = try schedule(example.cron, example.zone, fold: .second)
        #expect(try second.ticks(after: example.after, example.expected.count) == example.expected)
        #expect(second.note(at: try instant(example.expected[0])) == "the second of two")
        let first = try schedule(example.cron, example.zone).ticks(after: example.after, 1)
        let both = try schedule(example.cron, example.zone, fold: .both)
        #expect(try both.ticks(after: example.after, example.expected.count + 1) == first + example.expected)
        #expect(both.note(at: try instant(first[0])) == "the first of two")
    }

    @Test(arguments: elapsed) func elapsedTimeKnowsNeitherGapNorFold(_ example: Case) throws {
        for fold in Schedule.Fold.allCases {
            let schedule = try schedule(example.cron, example.zone, gap: .skip, fold: fold)
            #expect(try schedule.ticks(after: example.after, example.expected.count) == example.expected)
        }
    }

    @Test func aMovedTimeSaysWhichOneWasSkipped() throws {
        let schedule = try schedule("30 1 * * *", "Europe/London")
        #expect(schedule.note(at: try instant("2026-03-29T01:00:00Z")) == "the clocks skip 01:30")
        #expect(schedule.note(at: try instant("2026-03-30T00:30:00Z")) == nil)
    }

    @Test(arguments: gaps) func aSkippedTimeFiresOnceAtTheFirstInstantAfterTheGap(_ example: Case) throws {
        try check(example)
    }

    @Test(arguments: folds) func aTimeThatComesTwiceFiresAtTheFirst(_ example: Case) throws { try check(example) }

    @Test(arguments: elapsed) func anHourOfStarRunsInElapsedTime(_ example: Case) throws { try check(example) }

    private func check(_ example: Case) throws {
        let found = try ticks(example.cron, example.zone, after: example.after, example.expected.count)
        #expect(found == example.expected)
    }

    @Test func aZoneThatIsNotThereIsRefused() throws {
        let cron = try CronExpression("* * * * *")
        #expect(Schedule(cron: cron, zoneName: "Mars/Base") == nil)
        #expect(Schedule(cron: cron, zoneName: "") == nil)
        #expect(Schedule(cron: cron, zoneName: "Asia/Seoul") != nil)
    }
}
