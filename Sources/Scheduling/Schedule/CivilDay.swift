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

    /// The local time that a text such as `2026-12-01T06:00` names, in seconds since 1970-01-01 00:00; seconds may
    /// follow, and a blank may stand for the `T`. `nil` where there is no such day or time.
    static func localTime(_ text: String) -> Int? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map(CronField.digits)
        let time = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(CronField.digits)
        guard date.count == 3, parts[0].utf8.count == 10, let year = date[0], let month = date[1], let day = date[2],
            (1...12).contains(month), let seconds = timeOfDay(time)
        else { return nil }
        let found = first(year: year, month: month) + day - 1
        guard day >= 1, found < first(year: year, month: month + 1) else { return nil }
        return found * 86_400 + seconds
    }

    /// The seconds since midnight that a text such as `06:00` or `06:00:30` names; `nil` where there is no such time.
    static func timeOfDay(_ text: String) -> Int? {
        timeOfDay(text.split(separator: ":", omittingEmptySubsequences: false).map(CronField.digits))
    }

    private static func timeOfDay(_ parts: [Int?]) -> Int? {
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
            let second = parts.count == 3 ? parts[2] : 0,
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// A local time as `2026-12-01 06:00`, with its seconds where it has any.
    static func text(_ local: Int) -> String {
        let time = floorModulo(local, 86_400)
        return text(day: floorDivide(local, 86_400)) + " " + clock(time)
    }

    /// A day as `2026-12-01`.
    static func text(day: Int) -> String {
        let date = date(day)
        return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
    }

    /// Seconds since midnight as `06:00`, with the seconds where there are any.
    static func clock(_ time: Int) -> String {
        let minutes = "\(padded(time / 3600)):\(padded(time / 60 % 60))"
        return time % 60 == 0 ? minutes : "\(minutes):\(padded(time % 60))"
    }

    private static func padded(_ number: Int, _ digits: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The day of the week from Sunday, 0 to 6.
    static func weekday(_ day: Int) -> Int { floorModulo(day + 4, 7) }
}

/// Rounded toward minus infinity.
func floorDivide(_ value: Int, _ by: Int) -> Int { value >= 0 ? value / by : -((-value + by - 1) / by) }

/// What ``floorDivide(_:_:)`` leaves, 0 or more.
func floorModulo(_ value: Int, _ by: Int) -> Int { value - floorDivide(value, by) * by }
