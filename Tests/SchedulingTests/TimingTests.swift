import Scheduling
import Testing

/// Intervals, single instants, days off and jitter.
@Suite struct TimingTests {
    private func job(_ change: (inout JobDefinition) -> Void) -> JobDefinition {
        var job = JobDefinition(name: "job", kind: "test", timeZone: "Asia/Seoul")
        change(&job)
        return job
    }

    /// Days since 1970 of a date.
    private func day(_ date: String) throws -> Int { try instant(date + "T00:00:00Z") / 86_400 }

    @Test func anIntervalIsCountedFromTheEpoch() throws {
        let schedule = try #require(try job { ($0.every, $0.offset) = ("6h", "15m") }.schedule())
        #expect(
            try schedule.ticks(after: "2026-03-01T00:15:00Z", 3) == [
                "2026-03-01T06:15:00Z", "2026-03-01T12:15:00Z", "2026-03-01T18:15:00Z",
            ])
        let start = try instant("2026-03-01T00:15:00Z")
        let end = try instant("2026-04-01T00:14:59Z")
        #expect(schedule.count(after: start, through: end) == 31 * 4 - 1)
        #expect(schedule.latest(2, after: start, through: end) == [end - 12 * 3600 + 1, end - 6 * 3600 + 1])
        #expect(schedule.latest(9, after: start, through: start + 6 * 3600) == [start + 6 * 3600])
        // Before the epoch as well.
        #expect(try schedule.ticks(after: "1969-12-31T12:15:00Z", 1) == ["1969-12-31T18:15:00Z"])
    }

    @Test func aSingleInstantIsDueOnce() throws {
        let schedule = try #require(try job { $0.at = "2026-12-01T06:00" }.schedule())
        #expect(try schedule.ticks(after: "2020-01-01T00:00:00Z", 2) == ["2026-11-30T21:00:00Z"])
        let start = try instant("2020-01-01T00:00:00Z")
        #expect(schedule.count(after: start, through: start * 2) == 1)
        #expect(schedule.next(after: try instant("2026-11-30T21:00:00Z")) == nil)
        // One that a change of clocks skips.
        let skipped = try #require(
            try job { ($0.at, $0.timeZone) = ("2026-03-29 01:30:00", "Europe/London") }.schedule())
        #expect(try skipped.ticks(after: "2026-01-01T00:00:00Z", 2) == ["2026-03-29T01:00:00Z"])
    }

    /// 2026-08-15, Liberation Day, is a Saturday, and Monday the 17th is off instead; 3 October is a Saturday.
    @Test func theFirstWorkingDayOfAMonth() throws {
        let definition = job { job in
            job.cron = "0 6 1 * *"
            (job.calendar, job.onHoliday) = ("KR", .nextWorkingDay)
        }
        let schedule = try #require(
            try definition.schedule(holidays: [
                try day("2026-01-01"): "New Year's Day", try day("2026-05-01"): "Labour Day",
            ]))
        #expect(
            try schedule.ticks(after: "2025-12-31T00:00:00Z", 5) == [
                "2026-01-01T21:00:00Z",  // Friday the 2nd, 06:00 in Seoul
                "2026-02-01T21:00:00Z",  // 1 February is a Sunday
                "2026-03-01T21:00:00Z",  // so is 1 March
                "2026-03-31T21:00:00Z",
                "2026-05-03T21:00:00Z",  // Friday 1 May is off, and the weekend after it
            ])
        #expect(schedule.note(at: try instant("2026-05-03T21:00:00Z")) == "moved from 2026-05-01, Labour Day")
        #expect(schedule.note(at: try instant("2026-03-31T21:00:00Z")) == nil)
    }

    @Test func ticksThatMoveOntoOneInstantAreOne() throws {
        for rule in [WorkingCalendar.Rule.nextWorkingDay, .previousWorkingDay] {
            let schedule = try #require(
                try job { ($0.cron, $0.onHoliday, $0.timeZone) = ("0 6 * * *", rule, "UTC") }.schedule())
            let ticks = try schedule.ticks(after: "2026-08-07T00:00:00Z", 3)
            #expect(ticks == ["2026-08-07T06:00:00Z", "2026-08-10T06:00:00Z", "2026-08-11T06:00:00Z"])
        }
    }

    @Test func aTickOnADayOffIsSkippedWithItsName() throws {
        let definition = job { job in
            job.cron = "0 6 * * *"
            (job.calendar, job.onHoliday, job.timeZone) = ("KR", .skip, "UTC")
        }
        let schedule = try #require(try definition.schedule(holidays: [try day("2026-08-17"): "Liberation Day"]))
        let plan = TickPlanner.decide(
            definition, schedule: schedule, considered: try instant("2026-08-14T00:00:00Z"),
            now: try instant("2026-08-17T12:00:00Z"), pauses: [], open: .init(waiting: 0, begun: 0))
        // The last working day's fires, though later ones are skipped.
        #expect(
            plan.decisions.map(\.skipReason) == [
                nil, "no working day: Saturday", "no working day: Sunday", "no working day: Liberation Day",
            ])
        #expect(schedule.note(at: try instant("2026-08-17T06:00:00Z")) == "skipped: Liberation Day")
    }

    @Test func anIntervalRestsOnDaysOff() throws {
        let schedule = try #require(
            try job { ($0.every, $0.onHoliday, $0.workingDays) = ("12h", .skip, "sun-thu") }.schedule())
        // Friday 12:00 UTC is Friday 21:00 in Seoul; Saturday 12:00 UTC is off there too, Sunday 00:00 UTC is Sunday 09:00.
        #expect(schedule.dayOff(at: try instant("2026-08-14T12:00:00Z")) == "Friday")
        #expect(schedule.dayOff(at: try instant("2026-08-15T12:00:00Z")) == "Saturday")
        #expect(schedule.dayOff(at: try instant("2026-08-16T00:00:00Z")) == nil)
    }

    @Test func aDeadlineIsTheNextSuchTimeInTheJobsZone() throws {
        let definition = job { ($0.cron, $0.timeZone) = ("30 23 * * *", "Europe/London") }
        let schedule = try #require(try definition.schedule())
        // Due at 23:30 in winter; the next 01:30 is skipped by the clocks, and means the first instant after.
        let tick = try instant("2026-03-28T23:30:00Z")
        let condition = JobDefinition.ReadyWhen(deadline: "01:30")
        #expect(condition.deadline(of: tick, schedule) == (try instant("2026-03-29T01:00:00Z")))
        #expect(condition.day(of: tick, schedule) == (try day("2026-03-27")))
        #expect(JobDefinition.ReadyWhen(deadline: "23:45").deadline(of: tick, schedule) == tick + 900)
        #expect(JobDefinition.ReadyWhen(deadline: "23:30").deadline(of: tick, schedule) == tick + 23 * 3600)
        #expect(JobDefinition.ReadyWhen(deadline: "3h").deadline(of: tick, schedule) == tick + 10_800)
        #expect(
            JobDefinition.ReadyWhen(dataThrough: "-3d", deadline: "3h").day(of: tick, schedule)
                == (try day("2026-03-25")))
    }

    @Test func jitterIsAFunctionOfJobAndTick() {
        let delays = (0..<1000).map { Jitter.delay(job: "a", fireAt: 1_800_000_000 + $0 * 86_400, within: 300) }
        #expect(delays.allSatisfy { (0...300).contains($0) })
        #expect(delays == (0..<1000).map { Jitter.delay(job: "a", fireAt: 1_800_000_000 + $0 * 86_400, within: 300) })
        // Spread evenly: of 1000 in six equal parts, the share of each is within five standard deviations of a sixth.
        for part in 0..<6 { #expect(abs(delays.count { $0 / 51 == part } - 169) < 60) }
        #expect(Jitter.delay(job: "a", fireAt: 0, within: 0) == 0)
        let others = (0..<1000).map { Jitter.delay(job: "b", fireAt: 1_800_000_000 + $0 * 86_400, within: 300) }
        #expect(zip(delays, others).count { $0 == $1 } < 30)
    }

    @Test(
        arguments: [
            ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("0s", 0), ("15", nil), ("", nil),
            ("m", nil), ("-5m", nil), ("1.5h", nil), ("5 m", nil), ("99999999999999999999s", nil), ("9999d", nil),
        ] as [(String, Int?)])
    func aLengthOfTimeIsRead(_ text: String, _ seconds: Int?) { #expect(TimeSpan.seconds(text) == seconds) }
}
