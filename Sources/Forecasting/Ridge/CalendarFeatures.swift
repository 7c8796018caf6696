#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
internal import TimeSeries

/// What the calendar says about each bucket, as regressors: known for the past and the future alike.
///
/// Daily and hourly buckets have six weekday indicators; daily to quarterly ones waves of the year where the history spans
/// it. Holidays and working days are no part of it: their effects are taken off a history before any model sees it.
struct CalendarFeatures: Sendable, Codable, Hashable {
    /// How many regressors.
    let count: Int
    private let start: Bucket
    private let weekdays: Bool
    private let waves: Int

    /// The regressors worth their number for `count` buckets from `start`.
    init(start: Bucket, count: Int) {
        self.start = start
        let frequency = start.frequency
        weekdays = (frequency == .daily && count >= 28) || (frequency == .hourly && count >= 24 * 14)
        waves =
            switch frequency {
            case .daily where count >= 550: 2
            case .weekly where count >= 80: 3
            case .monthly where count >= 36: 2
            case .quarterly where count >= 12: 1
            default: 0
            }
        self.count = (weekdays ? 6 : 0) + 2 * waves
    }

    /// The regressors of the buckets at times of a range, counted from the start, row-major.
    func rows(_ times: Range<Int>) -> [Double] {
        guard count > 0 else { return [] }
        var rows = [Double](repeating: 0, count: times.count * count)
        for time in times {
            let bucket = start.advanced(by: time)
            var next = (time - times.lowerBound) * count
            if weekdays {
                let weekday = bucket.firstDay.weekday
                if weekday < 6 { rows[next + weekday] = 1 }
                next += 6
            }
            guard waves > 0 else { continue }
            let elapsed = Self.daysIntoYear(bucket)
            for index in 0..<(2 * waves) { rows[next + index] = Self.yearWaves[6 * elapsed + index] }
        }
        return rows
    }

    /// How many days of the year lie before a bucket; those of months in a leap year are those of any other year.
    private static func daysIntoYear(_ bucket: Bucket) -> Int {
        switch bucket.frequency {
        case .monthly: return daysBeforeMonth[((bucket.ordinal % 12) + 12) % 12]
        case .quarterly: return daysBeforeMonth[3 * (((bucket.ordinal % 4) + 4) % 4)]
        default:
            let first = bucket.firstDay
            let newYear = CivilDate(year: first.components.year, month: 1, day: 1)
            return first.daysSinceEpoch - newYear.daysSinceEpoch
        }
    }

    private static let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    /// Sine and cosine of one, two and three waves a year, six numbers for each day of the year from 0.
    private static let yearWaves: [Double] = (0..<366).flatMap { day in
        (1...3).flatMap { wave in
            let angle = 2 * Double.pi * Double(wave * day) / 365.25
            return [sin(angle), cos(angle)]
        }
    }
}
