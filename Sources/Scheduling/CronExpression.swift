/// When a schedule is due, by the fields of a wall clock: `minute hour day-of-month month day-of-week`, with seconds in
/// front where there are six.
///
/// Each field takes `*`, numbers, names (`JAN`, `MON`), ranges `a-b`, steps `/n` and lists `a,b`. The day of month takes
/// `L` (the last day); the day of week takes `5L` (the last Friday) and `1#2` (the second Monday). Where both day fields
/// are restricted, a day that meets either is due, as in Vixie cron. `@hourly`, `@daily`, `@weekly`, `@monthly` and
/// `@yearly` stand for themselves.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// Why an expression is wrong: which field, what was found, what is allowed.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// One sentence.
        public var description: String
    }

    /// As it was written.
    public let description: String
    let seconds: [Int]
    let minutes: [Int]
    let hours: [Int]
    let days: Set<Int>
    let months: Set<Int>
    let weekdays: Set<Int>
    let lastDay: Bool
    let lastWeekdays: Set<Int>
    let nthWeekdays: Set<Int>
    let anyDay: Bool
    let anyWeekday: Bool
    /// Whether the hour is `*`: such a schedule runs in elapsed time, untouched by daylight saving.
    let anyHour: Bool

    /// Reads an expression.
    public init(_ text: String) throws(Invalid) {
        let nicknames = [
            "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
            "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
        ]
        description = text
        if text.hasPrefix("@") && nicknames[text] == nil {
            throw Invalid(
                description:
                    "'\(text)' is no schedule; take \(nicknames.keys.sorted().joined(separator: ", ")) or five fields.")
        }
        var fields = (nicknames[text] ?? text).split(whereSeparator: { $0 == " " || $0 == "\t" }).map {
            $0.uppercased()
        }
        if fields.count == 5 { fields.insert("0", at: 0) }
        guard fields.count == 6 else {
            throw Invalid(
                description:
                    "'\(text)' has \(fields.count) fields; a cron expression has five (minute hour day month weekday), or six with seconds in front."
            )
        }
        seconds = try Field("second", 0...59).values(fields[0]).sorted()
        minutes = try Field("minute", 0...59).values(fields[1]).sorted()
        hours = try Field("hour", 0...23).values(fields[2]).sorted()
        anyHour = fields[2] == "*"
        months = try Field("month", 1...12, names: Field.months).values(fields[4])
        lastDay = fields[3].split(separator: ",").contains("L")
        let plainDays = fields[3].split(separator: ",").filter { $0 != "L" }.joined(separator: ",")
        days = plainDays.isEmpty ? [] : try Field("day of month", 1...31).values(plainDays)
        anyDay = fields[3].hasPrefix("*") || fields[3] == "?"

        let weekday = Field("day of week", 0...7, names: Field.weekdays)
        var plain: [Substring] = []
        var last: Set<Int> = []
        var nth: Set<Int> = []
        for part in fields[5].split(separator: ",", omittingEmptySubsequences: false) {
            if part.hasSuffix("L"), part.count > 1 {
                last.insert(try weekday.number(part.dropLast()) % 7)
            } else if let mark = part.firstIndex(of: "#") {
                guard let which = Int(part[part.index(after: mark)...]), (1...5).contains(which) else {
                    throw Invalid(description: "'\(part)': after # stands which one of the month, 1 to 5.")
                }
                nth.insert(try weekday.number(part[..<mark]) % 7 * 10 + which)
            } else {
                plain.append(part)
            }
        }
        weekdays = plain.isEmpty ? [] : Set(try weekday.values(plain.joined(separator: ",")).map { $0 % 7 })
        lastWeekdays = last
        nthWeekdays = nth
        anyWeekday = fields[5].hasPrefix("*") || fields[5] == "?"
    }

    /// Whether a day is due: `weekday` counts from Sunday, 0 to 6.
    func isDue(month: Int, day: Int, weekday: Int, daysInMonth: Int) -> Bool {
        guard months.contains(month) else { return false }
        let dayMatches = days.contains(day) || (lastDay && day == daysInMonth)
        let weekdayMatches =
            weekdays.contains(weekday) || (lastWeekdays.contains(weekday) && day > daysInMonth - 7)
            || nthWeekdays.contains(weekday * 10 + (day + 6) / 7)
        if anyDay || anyWeekday { return dayMatches && weekdayMatches }
        return dayMatches || weekdayMatches
    }
}

/// One field of a cron expression.
private struct Field {
    static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    static let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    var name: String
    var range: ClosedRange<Int>
    var names: [String]

    init(_ name: String, _ range: ClosedRange<Int>, names: [String] = []) {
        self.name = name
        self.range = range
        self.names = names
    }

    func values(_ text: String) throws(CronExpression.Invalid) -> Set<Int> {
        var result: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            var step = 1
            if pieces.count == 2 {
                guard let number = Int(pieces[1]), number > 0 else { throw invalid(part, "a step is a number above 0") }
                step = number
            }
            let span: ClosedRange<Int>
            if pieces[0] == "*" || pieces[0] == "?" {
                span = range
            } else {
                let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                let lower = try number(ends[0])
                let upper = ends.count == 2 ? try number(ends[1]) : pieces.count == 2 ? range.upperBound : lower
                guard lower <= upper else { throw invalid(part, "a range goes upward") }
                span = lower...upper
            }
            result.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return result
    }

    func number(_ text: Substring) throws(CronExpression.Invalid) -> Int {
        if let place = names.firstIndex(of: String(text)) { return place + (range.lowerBound == 1 ? 1 : 0) }
        guard let number = Int(text), range.contains(number) else {
            let choices = names.isEmpty ? "" : " or \(names[0]) to \(names[names.count - 1])"
            throw invalid(text, "it takes \(range.lowerBound) to \(range.upperBound)\(choices)")
        }
        return number
    }

    private func invalid(_ found: Substring, _ reason: String) -> CronExpression.Invalid {
        CronExpression.Invalid(description: "'\(found)' is no \(name): \(reason).")
    }
}
