/// A job as a file in `Jobs/` declares it.
public struct JobDefinition: Sendable, Hashable, Encodable {
    /// What happens to ticks that came due while no daemon looked.
    public enum Misfire: Sendable, Hashable {
        /// One run for all of them, as of the last.
        case coalesce
        /// A run for each of the last few.
        case catchUp(Int)
        /// None.
        case skip
    }

    /// What happens to a tick while the run before it is not over.
    public enum Overlap: String, Sendable, Codable, CaseIterable {
        /// It is skipped.
        case skip
        /// It waits until that run is over; while one waits, others are skipped.
        case queueOne = "queue_one"
        /// It runs beside the other.
        case allow
        /// The other is cancelled, and it runs once that has stopped.
        case cancelRunning = "cancel_running"
    }

    /// Its name, by which people call it.
    public var name: String
    /// What it does.
    public var kind: String
    /// What it is for.
    public var description: String?
    /// When it is due, as a cron expression. Of this, ``every`` and ``at`` one stands, or none for a job that only people
    /// run.
    public var cron: String?
    /// How often it is due, such as `15m`: counted from 1970-01-01 00:00 UTC.
    public var every: String?
    /// How much later than those instants, such as `5m`.
    public var offset: String?
    /// The one local time at which it is due, such as `2026-12-01T06:00`.
    public var at: String?
    /// Zone of the cron expression, of ``at`` and of the days off.
    public var timeZone: String
    /// What becomes of a wall-clock time that a change of clocks skips.
    public var gap = Schedule.Gap.firstAfter
    /// What becomes of a wall-clock time that comes twice.
    public var fold = Schedule.Fold.first
    /// Within how long after a tick its run starts, such as `5m`; each tick has an instant of its own in it.
    public var jitter: String?
    /// Name of the calendar whose holidays are days off, such as `KR`; without one, only days of the week are.
    public var calendar: String?
    /// What becomes of ticks on a day off.
    public var onHoliday = WorkingCalendar.Rule.run
    /// Days of the week that are worked on, as in cron.
    public var workingDays = "MON-FRI"
    /// Which other jobs a tick waits for; `nil` for none.
    public var after: After?
    /// What data a tick waits for; `nil` where it fires when it is due.
    public var readyWhen: ReadyWhen?
    /// By when a forecast is to be published after a tick: a local time such as `06:00`, or a length of time after the
    /// tick; `nil` where it may take as long as it takes. Where none is by then, the last one is published once more,
    /// marked stale.
    public var publishBy: String?
    /// What happens to ticks that came due while no daemon looked.
    public var misfire: Misfire
    /// What happens to a tick while the run before it is not over.
    public var overlap: Overlap
    /// Which of the runs that wait goes first: the lower, and a point is worth ten seconds of waiting.
    public var priority: Int
    /// Attempts before a run has failed.
    public var maxAttempts: Int
    /// After which failures a run is tried again, and when.
    public var retry = RetryPolicy()
    /// Seconds after which an attempt is ended; `nil` means never.
    public var timeoutSeconds: Double?
    /// What the kind is told, as JSON.
    public var spec: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, description, cron, every, offset, at
        case timeZone = "time_zone"
        case gap, fold, jitter, calendar
        case onHoliday = "on_holiday"
        case workingDays = "working_days"
        case after
        case readyWhen = "ready_when"
        case publishBy = "publish_by"
        case misfire, overlap, priority
        case maxAttempts = "max_attempts"
        case retry
        case timeoutSeconds = "timeout_seconds"
        case spec
    }

    /// The keys of a definition, as they stand in files and in SQL.
    public static let keys = CodingKeys.allCases.map(\.rawValue)

    /// Why a definition cannot be used: file, line where known, reason and choices.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// One sentence.
        public var description: String

        /// A reason.
        package init(description: String) { self.description = description }
    }

    /// Attempts where a definition does not say.
    static let usualAttempts = 3

    /// A job with everything left as usual.
    public init(name: String, kind: String, cron: String? = nil, timeZone: String = "UTC", spec: String = "{}") {
        self.name = name
        self.kind = kind
        self.cron = cron
        self.timeZone = timeZone
        self.spec = spec
        misfire = .coalesce
        overlap = .skip
        priority = 100
        maxAttempts = JobDefinition.usualAttempts
    }
}
