internal import Foundation

/// A cron expression in a time zone.
///
/// A wall-clock time that a change of clocks skips fires once, at the first instant after the gap; one that comes twice
/// fires at the first of the two. An expression whose hour is `*` runs in elapsed time and is touched by neither: each
/// instant whose wall clock matches is due.
public struct Schedule: Sendable, Hashable {
    /// The expression.
    public let cron: CronExpression
    /// Name of the zone, from the IANA database.
    public let zoneName: String
    private let zone: TimeZone

    /// The Gregorian calendar comes round in as many days; what is not due within them never is.
    private static let cycle = 146_097 + 1

    /// A schedule; `nil` where there is no such zone.
    public init?(cron: CronExpression, zoneName: String) {
        guard let zone = TimeZone(identifier: zoneName) else { return nil }
        self.cron = cron
        self.zoneName = zoneName
        self.zone = zone
    }

    /// The first instant after `instant` at which the schedule is due, in seconds since 1970; `nil` where there never is
    /// one, as on 30 February.
    public func next(after instant: Int) -> Int? {
        let start = floorDivide(instant + 1, 86_400)
        for day in start..<(start + Schedule.cycle) where isWorthALook(day) {
            for stretch in stretches(of: day) {
                if let found = first(in: stretch.clipped(from: instant + 1, to: .max)) { return found }
            }
        }
        return nil
    }

    /// How many instants after `start`, up to and with `end`, the schedule is due at.
    ///
    /// - Complexity: O(days between).
    public func count(after start: Int, through end: Int) -> Int {
        guard start < end else { return 0 }
        var total = 0
        for day in floorDivide(start + 1, 86_400)...floorDivide(end, 86_400) {
            total += count(day: day, after: start, through: end)
        }
        return total
    }

    /// The last instants, at most `limit`, after `start`, up to and with `end`, ascending.
    public func latest(_ limit: Int, after start: Int, through end: Int) -> [Int] {
        guard start < end, limit > 0 else { return [] }
        // Backward a day at a time until there are enough, so that years of seconds cost no more than a day of them.
        var found = 0
        var day = floorDivide(end, 86_400)
        let first = floorDivide(start + 1, 86_400)
        while true {
            found += count(day: day, after: start, through: end)
            if found >= limit || day == first { break }
            day -= 1
        }
        var instants: [Int] = []
        var time = max(start, day * 86_400 - 1)
        while let next = next(after: time), next <= end {
            instants.append(next)
            time = next
        }
        return instants.suffix(limit)
    }

    /// Local wall-clock time at an instant, as seconds since 1970-01-01 00:00 local.
    public func local(_ instant: Int) -> Int { instant + offset(instant) }

    // MARK: Stretches of one offset

    /// A stretch of time in which the offset does not change.
    private struct Stretch {
        /// Its first instant.
        var start: Int
        /// The first instant after it.
        var end: Int
        /// What the wall clock is ahead of UTC.
        var offset: Int
        /// The local time that the wall clock had reached before it: less than its own first one after a gap, more in
        /// a fold.
        var reached: Int

        /// The part from one instant to before another.
        func clipped(from lower: Int, to upper: Int) -> Stretch {
            var part = self
            if lower > start {
                part.start = min(lower, end)
                part.reached = max(reached, part.start + offset)
            }
            part.end = max(part.start, min(end, upper))
            return part
        }
    }

    private func first(in stretch: Stretch) -> Int? {
        guard stretch.start < stretch.end else { return nil }
        if skipsTick(stretch) { return stretch.start }
        return cron.first(in: localTimes(stretch)).map { $0 - stretch.offset }
    }

    private func count(day: Int, after start: Int, through end: Int) -> Int {
        guard isWorthALook(day) else { return 0 }
        var total = 0
        for stretch in stretches(of: day).map({ $0.clipped(from: start + 1, to: end + 1) })
        where stretch.start < stretch.end {
            let times = localTimes(stretch)
            total += cron.count(in: times)
            // Where the first local time after the gap is due as well, the two are one.
            if skipsTick(stretch), cron.count(in: times.lowerBound..<times.lowerBound + 1) == 0 { total += 1 }
        }
        return total
    }

    /// Whether the gap before a stretch holds a tick, which then fires at the stretch's first instant.
    private func skipsTick(_ stretch: Stretch) -> Bool {
        let local = stretch.start + stretch.offset
        return !cron.anyHour && stretch.reached < local && cron.first(in: stretch.reached..<local) != nil
    }

    /// The local times of a stretch that fire: in elapsed time all of them, else those not seen before.
    private func localTimes(_ stretch: Stretch) -> Range<Int> {
        let start = stretch.start + stretch.offset
        let end = stretch.end + stretch.offset
        return cron.anyHour ? start..<end : min(end, max(start, stretch.reached))..<end
    }

    /// The local days that a day of UTC touches are at most its neighbours; where none is due, the zone is not asked.
    private func isWorthALook(_ day: Int) -> Bool { cron.isAnyDue(day - 1...day + 1) }

    /// A day of UTC as stretches of one offset: one, or two where the clocks change in it.
    private func stretches(of day: Int) -> [Stretch] {
        let start = day * 86_400
        let pieces = pieces(of: day)
        var reached = start + pieces[0].offset
        if offset(start - 2 * 86_400) != pieces[0].offset || pieces.count > 1 {
            // The clocks changed lately. The largest fold there was is a day, so that two days back tell.
            reached = (self.pieces(of: day - 2) + self.pieces(of: day - 1)).map { $0.end + $0.offset }.max() ?? reached
        }
        return pieces.map { piece in
            defer { reached = max(reached, piece.end + piece.offset) }
            return Stretch(start: piece.start, end: piece.end, offset: piece.offset, reached: reached)
        }
    }

    private func pieces(of day: Int) -> [(start: Int, end: Int, offset: Int)] {
        let start = day * 86_400
        let end = start + 86_400
        let before = offset(start)
        let after = offset(end - 1)
        if before == after { return [(start, end, before)] }
        // The change itself, by halving: no zone has ever changed twice in a day.
        var low = start
        var high = end - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(middle) == before { low = middle } else { high = middle }
        }
        return [(start, high, before), (high, end, after)]
    }

    private func offset(_ instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
}
