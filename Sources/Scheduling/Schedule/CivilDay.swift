/// Civil dates as days since 1970-01-01, by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
enum CivilDay {
    /// Year, month and day of a day.
    static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }

    /// The first day of a month; month 13 is January of the next year.
    static func first(year: Int, month: Int) -> Int {
        let (year, month) = month == 13 ? (year + 1, 1) : (year, month)
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week from Sunday, 0 to 6.
    static func weekday(_ day: Int) -> Int { floorModulo(day + 4, 7) }
}

/// Rounded toward minus infinity.
func floorDivide(_ value: Int, _ by: Int) -> Int { value >= 0 ? value / by : -((-value + by - 1) / by) }

/// What ``floorDivide(_:_:)`` leaves, 0 or more.
func floorModulo(_ value: Int, _ by: Int) -> Int { value - floorDivide(value, by) * by }
