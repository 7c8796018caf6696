/// A local date and time as read from a file.
struct CivilTime {
    var year = 0
    var month = 0
    var day = 0
    var hour = 0
    var minute = 0
    var second = 0
    /// Minutes east of Greenwich, where the text says so.
    var offsetMinutes: Int?
    var hasTime = false

    /// Whether it is a real date between 1970 and 2100 and a real time of day.
    var isValid: Bool {
        guard (1970...2100).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let longest =
            switch month {
            case 4, 6, 9, 11: 30
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            default: 31
            }
        return day <= longest && hour < 24 && minute < 60 && second < 60 && abs(offsetMinutes ?? 0) <= 15 * 60
    }

    /// Reads ISO 8601: a date, and behind `T` or a space a time to the minute, second or fraction, and `Z` or an offset.
    static func readISO(_ text: ArraySlice<UInt8>) -> CivilTime? {
        var time = CivilTime()
        var index = text.startIndex
        let end = text.endIndex
        func two() -> Int? {
            guard index + 2 <= end, text[index] >= 0x30, text[index] <= 0x39, text[index + 1] >= 0x30,
                text[index + 1] <= 0x39
            else { return nil }
            defer { index += 2 }
            return Int(text[index] - 0x30) * 10 + Int(text[index + 1] - 0x30)
        }
        func skip(_ byte: UInt8) -> Bool {
            guard index < end, text[index] == byte else { return false }
            index += 1
            return true
        }
        guard let century = two(), let year = two(), skip(0x2d), let month = two(), skip(0x2d), let day = two() else {
            return nil
        }
        time.year = century * 100 + year
        time.month = month
        time.day = day
        if index < end, skip(0x54) || skip(0x20) {
            guard let hour = two(), skip(0x3a), let minute = two() else { return nil }
            time.hour = hour
            time.minute = minute
            time.hasTime = true
            if skip(0x3a) {
                guard let second = two() else { return nil }
                time.second = second
                if skip(0x2e) { while index < end, text[index] >= 0x30, text[index] <= 0x39 { index += 1 } }
            }
            if skip(0x5a) {
                time.offsetMinutes = 0
            } else if index < end, text[index] == 0x2b || text[index] == 0x2d {
                let sign = text[index] == 0x2d ? -1 : 1
                index += 1
                guard let hours = two() else { return nil }
                _ = skip(0x3a)
                time.offsetMinutes = sign * (hours * 60 + (index < end ? two() ?? 0 : 0))
            }
        }
        return index == end && time.isValid ? time : nil
    }

    /// Appends `2027-02-28`.
    func appendDate(to bytes: inout [UInt8]) {
        bytes.append(UInt8(0x30 + year / 1000))
        bytes.append(UInt8(0x30 + year / 100 % 10))
        CivilTime.append(two: year % 100, to: &bytes)
        bytes.append(0x2d)
        CivilTime.append(two: month, to: &bytes)
        bytes.append(0x2d)
        CivilTime.append(two: day, to: &bytes)
    }

    /// Appends `2027-02-28 13:00:00`, and the offset where there is one.
    func appendTimestamp(to bytes: inout [UInt8]) {
        appendDate(to: &bytes)
        bytes.append(0x20)
        CivilTime.append(two: hour, to: &bytes)
        bytes.append(0x3a)
        CivilTime.append(two: minute, to: &bytes)
        bytes.append(0x3a)
        CivilTime.append(two: second, to: &bytes)
        guard let offsetMinutes else { return }
        bytes.append(offsetMinutes < 0 ? 0x2d : 0x2b)
        CivilTime.append(two: abs(offsetMinutes) / 60, to: &bytes)
        bytes.append(0x3a)
        CivilTime.append(two: abs(offsetMinutes) % 60, to: &bytes)
    }

    private static func append(two value: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(0x30 + value / 10))
        bytes.append(UInt8(0x30 + value % 10))
    }
}
