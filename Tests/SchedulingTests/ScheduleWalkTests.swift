import Foundation
import Scheduling
import Testing

/// `Schedule` against a walk over every minute, which knows nothing of its parser, its calendar or its jumps.
@Suite struct ScheduleWalkTests {
    /// Zone and the first day of a window around a change of clocks.
    @Test(arguments: [
        ("Europe/London", "2026-03-20"), ("Europe/London", "2026-10-15"), ("America/New_York", "2026-02-27"),
        ("America/New_York", "2026-10-25"), ("Asia/Seoul", "1987-05-01"), ("Asia/Seoul", "1987-10-01"),
        ("Australia/Lord_Howe", "2026-03-25"), ("Australia/Lord_Howe", "2026-09-25"), ("Pacific/Apia", "2011-12-20"),
        ("Pacific/Apia", "2012-03-28"), ("Africa/Casablanca", "2026-02-08"), ("Africa/Casablanca", "2026-03-15"),
        ("America/St_Johns", "2006-10-20"), ("America/St_Johns", "2006-03-25"), ("America/Sao_Paulo", "2018-10-28"),
        ("Asia/Kathmandu", "1985-12-25"), ("Pacific/Kwajalein", "1993-08-15"), ("UTC", "2028-02-20"),
    ])
    func findsTheSameInstantsAsAWalk(_ zoneName: String, _ day: String) throws {
        let window = try Window(zoneName, from: try instant(day + "T00:00:00Z"), days: 20)
        var random = SplitMix(state: UInt64(window.start))
        for _ in 0..<40 {
            let example = Example(&random)
            let rules = try Rules(&random, window)
            let schedule = try #require(
                Schedule(
                    timing: .cron(try CronExpression(example.cron)), zoneName: zoneName, gap: rules.gap,
                    fold: rules.fold, rule: rules.rule,
                    calendar: try WorkingCalendar(holidays: rules.holidays)))
            let expected = window.walk(example, rules)
            var found: [Int] = []
            var time = window.start
            while let next = schedule.next(after: time), next <= window.end {
                found.append(next)
                time = next
            }
            #expect(found == expected, "\(example.cron) in \(zoneName), \(rules)")
            #expect(
                schedule.count(after: window.start, through: window.end) == expected.count,
                "\(example.cron), \(rules)")
            #expect(
                schedule.latest(7, after: window.start, through: window.end) == expected.suffix(7),
                "\(example.cron), \(rules)")
            // Nor does it matter where one starts to look.
            if let some = expected.randomElement(using: &random) {
                let start = some - Int.random(in: 0...7200, using: &random)
                #expect(
                    schedule.next(after: max(start, window.start)) == expected.first { $0 > max(start, window.start) })
                if let before = expected.last(where: { $0 < some }) {
                    #expect(schedule.previous(before: some) == before, "\(example.cron), \(rules)")
                }
                #expect(schedule.count(after: some, through: window.end) == expected.count { $0 > some })
            }
        }
    }

    @Test func yearsOfSecondsAreCountedByTheDay() throws {
        let schedule = try schedule("* * * * * *", "Europe/London")
        let start = try instant("2020-01-01T00:00:00Z")
        let end = try instant("2026-01-01T00:00:00Z")
        #expect(schedule.count(after: start, through: end) == end - start)
        #expect(schedule.latest(3, after: start, through: end) == [end - 2, end - 1, end])
        #expect(schedule.next(after: end) == end + 1)
    }
}

/// A random expression, with the sets it stands for.
private struct Example {
    let cron: String
    let minutes: Set<Int>
    let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    let weekdays: Set<Int>
    let anyHour: Bool
    let bothDays: Bool

    init(_ random: inout SplitMix) {
        func pick(_ range: ClosedRange<Int>, most: Int, chanceOfAll: Double) -> (Set<Int>, String) {
            if Double.random(in: 0..<1, using: &random) < chanceOfAll { return (Set(range), "*") }
            let set = Set(
                (0..<Int.random(in: 1...most, using: &random)).map { _ in Int.random(in: range, using: &random) })
            return (set, set.sorted().map(String.init).joined(separator: ","))
        }
        let minute = pick(0...59, most: 4, chanceOfAll: 0.1)
        let hour = pick(0...23, most: 6, chanceOfAll: 0.3)
        let day = pick(1...31, most: 12, chanceOfAll: 0.5)
        let month = pick(1...12, most: 9, chanceOfAll: 0.7)
        let weekday = pick(0...6, most: 4, chanceOfAll: 0.5)
        (minutes, hours, days, months, weekdays) = (minute.0, hour.0, day.0, month.0, weekday.0)
        anyHour = hour.1 == "*"
        bothDays = day.1 == "*" || weekday.1 == "*"
        cron = [minute.1, hour.1, day.1, month.1, weekday.1].joined(separator: " ")
    }

