extension Schedule {
    /// When a schedule is due, before zone and calendar enter.
    public enum Timing: Sendable, Hashable, CustomStringConvertible {
        /// Whenever the wall clock of the zone matches.
        case cron(CronExpression)
        /// Every so many seconds since 1970-01-01 00:00 UTC, `offset` seconds later.
        case every(seconds: Int, offset: Int)
        /// Once, at a local time in seconds since 1970-01-01 00:00 local.
        case at(Int)

        /// In words.
        public var description: String {
            switch self {
            case .cron(let expression): expression.description
            case .every(let seconds, let offset): "every \(seconds) s" + (offset > 0 ? ", \(offset) s later" : "")
            case .at(let local): "at \(CivilDay.text(local))"
            }
        }
    }

    /// What becomes of a wall-clock time that a change of clocks skips.
    public enum Gap: String, Sendable, Codable, CaseIterable {
        /// It is due at the first instant after the gap; several in one gap are one.
        case firstAfter = "first_after"
        /// It is not due on that day.
        case skip
    }

    /// What becomes of a wall-clock time that comes twice.
    public enum Fold: String, Sendable, Codable, CaseIterable {
        /// It is due the first time.
        case first
        /// It is due the second time.
        case second
        /// It is due both times.
        case both
    }
}
