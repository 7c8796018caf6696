/// Which days are worked on.
public struct WorkingCalendar: Sendable, Hashable {
    /// What a schedule does about a day that is not worked on.
    public enum Rule: String, Sendable, Codable, CaseIterable {
        /// It is due all the same.
        case run
        /// The tick is skipped.
        case skip
        /// It is due on the next day that is worked on, at the same time of day.
        case nextWorkingDay = "next_working_day"
        /// It is due on the last day before it that is worked on, at the same time of day.
        case previousWorkingDay = "previous_working_day"
    }

    /// Days of the week that are worked on: bit 0 is Sunday.
    let weekdays: UInt64
    /// Names of the days off beside those, by days since 1970-01-01.
    let holidays: [Int: String]

    /// More days off in a row than any calendar has.
    private static let longest = 366
    private static let weekdayNames = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// A calendar; `weekdays` is written as in cron, such as `MON-FRI` or `SUN-THU`.
    public init(weekdays: String = "MON-FRI", holidays: [Int: String] = [:]) throws(CronExpression.Invalid) {
        var bits = try CronField.dayOfWeek.values(Substring(weekdays.uppercased()))
        bits = (bits | bits >> 7) & 0b111_1111
        self.weekdays = bits
        self.holidays = holidays
    }

    /// Why a day is not worked on: the holiday's name, or that of the day of the week; `nil` where it is.
    func dayOff(_ day: Int) -> String? {
        if let name = holidays[day] { return name }
        let weekday = CivilDay.weekday(day)
        return weekdays.hasBit(weekday) ? nil : WorkingCalendar.weekdayNames[weekday]
    }

    /// The days off that lie directly before a day (`step` -1) or after it (1), the nearest first.
    func daysOff(beside day: Int, step: Int) -> some Sequence<Int> {
        (1...WorkingCalendar.longest).lazy.map { day + $0 * step }.prefix { dayOff($0) != nil }
    }
}
