internal import Foundation

/// The wall clock of a time zone.
struct ZoneClock: Sendable, Hashable {
    /// A stretch of time in which the clock's offset does not change.
    struct Stretch {
        /// Its first instant.
        var start: Int
        /// The first instant after it.
        var end: Int
        /// What the wall clock is ahead of UTC.
        var offset: Int
        /// The local time that the wall clock had reached before it: less than its own first one after a gap, more in
        /// a fold.
        var reached: Int
        /// The local time to which the wall clock goes back within two days after it: its own later times come again.
        /// No less than its own end where it does not.
        var returnsTo: Int

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

    private let zone: TimeZone

    /// The clock of a zone; `nil` where there is none of that name.
    init?(zoneName: String) {
        guard let zone = TimeZone(identifier: zoneName) else { return nil }
        self.zone = zone
    }

    /// Seconds that the wall clock is ahead of UTC.
    func offset(_ instant: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }

    /// A day of UTC as stretches of one offset: one, or two where the clocks change in it.
    func stretches(of day: Int) -> [Stretch] {
        let start = day * 86_400
        let pieces = pieces(of: day)
        var reached = start + pieces[0].offset
        var returnsTo = Int.max
        // The largest fold there was is a day, so that two days back and ahead tell.
        if offset(start - 2 * 86_400) != pieces[0].offset || pieces.count > 1 {
            reached = (self.pieces(of: day - 2) + self.pieces(of: day - 1)).map { $0.end + $0.offset }.max() ?? reached
        }
        if offset(start + 3 * 86_400 - 1) != pieces[pieces.count - 1].offset {
            let later = self.pieces(of: day + 1) + self.pieces(of: day + 2)
            returnsTo = later.map { $0.start + $0.offset }.min() ?? returnsTo
        }
        return pieces.indices.map { place in
            let piece = pieces[place]
            defer { reached = max(reached, piece.end + piece.offset) }
            let next = place + 1 < pieces.count ? pieces[place + 1].start + pieces[place + 1].offset : .max
            return Stretch(
                start: piece.start, end: piece.end, offset: piece.offset, reached: reached,
                returnsTo: min(returnsTo, next))
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
}
