/// Until when a tick may wait, as job files write it: a local time such as `05:30`, or a length of time after the tick.
enum Deadline {
    /// The instant meant; `nil` where the text says none. A time of day means the first such time after the tick.
    static func instant(_ text: String, of tick: Int, _ schedule: Schedule) -> Int? {
        if let seconds = TimeSpan.seconds(text), seconds > 0 { return tick + seconds }
        guard let time = CivilDay.timeOfDay(text) else { return nil }
        let local = schedule.local(tick)
        let midnight = local - floorModulo(local, 86_400)
        let due = midnight + time > local ? midnight + time : midnight + 86_400 + time
        return Schedule(timing: .at(due), zoneName: schedule.zoneName)?.next(after: tick)
    }

    /// Why the value of a key is none; `nil` where it is one.
    static func mistake(_ text: String, in key: String) -> String? {
        if CivilDay.timeOfDay(text) != nil || (TimeSpan.seconds(text) ?? 0) > 0 { return nil }
        return "\(key) is '\(text)'; take a local time such as \"05:30\", or a length of time such as 3h."
    }
}
