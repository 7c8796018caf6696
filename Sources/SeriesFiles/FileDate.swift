internal import TimeSeries

/// A `ds` as it stands in a file: a day, and an hour where the file gives times.
struct FileDate: Sendable, Hashable {
    var day: CivilDate
    var hour = 0
    /// Whether the file wrote a time, so that forecasts are written with one, too.
    var hasTime = false

    /// Reads `2027-02-28`, or `2027-02-28 13:00:00` with `T` or a space between, and seconds, with a fraction, or not.
    init?(_ text: ArraySlice<UInt8>) {
        let start = text.startIndex
        // Of two or four digits; -1 where one is none.
        func number(_ places: Range<Int>) -> Int {
            var value = 0
            for place in places {
                let digit = text[start + place] &- 0x30
                guard digit <= 9 else { return -1 }
                value = value * 10 + Int(digit)
            }
            return value
        }
        guard text.count >= 10, text[start + 4] == UInt8(ascii: "-"), text[start + 7] == UInt8(ascii: "-") else {
            return nil
        }
        let (year, month, dayOfMonth) = (number(0..<4), number(5..<7), number(8..<10))
        guard year >= 0, (1...12).contains(month),
            (1...CivilDate.daysInMonth(year: year, month: month)).contains(dayOfMonth)
        else { return nil }
        day = CivilDate(year: year, month: month, day: dayOfMonth)
        guard text.count > 10 else { return }
        guard text.count >= 16, text[start + 10] == UInt8(ascii: " ") || text[start + 10] == UInt8(ascii: "T"),
            text[start + 13] == UInt8(ascii: ":"), (0...59).contains(number(14..<16))
        else { return nil }
        hour = number(11..<13)
        guard (0...23).contains(hour) else { return nil }
        hasTime = true
        guard text.count > 16 else { return }
        guard text.count >= 19, text[start + 16] == UInt8(ascii: ":"), (0...59).contains(number(17..<19)) else {
            return nil
        }
        guard text.count > 19 else { return }
        guard text.count > 20, text[start + 19] == UInt8(ascii: "."),
            text[(start + 20)...].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
    }

    private init(day: CivilDate, hour: Int, hasTime: Bool) {
        self.day = day
        self.hour = hour
        self.hasTime = hasTime
    }

    /// The bucket it lies in.
    func bucket(_ frequency: Frequency) -> Bucket { Bucket(frequency: frequency, containing: day, hour: hour) }

    /// The date that many buckets later: the same weekday, or the same day of the month; the last day of a month goes
    /// to the last day of the other.
    func advanced(by steps: Int, _ frequency: Frequency) -> FileDate {
        switch frequency {
        case .hourly:
            let hours = day.daysSinceEpoch * 24 + hour + steps
            let bucket = Bucket(frequency: .hourly, ordinal: hours)
            return FileDate(day: bucket.firstDay, hour: bucket.hour, hasTime: true)
        case .daily, .weekly:
            let days = frequency == .daily ? steps : 7 * steps
            return FileDate(day: CivilDate(daysSinceEpoch: day.daysSinceEpoch + days), hour: hour, hasTime: hasTime)
        case .monthly, .quarterly, .yearly:
            let months = frequency == .monthly ? steps : frequency == .quarterly ? 3 * steps : 12 * steps
            let first = Bucket(frequency: .monthly, containing: day).advanced(by: months)
            let length = first.advanced(by: 1).firstDay.daysSinceEpoch - first.firstDay.daysSinceEpoch
            let number = day.components.day
            let isLast = CivilDate(daysSinceEpoch: day.daysSinceEpoch + 1).components.day == 1
            let place = isLast ? length : min(number, length)
            return FileDate(
                day: CivilDate(daysSinceEpoch: first.firstDay.daysSinceEpoch + place - 1), hour: hour, hasTime: hasTime)
        }
    }
}

extension FileDate: CustomStringConvertible {
    var description: String { hasTime ? "\(day) \(hour < 10 ? "0" : "")\(hour):00:00" : day.description }
}
