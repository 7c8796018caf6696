/// When a schedule is due, by the fields of a wall clock: `minute hour day-of-month month day-of-week`, with seconds in
/// front where there are six.
///
/// Each field takes `*`, numbers, names (`JAN`, `MON`), ranges `a-b`, steps `/n` and lists `a,b`; Sunday is 0 or 7. The
/// day of month takes `L` (the last day); the day of week takes `5L` (the last Friday) and `1#2` (the second Monday);
/// either takes `?` for `*`. Where both day fields are restricted, a day that meets either is due; where one of them
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
    /// Whether the last day of the month is due.
    let lastDay: Bool
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
        var lastDay = false
        for part in fields[3].split(separator: ",", omittingEmptySubsequences: false) {
            if part == "L" { lastDay = true } else { days |= try CronField.dayOfMonth.values(part) }
        }
        self.days = days
        self.lastDay = lastDay

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
        let dayMatches = days.hasBit(day) || (lastDay && day == daysInMonth)
        let weekdayMatches =
            weekdays.hasBit(weekday) || (lastWeekdays.hasBit(weekday) && day > daysInMonth - 7)
            || nthWeekdays.hasBit(weekday * 5 + (day - 1) / 7)
        return needsBothDays ? dayMatches && weekdayMatches : dayMatches || weekdayMatches
    }
}

extension UInt64 {
    func hasBit(_ place: Int) -> Bool { self >> UInt64(place) & 1 == 1 }
}
