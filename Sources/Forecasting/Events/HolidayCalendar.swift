internal import TimeSeries

/// Working days and holidays, as regressors ask for them.
struct HolidayCalendar: Sendable, Codable, Hashable {
    /// Holidays as days since 1970-01-01, ascending, each once.
    private let days: [Int]

    /// A calendar of these holidays; Saturdays and Sundays are not working days either.
    init(_ holidays: [Holiday]) {
        days = Set(holidays.map(\.date.daysSinceEpoch)).sorted()
    }

    /// Whether there is no holiday at all, so that nothing can be learnt from them.
    var isEmpty: Bool { days.isEmpty }

    /// How many holidays lie in a range of days.
    func holidays(in range: Range<Int>) -> Int { firstIndex(range.upperBound) - firstIndex(range.lowerBound) }

    /// How many days from Monday to Friday in a range are no holidays.
    func workingDays(in range: Range<Int>) -> Int {
        var number = 0
        for day in range where isWeekday(day) { number += 1 }
        for day in days[firstIndex(range.lowerBound)..<firstIndex(range.upperBound)] where isWeekday(day) {
            number -= 1
        }
        return number
    }

    private func isWeekday(_ day: Int) -> Bool { CivilDate(daysSinceEpoch: day).weekday < 5 }

    /// The index of the first holiday on or after a day.
    private func firstIndex(_ day: Int) -> Int {
        var low = 0
        var high = days.count
        while low < high {
            let middle = (low + high) / 2
            if days[middle] < day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
