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
    /// When it is due; `nil` for one that only people run.
    public var cron: String?
    /// Zone of the cron expression.
    public var timeZone: String
    /// What happens to ticks that came due while no daemon looked.
    public var misfire: Misfire
    /// What happens to a tick while the run before it is not over.
    public var overlap: Overlap
    /// Attempts before a run has failed.
    public var maxAttempts: Int
    /// Seconds after which an attempt is ended; `nil` means never.
    public var timeoutSeconds: Double?
    /// What the kind is told, as JSON.
    public var spec: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, description, cron, misfire, overlap, spec
        case timeZone = "time_zone"
        case maxAttempts = "max_attempts"
        case timeoutSeconds = "timeout_seconds"
    }

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
        maxAttempts = JobDefinition.usualAttempts
    }

    /// Its schedule, or `nil` for one that only people run.
    public func schedule() throws(Invalid) -> Schedule? {
        guard let cron else { return nil }
        let expression: CronExpression
        do {
            expression = try CronExpression(cron)
        } catch {
            throw Invalid(description: "cron: \(error)")
        }
        guard let schedule = Schedule(cron: expression, zoneName: timeZone) else {
            throw Invalid(
                description: "there is no time zone '\(timeZone)'; names are such as Asia/Seoul or Europe/London.")
        }
        return schedule
    }
}
