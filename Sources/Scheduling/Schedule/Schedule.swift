/// When a job is due: a timing in a time zone, and what is done about changes of clocks and days off.
///
/// A cron expression whose hour is `*` runs in elapsed time: each instant whose wall clock matches is due, and neither
/// ``gap`` nor ``fold`` touches it. Nor do they touch an interval.
public struct Schedule: Sendable, Hashable {
    /// When it is due, before zone and calendar enter.
    public let timing: Timing
    /// Name of the zone, from the IANA database.
    public let zoneName: String
    /// What becomes of a wall-clock time that a change of clocks skips.
    public let gap: Gap
    /// What becomes of a wall-clock time that comes twice.
    public let fold: Fold
    /// What becomes of a day that is not worked on. Moved to a working day, several ticks at one instant are one.
    public let rule: WorkingCalendar.Rule
    /// The days that are worked on.
    public let calendar: WorkingCalendar?

    let clock: ZoneClock
    /// What is due on the wall clock; `nil` for an interval.
    let pattern: WallClockPattern?

    /// The Gregorian calendar comes round in as many days; what is not due within them never is.
    private static let cycle = 146_097 + 1

    /// A schedule; `nil` where there is no such zone. An interval cannot move to another day.
    public init?(
        timing: Timing, zoneName: String, gap: Gap = .firstAfter, fold: Fold = .first,
        rule: WorkingCalendar.Rule = .run, calendar: WorkingCalendar? = nil
    ) {
        guard let clock = ZoneClock(zoneName: zoneName) else { return nil }
        self.timing = timing
        self.zoneName = zoneName
        self.gap = gap
        self.fold = fold
        self.rule = calendar == nil ? .run : rule
        self.calendar = calendar
        self.clock = clock
        let times: WallClockPattern.Times? =
            switch timing {
            case .cron(let expression): .cron(expression)
            case .at(let local): .once(local)
            case .every: nil
            }
        pattern = times.map { WallClockPattern(times: $0, calendar: calendar, rule: calendar == nil ? .run : rule) }
    }

    /// A cron expression in a zone; `nil` where there is no such zone.
    public init?(cron: CronExpression, zoneName: String, gap: Gap = .firstAfter, fold: Fold = .first) {
        self.init(timing: .cron(cron), zoneName: zoneName, gap: gap, fold: fold)
    }

    /// The first instant after `instant` at which the schedule is due, in seconds since 1970; `nil` where there never is
    /// one, as on 30 February. An instant that ``dayOff(at:)`` skips counts as well.
    public func next(after instant: Int) -> Int? {
        if case .every(let seconds, let offset) = timing {
            return instant - floorModulo(instant - offset, seconds) + seconds
        }
        let start = floorDivide(instant + 1, 86_400)
        for day in start..<(start + Schedule.cycle) where isWorthALook(day) {
            for stretch in clock.stretches(of: day) {
                if let found = first(in: stretch.clipped(from: instant + 1, to: .max)) { return found }
            }
        }
        return nil
    }

    /// How many instants after `start`, up to and with `end`, the schedule is due at.
    ///
    /// - Complexity: O(days between); O(1) for an interval.
    public func count(after start: Int, through end: Int) -> Int {
        guard start < end else { return 0 }
        if case .every(let seconds, let offset) = timing {
            return floorDivide(end - offset, seconds) - floorDivide(start - offset, seconds)
        }
        var total = 0
        for day in floorDivide(start + 1, 86_400)...floorDivide(end, 86_400) {
            total += count(day: day, after: start, through: end)
        }
        return total
    }

    /// The last instants, at most `limit`, after `start`, up to and with `end`, ascending.
    public func latest(_ limit: Int, after start: Int, through end: Int) -> [Int] {
        guard start < end, limit > 0 else { return [] }
        var time = start
        if case .every(let seconds, _) = timing {
            time += max(0, count(after: start, through: end) - limit) * seconds
        } else {
            // Backward a day at a time until there are enough, so that years of seconds cost no more than a day of them.
            var found = 0
            var day = floorDivide(end, 86_400)
            let first = floorDivide(start + 1, 86_400)
            while true {
                found += count(day: day, after: start, through: end)
                if found >= limit || day == first { break }
                day -= 1
            }
            time = max(start, day * 86_400 - 1)
        }
        var instants: [Int] = []
        while let next = next(after: time), next <= end {
            instants.append(next)
            time = next
        }
        return instants.suffix(limit)
    }

    /// The last instant before `instant` that the schedule was due at; `nil` where there was none for 400 days.
    public func previous(before instant: Int) -> Int? {
        // Near first, because counting costs by the day.
        for days in [1, 8, 40, 400] {
            if let found = latest(1, after: instant - 1 - days * 86_400, through: instant - 1).last { return found }
        }
        return nil
    }

    /// Local wall-clock time at an instant, as seconds since 1970-01-01 00:00 local.
    public func local(_ instant: Int) -> Int { instant + clock.offset(instant) }

    // MARK: Stretches of one offset

    private func first(in stretch: ZoneClock.Stretch) -> Int? {
        guard let pattern, stretch.start < stretch.end else { return nil }
        if skippedTime(before: stretch) != nil { return stretch.start }
        return pattern.first(in: localTimes(stretch)).map { $0 - stretch.offset }
    }

    private func count(day: Int, after start: Int, through end: Int) -> Int {
        guard let pattern, isWorthALook(day) else { return 0 }
        var total = 0
        for stretch in clock.stretches(of: day).map({ $0.clipped(from: start + 1, to: end + 1) })
        where stretch.start < stretch.end {
            let times = localTimes(stretch)
            total += pattern.count(in: times)
            // Where the first local time after the gap is due as well, the two are one.
            let isFirstDue = !times.isEmpty && pattern.count(in: times.lowerBound..<times.lowerBound + 1) > 0
            if skippedTime(before: stretch) != nil, !isFirstDue { total += 1 }
        }
        return total
    }

    /// The first local time that the gap before a stretch skipped and that fires at the stretch's first instant.
    func skippedTime(before stretch: ZoneClock.Stretch) -> Int? {
        let local = stretch.start + stretch.offset
        guard let pattern, gap == .firstAfter, !pattern.isInElapsedTime, stretch.reached < local else { return nil }
        return pattern.first(in: stretch.reached..<local)
    }

    /// The local times of a stretch that fire: all of them, or of those that come twice only the first or the second.
    private func localTimes(_ stretch: ZoneClock.Stretch) -> Range<Int> {
        let start = stretch.start + stretch.offset
        let end = stretch.end + stretch.offset
        if pattern?.isInElapsedTime == true { return start..<end }
        return switch fold {
        case .first: min(end, max(start, stretch.reached))..<end
        case .second: start..<max(start, min(end, stretch.returnsTo))
        case .both: start..<end
        }
    }

    /// The local days that a day of UTC touches are at most its neighbours; where none is due, the zone is not asked.
    private func isWorthALook(_ day: Int) -> Bool {
        guard let pattern else { return true }
        return (day - 1...day + 1).contains(where: pattern.isDue)
    }
}
