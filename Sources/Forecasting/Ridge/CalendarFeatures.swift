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
/// Daily and hourly buckets have six weekday indicators; daily and weekly ones waves of the year where the history spans
/// it (the lags of a month know its season already). With holidays, weekly and monthly buckets have their number of
/// working days; daily and hourly ones tell whether they are a holiday and how many working days it is to the next and
/// from the last.
struct CalendarFeatures: Sendable, Codable, Hashable {
    /// Which component an explanation counts a regressor to.
    enum Part: String, Sendable, Codable { case calendar, event }

    /// The component of each regressor.
    let parts: [Part]
    private let start: Bucket
    private let calendar: HolidayCalendar
    private let weekdays: Bool
    private let waves: Int
    private let workingDays: Bool
    private let holidays: Bool

    /// Working days beyond this many from a holiday are all the same.
    private static let reach = 3

    /// The regressors worth their number for `count` buckets from `start`.
    init(start: Bucket, count: Int, calendar: HolidayCalendar) {
        self.start = start
        self.calendar = calendar
        let frequency = start.frequency
        weekdays = (frequency == .daily && count >= 28) || (frequency == .hourly && count >= 24 * 14)
        waves =
            switch frequency {
            case .daily where count >= 550: 2
            case .weekly where count >= 80: 3
            default: 0
            }
        workingDays = !calendar.isEmpty && (frequency == .weekly || frequency == .monthly)
        holidays = !calendar.isEmpty && (frequency == .daily || frequency == .hourly)
        parts =
            [Part](repeating: .calendar, count: (weekdays ? 6 : 0) + 2 * waves + (workingDays ? 1 : 0))
            + [Part](repeating: .event, count: holidays ? 1 + 2 * Self.reach : 0)
    }

    /// How many regressors.
    var count: Int { parts.count }

    /// Writes the regressors of the bucket `time` steps after the start to `row[offset...]`.
    func write(_ time: Int, into row: inout [Double], at offset: Int) {
        guard count > 0 else { return }
        let bucket = start.advanced(by: time)
        let first = bucket.firstDay
        var next = offset
        if weekdays {
            for day in 0..<6 { row[next + day] = first.weekday == day ? 1 : 0 }
            next += 6
        }
        if waves > 0 {
            let year = first.components.year
            let elapsed = first.daysSinceEpoch - CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
            let angle = 2 * Double.pi * Double(elapsed) / 365.25
            for wave in 1...waves {
                row[next] = sin(Double(wave) * angle)
                row[next + 1] = cos(Double(wave) * angle)
                next += 2
            }
        }
        if workingDays {
            let end = bucket.advanced(by: 1).firstDay
            row[next] = Double(calendar.workingDays(in: first.daysSinceEpoch..<end.daysSinceEpoch))
            next += 1
        }
        if holidays {
            let distance = calendar.workingDistance(first.daysSinceEpoch, limit: Self.reach)
            row[next] = distance.next == 0 ? 1 : 0
            for step in 1...Self.reach {
                row[next + step] = distance.next == step ? 1 : 0
                row[next + Self.reach + step] = distance.last == step ? 1 : 0
            }
        }
    }
}
