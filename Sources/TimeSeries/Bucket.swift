/// One time step of a series, counted in buckets of its frequency in the site's local calendar.
///
/// The ordinal counts hours or days since 1970-01-01, weeks since Monday 1969-12-29, or months, quarters or years
/// since year 0, so that consecutive buckets have consecutive ordinals at every frequency.
public struct Bucket: Sendable, Hashable, Comparable, Codable {
    /// How long the bucket is.
    public let frequency: Frequency
    /// The bucket's place in the sequence of all buckets of its frequency.
    public let ordinal: Int

    /// The bucket of that ordinal.
    public init(frequency: Frequency, ordinal: Int) {
        self.frequency = frequency
        self.ordinal = ordinal
    }

    /// The bucket that holds a local day and hour (0…23; only hourly buckets look at the hour).
    public init(frequency: Frequency, containing date: CivilDate, hour: Int = 0) {
        self.frequency = frequency
        let (year, month, _) = date.components
        switch frequency {
        case .hourly: ordinal = date.daysSinceEpoch * 24 + hour
        case .daily: ordinal = date.daysSinceEpoch
        case .weekly: ordinal = (date.daysSinceEpoch - date.weekday + 3) / 7
        case .monthly: ordinal = year * 12 + month - 1
        case .quarterly: ordinal = year * 4 + (month - 1) / 3
        case .yearly: ordinal = year
        }
    }

    /// The first local day of the bucket (for an hourly bucket, the day it lies in).
    public var firstDay: CivilDate {
        switch frequency {
        case .hourly: CivilDate(daysSinceEpoch: (ordinal - hour) / 24)
        case .daily: CivilDate(daysSinceEpoch: ordinal)
        case .weekly: CivilDate(daysSinceEpoch: ordinal * 7 - 3)
        case .monthly: CivilDate(year: (ordinal - remainder(12)) / 12, month: remainder(12) + 1, day: 1)
        case .quarterly: CivilDate(year: (ordinal - remainder(4)) / 4, month: remainder(4) * 3 + 1, day: 1)
        case .yearly: CivilDate(year: ordinal, month: 1, day: 1)
        }
    }

    /// The last local day of the bucket (for an hourly bucket, the day it lies in).
    public var lastDay: CivilDate {
        frequency == .hourly ? firstDay : CivilDate(daysSinceEpoch: advanced(by: 1).firstDay.daysSinceEpoch - 1)
    }

    /// The local hour the bucket starts at: 0 except for hourly buckets.
    public var hour: Int { frequency == .hourly ? remainder(24) : 0 }

    /// The bucket that many steps later.
    public func advanced(by steps: Int) -> Bucket { Bucket(frequency: frequency, ordinal: ordinal + steps) }

    /// Whether one bucket comes before another of the same frequency.
    public static func < (lhs: Bucket, rhs: Bucket) -> Bool { lhs.ordinal < rhs.ordinal }

    private func remainder(_ divisor: Int) -> Int {
        let value = ordinal % divisor
        return value < 0 ? value + divisor : value
    }
}

extension Bucket: CustomStringConvertible {
    /// The bucket's local start: `2027-02-28`, or `2027-02-28 13:00:00` for an hourly bucket.
    public var description: String {
        frequency == .hourly ? "\(firstDay) \(hour < 10 ? "0" : "")\(hour):00:00" : firstDay.description
    }
}
