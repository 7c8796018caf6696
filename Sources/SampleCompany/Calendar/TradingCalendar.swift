internal import HolidayCalendars
internal import TimeSeries

/// What each day of a stretch means for trade: weekday, holiday, and how far off Seollal or Chuseok is.
struct TradingCalendar: Sendable {
    /// One day.
    struct Day: Sendable {
        /// The day itself.
        var date: CivilDate
        /// 0 is Monday, 6 is Sunday.
        var weekday: Int
        /// Whether it is a public holiday, on whatever weekday.
        var isHoliday = false
        /// Whether it lies in the days off around Seollal or Chuseok.
        var isFeast = false
        /// Days until the next Seollal or Chuseok days off begin, at most 30 ahead.
        var daysToFeast: Int?
        /// Days since the last Seollal or Chuseok days off ended, at most 7 back; 1 is the first day after.
        var daysSinceFeast: Int?
        /// How far through the year it is, 0 to 1.
        var yearFraction: Double

        /// Whether offices and warehouses work.
        var isWorkingDay: Bool { weekday < 5 && !isHoliday }
    }

    /// The first day.
    let first: CivilDate
    /// Every day from the first on.
    private(set) var days: [Day]

    /// The days from one to another, both included.
    init(from first: CivilDate, through last: CivilDate) {
        self.first = first
        days = (first.daysSinceEpoch...last.daysSinceEpoch).map { number in
            let date = CivilDate(daysSinceEpoch: number)
            let newYear = CivilDate(year: date.components.year, month: 1, day: 1)
            return Day(
                date: date, weekday: date.weekday,
                yearFraction: Double(number - newYear.daysSinceEpoch) / 365.25)
        }
        let holidays = Set(ShippedCalendar.korea.days.map(\.date.daysSinceEpoch))
        for index in days.indices { days[index].isHoliday = holidays.contains(first.daysSinceEpoch + index) }
        func isOff(_ number: Int) -> Bool {
            holidays.contains(number) || CivilDate(daysSinceEpoch: number).weekday >= 5
        }
        for holiday in ShippedCalendar.korea.days
        where holiday.name.split(separator: "·").contains(where: Self.isFeastName) {
            var start = holiday.date.daysSinceEpoch
            while isOff(start - 1) { start -= 1 }
            var end = holiday.date.daysSinceEpoch
            while isOff(end + 1) { end += 1 }
            mark(feast: start...end)
        }
    }

    /// The day at a date inside the stretch.
    subscript(_ date: CivilDate) -> Day { days[date.daysSinceEpoch - first.daysSinceEpoch] }

    private static func isFeastName(_ name: Substring) -> Bool { name == "설날" || name == "추석" }

    private mutating func mark(feast: ClosedRange<Int>) {
        for number in (feast.lowerBound - 30)...(feast.upperBound + 7) {
            let index = number - first.daysSinceEpoch
            guard days.indices.contains(index) else { continue }
            if number < feast.lowerBound {
                days[index].daysToFeast = feast.lowerBound - number
            } else if number <= feast.upperBound {
                days[index].isFeast = true
            } else {
                days[index].daysSinceFeast = number - feast.upperBound
            }
        }
    }
}
