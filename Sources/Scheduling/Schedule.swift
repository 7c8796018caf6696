internal import Foundation

/// A cron expression in a time zone.
///
/// A wall-clock time that a change of clocks skips fires once, at the first instant after the gap; one that comes twice
/// fires at the first of the two. An expression whose hour is `*` runs in elapsed time and is touched by neither.
public struct Schedule: Sendable, Hashable {
    /// The expression.
    public let cron: CronExpression
    /// Name of the zone, from the IANA database.
    public let zoneName: String
    private let zone: TimeZone

    /// A schedule; `nil` where there is no such zone.
    public init?(cron: CronExpression, zoneName: String) {
        guard let zone = TimeZone(identifier: zoneName) else { return nil }
        self.cron = cron
        self.zoneName = zoneName
        self.zone = zone
    }

    /// The first instant after `instant` at which the schedule is due, in seconds since 1970; `nil` where there is none
    /// within nine years (30 February).
    public func next(after instant: Int) -> Int? {
        cron.anyHour ? nextElapsed(after: instant) : nextLocal(after: instant)
    }

    /// Local wall-clock time at an instant, as seconds since 1970-01-01 00:00 local.
    public func local(_ instant: Int) -> Int { instant + offset(instant) }

    private func offset(_ instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }

    private func isDue(day: Int) -> Bool {
        let (year, month, dayOfMonth) = civil(day)
        let nextMonth = month == 12 ? days(year + 1, 1) : days(year, month + 1)
        return cron.isDue(
            month: month, day: dayOfMonth, weekday: ((day + 4) % 7 + 7) % 7,
            daysInMonth: nextMonth - days(year, month))
    }

    private func nextLocal(after instant: Int) -> Int? {
        // A day earlier, because a gap may have moved yesterday's last time into today.
        let first = floorDivide(local(instant), 86_400) - 1
        for day in first..<(first + 9 * 366) where isDue(day: day) {
            for hour in cron.hours {
                for minute in cron.minutes {
                    for second in cron.seconds {
                        let due = resolve(day * 86_400 + hour * 3600 + minute * 60 + second)
                        if due > instant { return due }
                    }
                }
            }
        }
        return nil
    }

    /// The instant of a local time: the first of two, or the first after the gap it lies in.
    private func resolve(_ local: Int) -> Int {
        let before = offset(local - 86_400)
        let after = offset(local + 86_400)
        for candidate in [local - max(before, after), local - min(before, after)]
        where candidate + offset(candidate) == local {
            return candidate
        }
        // In a gap: the change of clocks itself, found by halving.
        var low = local - 86_400
        var high = local + 86_400
        let start = offset(low)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(middle) == start { low = middle } else { high = middle }
        }
        return high
    }

    private func nextElapsed(after instant: Int) -> Int? {
        var time = instant + 1
        let limit = instant + 9 * 366 * 86_400
        while time < limit {
            let local = local(time)
            let day = floorDivide(local, 86_400)
            if !isDue(day: day) {
                // An hour at a time, because a change of clocks may move midnight.
                time += 3600 - floorModulo(local, 3600)
                continue
            }
            let hour = local - floorModulo(local, 3600)
            for minute in cron.minutes {
                for second in cron.seconds where hour + minute * 60 + second >= local {
                    let due = time + hour + minute * 60 + second - local
                    if offset(due) == offset(time) { return due }
                }
            }
            time += 3600 - floorModulo(local, 3600)
        }
        return nil
    }

    // Civil dates by Howard Hinnant's algorithm, "chrono-Compatible Low-Level Date Algorithms".
    private func civil(_ day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }

    private func days(_ year: Int, _ month: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private func floorDivide(_ value: Int, _ by: Int) -> Int { value >= 0 ? value / by : -((-value + by - 1) / by) }
    private func floorModulo(_ value: Int, _ by: Int) -> Int { value - floorDivide(value, by) * by }
}
