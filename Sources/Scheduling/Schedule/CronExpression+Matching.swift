// Where an expression is due on a wall clock, as seconds since 1970-01-01 00:00 of that clock. No zone enters here.
extension CronExpression {
    /// The first local time in `span` at which the expression is due.
    ///
    /// - Complexity: O(days in `span`), and O(months) over months that are not due.
    func first(in span: Range<Int>) -> Int? {
        guard !span.isEmpty else { return nil }
        var day = floorDivide(span.lowerBound, 86_400)
        while day * 86_400 < span.upperBound {
            let date = CivilDay.date(day)
            guard months.hasBit(date.month) else {
                day = CivilDay.first(year: date.year, month: date.month + 1)
                continue
            }
            if isDue(day: day, date), let time = time(atOrAfter: max(0, span.lowerBound - day * 86_400)) {
                let found = day * 86_400 + time
                return found < span.upperBound ? found : nil
            }
            day += 1
        }
        return nil
    }

    /// How many local times in `span` the expression is due at.
    ///
    /// - Complexity: O(days in `span`), however many times a day has.
    func count(in span: Range<Int>) -> Int {
        guard !span.isEmpty else { return 0 }
        var total = 0
        for day in floorDivide(span.lowerBound, 86_400)...floorDivide(span.upperBound - 1, 86_400)
        where isDue(day: day, CivilDay.date(day)) {
            total += timesBefore(min(86_400, span.upperBound - day * 86_400))
            total -= timesBefore(max(0, span.lowerBound - day * 86_400))
        }
        return total
    }

    /// Whether any local day from `first` to `last` is due.
    func isAnyDue(_ days: ClosedRange<Int>) -> Bool { days.contains { isDue(day: $0, CivilDay.date($0)) } }

    private func isDue(day: Int, _ date: (year: Int, month: Int, day: Int)) -> Bool {
        // Most days of a sparse expression end here.
        guard months.hasBit(date.month) else { return false }
        let monthStart = day - date.day + 1
        return isDue(
            month: date.month, day: date.day, weekday: CivilDay.weekday(day),
            daysInMonth: CivilDay.first(year: date.year, month: date.month + 1) - monthStart)
    }

    /// The first due time of day at or after one, in seconds.
    private func time(atOrAfter time: Int) -> Int? {
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
    private func timesBefore(_ time: Int) -> Int {
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
