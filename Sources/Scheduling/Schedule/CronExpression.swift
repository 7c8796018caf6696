/// When a schedule is due, by the fields of a wall clock: `minute hour day-of-month month day-of-week`, with seconds in
/// front where there are six.
///
/// Each field takes `*`, numbers, names (`JAN`, `MON`), ranges `a-b`, steps `/n` and lists `a,b`; Sunday is 0 or 7. The
/// day of month takes `L` (the last day), `L-3` (the third before it), `15W` (the working day nearest to the 15th, Monday
/// to Friday, in the same month) and `LW` (the last working day); the day of week takes `5L` (the last Friday) and `1#2`
/// (the second Monday); either takes `?` for `*`. Where both day fields are restricted, a day that meets either is due; where one of them
/// begins with `*`, a day must meet both, as in Vixie cron. `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` are
/// short for what they say.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// Why an expression is wrong: which field, what was found, what is allowed.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// One sentence.
        public var description: String
    }

    /// As it was written.
    public let description: String
    /// Each field as a set of bits: bit `n` is set where the value `n` is due.
    let seconds: UInt64
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    /// From Sunday, bit 0, to Saturday, bit 6.
    let weekdays: UInt64
    /// Bit `n`: the day `n` before the last of the month is due.
    let daysBeforeLast: UInt64
    /// Bit `n`: the Monday to Friday nearest to day `n` is due; bit 0: the last one of the month.
    let nearestWeekdays: UInt64
    /// Weekdays whose last one in the month is due.
    let lastWeekdays: UInt64
    /// Bit `weekday * 5 + n - 1`: the `n`th such weekday of the month is due.
    let nthWeekdays: UInt64
    /// Whether a day must meet both day fields, because one of them begins with `*`.
    let needsBothDays: Bool
    /// Whether the hour is `*`: such a schedule runs in elapsed time, untouched by daylight saving.
    let anyHour: Bool

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads an expression.
    public init(_ text: String) throws(Invalid) {
        description = text
        var fields = try CronExpression.fields(of: text)
        if fields.count == 5 { fields.insert("0", at: 0) }
        for place in [3, 5] where fields[place] == "?" { fields[place] = "*" }
        seconds = try CronField.second.values(fields[0])
        minutes = try CronField.minute.values(fields[1])
        hours = try CronField.hour.values(fields[2])
        anyHour = fields[2] == "*"
        months = try CronField.month.values(fields[4])

        var days: UInt64 = 0
        var beforeLast: UInt64 = 0
        var nearest: UInt64 = 0
        for part in fields[3].split(separator: ",", omittingEmptySubsequences: false) {
            if part == "L" {
                beforeLast |= 1
            } else if part == "LW" {
                nearest |= 1
            } else if part.hasPrefix("L-") {
                guard let back = CronField.digits(part.dropFirst(2)), (1...30).contains(back) else {
                    throw Invalid(
                        description:
                            "'\(part)' is no day of month: after L- stands how many days before the last, 1 to 30.")
                }
                beforeLast |= 1 << UInt64(back)
            } else if part.count > 1, part.hasSuffix("W") {
                nearest |= 1 << UInt64(try CronField.dayOfMonth.number(part.dropLast()))
            } else {
                days |= try CronField.dayOfMonth.values(part)
            }
        }
        self.days = days
        daysBeforeLast = beforeLast
        nearestWeekdays = nearest

        var plain: UInt64 = 0
        var last: UInt64 = 0
        var nth: UInt64 = 0
        for part in fields[5].split(separator: ",", omittingEmptySubsequences: false) {
            if part.count > 1, part.hasSuffix("L") {
                last |= 1 << UInt64(try CronField.dayOfWeek.number(part.dropLast()) % 7)
            } else if let mark = part.firstIndex(of: "#") {
                guard let which = CronField.digits(part[part.index(after: mark)...]), (1...5).contains(which) else {
                    throw Invalid(
                        description: "'\(part)' is no day of week: after # stands which one of the month, 1 to 5.")
                }
                nth |= 1 << UInt64(try CronField.dayOfWeek.number(part[..<mark]) % 7 * 5 + which - 1)
            } else {
                plain |= try CronField.dayOfWeek.values(part)
            }
        }
        // Sunday is 0 as well as 7.
        weekdays = (plain | plain >> 7) & 0b111_1111
        lastWeekdays = last
        nthWeekdays = nth
        needsBothDays = [fields[3], fields[5]].contains { $0.hasPrefix("*") }
    }

    private static func fields(of text: String) throws(Invalid) -> [Substring] {
        var spelled = text
        if text.hasPrefix("@") {
            guard let meaning = nicknames[text.lowercased()] else {
                let known = nicknames.keys.sorted().joined(separator: ", ")
                throw Invalid(description: "'\(text)' is no schedule; take \(known), or five fields.")
            }
            spelled = meaning
        }
        let fields = Substring(spelled.uppercased()).split(whereSeparator: \.isWhitespace)
        guard fields.count == 5 || fields.count == 6 else {
            throw Invalid(
                description:
                    "'\(text)' has \(fields.count) fields; a cron expression has five (minute hour day month weekday), or six with seconds in front."
            )
        }
        return fields
    }

    /// Whether a day is due: `weekday` counts from Sunday, 0 to 6.
    func isDue(month: Int, day: Int, weekday: Int, daysInMonth: Int) -> Bool {
        guard months.hasBit(month) else { return false }
        let dayMatches =
            days.hasBit(day) || daysBeforeLast.hasBit(daysInMonth - day)
            || (nearestWeekdays != 0 && isNearestWeekday(day: day, weekday: weekday, daysInMonth: daysInMonth))
        let weekdayMatches =
            weekdays.hasBit(weekday) || (lastWeekdays.hasBit(weekday) && day > daysInMonth - 7)
            || nthWeekdays.hasBit(weekday * 5 + (day - 1) / 7)
        return needsBothDays ? dayMatches && weekdayMatches : dayMatches || weekdayMatches
    }

    /// Whether a day is the Monday to Friday nearest to one that is asked for: a Saturday's is the day before, a Sunday's
    /// the day after, but never in another month.
    private func isNearestWeekday(day: Int, weekday: Int, daysInMonth: Int) -> Bool {
        guard (1...5).contains(weekday) else { return false }
        func isAsked(_ other: Int) -> Bool { (1...daysInMonth).contains(other) && nearestWeekdays.hasBit(other) }
        let isLast = day == daysInMonth || (weekday == 5 && day >= daysInMonth - 2)
        return isAsked(day) || (isLast && nearestWeekdays.hasBit(0))
            || (weekday == 1 && isAsked(day - 1)) || (weekday == 5 && isAsked(day + 1))
            // The first is a Saturday, or the last a Sunday.
            || (weekday == 1 && day == 3 && isAsked(1))
            || (weekday == 5 && day == daysInMonth - 2 && isAsked(daysInMonth))
    }
}

extension UInt64 {
    func hasBit(_ place: Int) -> Bool { self >> UInt64(place) & 1 == 1 }
}
