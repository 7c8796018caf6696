// Which days of a wall clock are due, and at which times of day. No zone enters here.
extension CronExpression {
    /// Whether a local day, counted from 1970-01-01, is due.
    func isDue(day: Int) -> Bool {
        let date = CivilDay.date(day)
        // Most days of a sparse expression end here.
        guard months.hasBit(date.month) else { return false }
        let monthStart = day - date.day + 1
        return isDue(
            month: date.month, day: date.day, weekday: CivilDay.weekday(day),
            daysInMonth: CivilDay.first(year: date.year, month: date.month + 1) - monthStart)
    }

    /// The first due time of day at or after one, in seconds.
    func time(atOrAfter time: Int) -> Int? {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        let minutesFirst = minutes.trailingZeroBitCount
        let secondsFirst = seconds.trailingZeroBitCount
        if hours.hasBit(hour) {
            if minutes.hasBit(minute), let found = seconds.bit(atOrAfter: second) {
                return hour * 3600 + minute * 60 + found
            }
            if let found = minutes.bit(atOrAfter: minute + 1) { return hour * 3600 + found * 60 + secondsFirst }
        }
        guard let found = hours.bit(atOrAfter: hour + 1) else { return nil }
        return found * 3600 + minutesFirst * 60 + secondsFirst
    }

    /// How many due times of a day lie before one; 86,400 gives them all.
    func timesBefore(_ time: Int) -> Int {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        let secondsBefore = minutes.hasBit(minute) ? seconds.bits(below: second) : 0
        let minutesBefore = minutes.bits(below: minute) * seconds.nonzeroBitCount + secondsBefore
        let whole = minutes.nonzeroBitCount * seconds.nonzeroBitCount
        return hours.bits(below: hour) * whole + (hours.hasBit(hour) ? minutesBefore : 0)
    }
}

extension UInt64 {
    /// The lowest set bit at a place or above.
    fileprivate func bit(atOrAfter place: Int) -> Int? {
        let left = self >> UInt64(place)
        return left == 0 ? nil : place + left.trailingZeroBitCount
    }

    /// How many bits below a place are set.
    fileprivate func bits(below place: Int) -> Int { (self & (1 << UInt64(place) - 1)).nonzeroBitCount }
}
