extension Schedule {
    /// Why a due instant is skipped: the name of the holiday or the day of the week it falls on; `nil` where it is not.
    public func dayOff(at instant: Int) -> String? {
        guard rule == .skip else { return nil }
        return calendar?.dayOff(floorDivide(local(instant), 86_400))
    }

    /// What is out of the ordinary about a due instant: skipped, moved, or touched by a change of clocks; `nil` where
    /// nothing is.
    public func note(at instant: Int) -> String? {
        if let name = dayOff(at: instant) { return "skipped: \(name)" }
        guard let pattern else { return nil }
        let local = local(instant)
        let day = floorDivide(local, 86_400)
        if !pattern.isAsked(day), let origin = pattern.origin(of: day) {
            return "moved from \(CivilDay.text(day: origin)), \(calendar?.dayOff(origin) ?? "a day off")"
        }
        guard !pattern.isInElapsedTime,
            let stretch = clock.stretches(of: floorDivide(instant, 86_400)).first(where: { instant < $0.end })
        else { return nil }
        if stretch.start == instant, let skipped = skippedTime(before: stretch) {
            return "the clocks skip \(CivilDay.clock(floorModulo(skipped, 86_400)))"
        }
        if local < stretch.reached { return "the second of two" }
        return local >= stretch.returnsTo ? "the first of two" : nil
    }
}
