extension JobDefinition {
    /// What is wrong with a definition, and in which key.
    struct Mistake: Error {
        var key: CodingKeys
        var reason: String
    }

    /// Whether both are due at the same instants, as long as no holiday changes.
    public func isDue(as other: JobDefinition) -> Bool {
        cron == other.cron && every == other.every && offset == other.offset && at == other.at
            && timeZone == other.timeZone && gap == other.gap && fold == other.fold && calendar == other.calendar
            && onHoliday == other.onHoliday && workingDays == other.workingDays
    }

    /// Seconds within which the run of a tick starts.
    public var jitterSeconds: Int { jitter.flatMap(TimeSpan.seconds) ?? 0 }

    /// The instant until which a tick may wait for other jobs or for data; `nil` where it waits for nothing.
    func waitsUntil(_ tick: Int, _ schedule: Schedule) -> Int? {
        [after?.deadline(of: tick, schedule), readyWhen?.deadline(of: tick, schedule)].compactMap(\.self).max()
    }

    /// The instant by which a forecast is to be published after a tick; `nil` where there is none.
    public func publishDeadline(of tick: Int, _ schedule: Schedule) -> Int? {
        publishBy.flatMap { Deadline.instant($0, of: tick, schedule) }
    }

    /// Its schedule, or `nil` for one that only people run.
    ///
    /// `holidays` are the names of the calendar's days off, by days since 1970-01-01.
    public func schedule(holidays: [Int: String] = [:]) throws(Invalid) -> Schedule? {
        do {
            return try checkedSchedule(holidays: holidays)
        } catch {
            throw Invalid(description: error.reason)
        }
    }

    func checkedSchedule(holidays: [Int: String] = [:]) throws(Mistake) -> Schedule? {
        if let reason = retry.mistake { throw Mistake(key: .retry, reason: reason) }
        guard let timing = try timing() else {
            if jitter != nil { throw Mistake(key: .jitter, reason: "jitter needs cron, every or at.") }
            if after != nil { throw Mistake(key: .after, reason: "after needs cron, every or at.") }
            if readyWhen != nil { throw Mistake(key: .readyWhen, reason: "ready_when needs cron, every or at.") }
            if publishBy != nil { throw Mistake(key: .publishBy, reason: "publish_by needs cron, every or at.") }
            return nil
        }
        if let jitter, TimeSpan.seconds(jitter) == nil {
            throw Mistake(key: .jitter, reason: "jitter is '\(jitter)'; \(TimeSpan.form).")
        }
        if let reason = after?.mistake(in: name) { throw Mistake(key: .after, reason: reason) }
        if let reason = readyWhen?.mistake { throw Mistake(key: .readyWhen, reason: reason) }
        if let reason = publishBy.flatMap({ Deadline.mistake($0, in: "publish_by") }) {
            throw Mistake(key: .publishBy, reason: reason)
        }
        let calendar: WorkingCalendar
        do {
            calendar = try WorkingCalendar(weekdays: workingDays, holidays: holidays)
        } catch {
            throw Mistake(key: .workingDays, reason: "working_days: \(error)")
        }
        if self.calendar != nil, onHoliday == .run {
            throw Mistake(
                key: .calendar,
                reason: "calendar needs on_holiday: skip, next_working_day or previous_working_day.")
        }
        let schedule = Schedule(
            timing: timing, zoneName: timeZone, gap: gap, fold: fold, rule: onHoliday, calendar: calendar)
        guard let schedule else {
            throw Mistake(
                key: .timeZone,
                reason: "there is no time zone '\(timeZone)'; names are such as Asia/Seoul or Europe/London.")
        }
        return schedule
    }

    private func timing() throws(Mistake) -> Schedule.Timing? {
        let said = [(CodingKeys.cron, cron), (.every, every), (.at, at)].filter { $0.1 != nil }
        if said.count > 1 {
            throw Mistake(
                key: said[1].0,
                reason: "a job has one of cron, every and at; this one has \(said[0].0.rawValue) already.")
        }
        if offset != nil, every == nil { throw Mistake(key: .offset, reason: "offset belongs to every.") }
        if let cron {
            do {
                return .cron(try CronExpression(cron))
            } catch {
                throw Mistake(key: .cron, reason: "cron: \(error)")
            }
        }
        if let at {
            guard let local = CivilDay.localTime(at) else {
                throw Mistake(key: .at, reason: "at is '\(at)'; a local time is written such as 2026-12-01T06:00.")
            }
            return .at(local)
        }
        guard let every else { return nil }
        return try interval(every)
    }

    private func interval(_ every: String) throws(Mistake) -> Schedule.Timing {
        guard let seconds = TimeSpan.seconds(every), seconds > 0 else {
            throw Mistake(key: .every, reason: "every is '\(every)'; \(TimeSpan.form).")
        }
        guard let later = TimeSpan.seconds(offset ?? "0s"), later < seconds else {
            throw Mistake(
                key: .offset, reason: "offset is '\(offset ?? "")'; it is shorter than every, and \(TimeSpan.form).")
        }
        if onHoliday == .nextWorkingDay || onHoliday == .previousWorkingDay {
            throw Mistake(
                key: .onHoliday,
                reason: "an interval cannot move to another day: take on_holiday: run or skip, or cron.")
        }
        return .every(seconds: seconds, offset: later)
    }
}
