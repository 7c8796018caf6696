internal import TimeSeries

/// A `ds` as it stands in a file: a day, and an hour where the file gives times.
struct FileDate: Sendable, Hashable {
    var day: CivilDate
    var hour = 0
    /// Whether the file wrote a time, so that forecasts are written with one, too.
    var hasTime = false

    /// Reads `2027-02-28`, or `2027-02-28 13:00:00` with `T` or a space between and seconds or not.
    init?(_ text: ArraySlice<UInt8>) {
        guard text.count >= 10,
            let day = CivilDate(String(decoding: text[text.startIndex..<(text.startIndex + 10)], as: UTF8.self))
        else { return nil }
        self.day = day
        guard text.count > 10 else { return }
        let rest = Array(text[(text.startIndex + 10)...])
        guard rest.count == 6 || rest.count == 9, rest[0] == 0x20 || rest[0] == 0x54, rest[3] == 0x3a,
            rest.count == 6 || rest[6] == 0x3a
        else { return nil }
        let numbers = stride(from: 1, to: rest.count, by: 3).map { place -> Int in
            let digits = [rest[place], rest[place + 1]]
            guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return -1 }
            return Int(digits[0] - 0x30) * 10 + Int(digits[1] - 0x30)
        }
        guard (0...23).contains(numbers[0]), numbers.dropFirst().allSatisfy({ (0...59).contains($0) }) else {
            return nil
        }
        hour = numbers[0]
        hasTime = true
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