    func matches(_ parts: DateComponents) -> Bool {
        let day = days.contains(parts.day ?? 0)
        let weekday = weekdays.contains((parts.weekday ?? 0) - 1)
        return minutes.contains(parts.minute ?? -1) && hours.contains(parts.hour ?? -1)
            && months.contains(parts.month ?? 0) && (bothDays ? day && weekday : day || weekday)
    }
}

/// Some days of a zone, minute by minute.
private struct Window {
    let start: Int
    let end: Int
    /// Local time of each minute after `start`, as seconds since 1970 local.
    private let locals: [Int]
    /// What the wall clock shows at each local minute from `firstLocal` on.
    private let shown: [DateComponents]
    private let firstLocal: Int

    init(_ zoneName: String, from start: Int, days: Int) throws {
        let zone = try #require(TimeZone(identifier: zoneName))
        self.start = start
        end = start + days * 86_400
        let locals = stride(from: start, through: end, by: 60).map {
            $0 + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0)))
        }
        self.locals = locals
        // Twenty days more at either end, so that days off can be looked past.
        let first = try #require(locals.min()) - 20 * 86_400
        let last = try #require(locals.max()) + 20 * 86_400
        firstLocal = first
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        shown = stride(from: first, through: last, by: 60).map {
            calendar.dateComponents(
                [.month, .day, .hour, .minute, .weekday], from: Date(timeIntervalSince1970: Double($0)))
        }
    }

    /// Every instant after the start that is due: in elapsed time each that matches; else each at which the wall clock
    /// reaches, or jumps over, a time that matches, and of times that it shows twice the one the rule says.
    func walk(_ example: Example, _ rules: Rules) -> [Int] {
        var found: [Int] = []
        var reached = locals[0]
        var last: [Int: Int] = [:]
        for (place, local) in locals.enumerated() { last[local] = place }
        for (place, local) in locals.enumerated().dropFirst() {
            var news: [Int] = []
            let isAgain = local <= reached
            let comesAgain = last[local] != place
            if example.anyHour || rules.fold == .both || !(rules.fold == .first ? isAgain : comesAgain) {
                news.append(local)
            }
            if !example.anyHour, rules.gap == .firstAfter, local > reached + 60 {
                news += stride(from: reached + 60, to: local, by: 60)
            }
            if news.contains(where: { isDue(example, rules, at: $0) }) { found.append(start + place * 60) }
            reached = max(reached, local)
        }
        return found
    }

    /// Whether a local time is due: that of its day, or of a day off whose next or last working day it is.
    private func isDue(_ example: Example, _ rules: Rules, at local: Int) -> Bool {
        let step = rules.rule == .nextWorkingDay ? -86_400 : 86_400
        guard rules.rule == .nextWorkingDay || rules.rule == .previousWorkingDay else {
            return example.matches(clock(local))
        }
        guard !rules.isOff(clock(local), local) else { return false }
        if example.matches(clock(local)) { return true }
        var other = local + step
        while rules.isOff(clock(other), other) {
            if example.matches(clock(other)) { return true }
            other += step
        }
        return false
    }

    private func clock(_ local: Int) -> DateComponents { shown[(local - firstLocal) / 60] }
}

/// What is done about changes of clocks and days off, at random.
private struct Rules: CustomStringConvertible {
    let gap: Schedule.Gap
    let fold: Schedule.Fold
    let rule: WorkingCalendar.Rule
    /// Three weekdays in the window, by days since 1970.
    var holidays: [Int: String] = [:]

    init(_ random: inout SplitMix, _ window: Window) throws {
        gap = try #require(Schedule.Gap.allCases.randomElement(using: &random))
        fold = try #require(Schedule.Fold.allCases.randomElement(using: &random))
        rule = try #require(WorkingCalendar.Rule.allCases.randomElement(using: &random))
        for _ in 0..<3 { holidays[window.start / 86_400 + Int.random(in: 0..<20, using: &random)] = "a feast" }
    }

    func isOff(_ parts: DateComponents, _ local: Int) -> Bool {
        parts.weekday == 1 || parts.weekday == 7 || holidays[local / 86_400] != nil
    }

    var description: String { "gap \(gap), fold \(fold), \(rule), \(holidays.keys.sorted())" }
}

/// A small generator with a seed, so that a failure comes again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
