/// What is due on a wall clock: days, some of them moved to a working day, and times of those days.
///
/// Local times are seconds since 1970-01-01 00:00 of that clock. No zone enters here.
struct WallClockPattern: Sendable, Hashable {
    /// What is due before a calendar moves it.
    enum Times: Sendable, Hashable {
        case cron(CronExpression)
        /// One local time.
        case once(Int)
    }

    let times: Times
    /// The days that are worked on; `nil` where all are.
    let calendar: WorkingCalendar?
    /// What becomes of the others.
    let rule: WorkingCalendar.Rule

    /// Whether each instant that matches is due, however the clocks change.
    var isInElapsedTime: Bool {
        if case .cron(let cron) = times { cron.anyHour } else { false }
    }

    /// The first local time in `span` that is due.
    ///
    /// - Complexity: O(days in `span`), and O(months) over months that are not due.
    func first(in span: Range<Int>) -> Int? {
        guard !span.isEmpty else { return nil }
        var day = floorDivide(span.lowerBound, 86_400)
        while day * 86_400 < span.upperBound {
            if case .cron(let cron) = times, !isMoving {
                let date = CivilDay.date(day)
                guard cron.months.hasBit(date.month) else {
                    day = CivilDay.first(year: date.year, month: date.month + 1)
                    continue
                }
            }
            if isDue(day), let time = time(atOrAfter: max(0, span.lowerBound - day * 86_400)) {
                let found = day * 86_400 + time
                return found < span.upperBound ? found : nil
            }
            day += 1
        }
        return nil
    }

    /// How many local times in `span` are due.
    ///
    /// - Complexity: O(days in `span`), however many times a day has.
    func count(in span: Range<Int>) -> Int {
        guard !span.isEmpty else { return 0 }
        var total = 0
        for day in floorDivide(span.lowerBound, 86_400)...floorDivide(span.upperBound - 1, 86_400) where isDue(day) {
            total += timesBefore(min(86_400, span.upperBound - day * 86_400))
            total -= timesBefore(max(0, span.lowerBound - day * 86_400))
        }
        return total
    }

    /// Whether a local day is due, by itself or because a day off was moved to it.
    func isDue(_ day: Int) -> Bool {
        guard isMoving, let calendar else { return isAsked(day) }
        return calendar.dayOff(day) == nil && (isAsked(day) || origin(of: day) != nil)
    }

    /// The nearest day off whose ticks were moved to a working day; `nil` where none were.
    func origin(of day: Int) -> Int? {
        guard isMoving, let calendar else { return nil }
        return calendar.daysOff(beside: day, step: rule == .nextWorkingDay ? -1 : 1).first(where: isAsked)
    }

    /// Whether a day is due before anything is moved.
    func isAsked(_ day: Int) -> Bool {
        switch times {
        case .cron(let cron): cron.isDue(day: day)
        case .once(let local): floorDivide(local, 86_400) == day
        }
    }

    private var isMoving: Bool { rule == .nextWorkingDay || rule == .previousWorkingDay }

    private func time(atOrAfter time: Int) -> Int? {
        switch times {
        case .cron(let cron): cron.time(atOrAfter: time)
        case .once(let local): floorModulo(local, 86_400) >= time ? floorModulo(local, 86_400) : nil
        }
    }

    private func timesBefore(_ time: Int) -> Int {
        switch times {
        case .cron(let cron): cron.timesBefore(time)
        case .once(let local): floorModulo(local, 86_400) < time ? 1 : 0
        }
    }
}
