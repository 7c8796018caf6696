#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
internal import TimeSeries

/// Which effects touch which buckets of one series, past and coming: a sparse design matrix.
struct EffectDesign: Sendable {
    /// One entry of the matrix.
    struct Entry: Sendable {
        /// Index into `keys`.
        let column: Int
        /// How much of the effect the bucket has, such as the share of its days.
        var amount: Double
        /// The day from which it is known; `Int.min` where it always was.
        let knownFrom: Int
    }

    /// A bucket that something touches.
    struct Row: Sendable {
        /// The bucket's place after the series' first.
        let time: Int
        /// Its entries.
        var entries: [Entry]
        /// The share of the bucket in which nothing can be ordered, with the day from which that is known.
        var closures: [(share: Double, knownFrom: Int)] = []
    }

    /// What each column is.
    private(set) var keys: [EffectKey] = []
    /// Touched buckets, ascending.
    private(set) var rows: [Row] = []
    private var columns: [EffectKey: Int] = [:]
    private var places: [Int: Int] = [:]
    private let start: Bucket
    private let count: Int

    /// Days after a promotion in which demand is held to be low.
    private static let aftermath = 7

    /// Events of more names than this are the oldest ones left out of account.
    private static let largestNames = 32

    /// What touches `count` buckets from `start`.
    init(start: Bucket, count: Int, holidays: HolidayEffects, events: [DemandEvent]) {
        self.start = start
        self.count = count
        addHolidays(holidays)
        addEvents(events)
        rows.sort { $0.time < $1.time }
        places = [:]
    }

    private mutating func add(_ key: EffectKey, at time: Int, amount: Double, knownFrom: Int = .min) {
        guard time >= 0, time < count, amount != 0 else { return }
        let place = place(time)
        let column = columns[key] ?? keys.count
        if column == keys.count {
            keys.append(key)
            columns[key] = column
        }
        if let index = rows[place].entries.firstIndex(where: { $0.column == column && $0.knownFrom == knownFrom }) {
            rows[place].entries[index].amount += amount
        } else {
            rows[place].entries.append(Entry(column: column, amount: amount, knownFrom: knownFrom))
        }
    }

    private mutating func place(_ time: Int) -> Int {
        if let place = places[time] { return place }
        places[time] = rows.count
        rows.append(Row(time: time, entries: []))
        return rows.count - 1
    }

    // MARK: Holidays

    private mutating func addHolidays(_ holidays: HolidayEffects) {
        guard !holidays.days.isEmpty else { return }
        switch start.frequency {
        case .hourly, .daily, .weekly: addDays(holidays)
        case .monthly: addWorkingDays(holidays.calendar)
        case .quarterly, .yearly: break
        }
    }

    /// Holidays and the days around them; a week has a fifth of the effect for each of its working days touched.
    private mutating func addDays(_ holidays: HolidayEffects) {
        let end = start.advanced(by: count).firstDay.daysSinceEpoch
        var index = holidays.firstIndex(start.firstDay.daysSinceEpoch)
        while index < holidays.days.count, holidays.days[index].day < end {
            let day = holidays.days[index]
            index += 1
            if start.frequency == .weekly && !day.isWeekday { continue }
            for (time, share) in buckets(from: day.day, through: day.day) {
                for key in day.keys {
                    add(key, at: time, amount: start.frequency == .weekly ? 0.2 : share)
                }
            }
        }
    }

    private mutating func addWorkingDays(_ calendar: HolidayCalendar) {
        for time in 0..<count {
            let first = start.advanced(by: time).firstDay.daysSinceEpoch
            let end = start.advanced(by: time + 1).firstDay.daysSinceEpoch
            // 261 weekdays of a year less ten holidays, a month.
            let days = Double(calendar.workingDays(in: first..<end))
            add(.workingDays, at: time, amount: days / 20.9 - 1)
        }
    }

    // MARK: Events

    private mutating func addEvents(_ events: [DemandEvent]) {
        guard !events.isEmpty else { return }
        let ordered = events.sorted {
            ($0.firstDay, $0.lastDay, $0.name, $0.kind.rawValue) < ($1.firstDay, $1.lastDay, $1.name, $1.kind.rawValue)
        }
        let sizes = ordered.filter { $0.kind == .promotion }.compactMap(\.value).map(\.magnitude)
        let usualSize = EffectDesign.mean(sizes)
        let prices = ordered.filter { $0.kind == .price }.compactMap(\.value).filter { $0 > 0 && $0.isFinite }
        let usualPrice = EffectDesign.mean(prices.map { log($0) })
        var names: Set<String> = []
        for event in ordered.reversed() where event.kind == .other && names.count < EffectDesign.largestNames {
            names.insert(event.name)
        }
        for event in ordered {
            let known = event.knownFrom?.daysSinceEpoch ?? .min
            let first = event.firstDay.daysSinceEpoch
            let last = event.lastDay.daysSinceEpoch
            switch event.kind {
            case .promotion:
                for (time, share) in buckets(from: first, through: last) {
                    add(.promotion, at: time, amount: share, knownFrom: known)
                    if let size = event.value?.magnitude, size.isFinite, usualSize > 0 {
                        add(.promotionSize, at: time, amount: share * (size / usualSize - 1), knownFrom: known)
                    }
                }
                for (time, share) in buckets(from: last + 1, through: last + EffectDesign.aftermath) {
                    add(.afterPromotion, at: time, amount: share, knownFrom: known)
                }
            case .price:
                guard let price = event.value, price > 0, price.isFinite else { continue }
                for (time, share) in buckets(from: first, through: last) {
                    add(.price, at: time, amount: share * (log(price) - usualPrice), knownFrom: known)
                }
            case .closure:
                for (time, share) in buckets(from: first, through: last) {
                    let place = place(time)
                    rows[place].closures.append((share, known))
                }
            case .other:
                guard names.contains(event.name) else { continue }
                for (time, share) in buckets(from: first, through: last) {
                    add(.other(event.name), at: time, amount: share, knownFrom: known)
                }
            }
        }
    }

    /// The buckets of the series some days lie in, each with the share of it that they are.
    private func buckets(from first: Int, through last: Int) -> [(time: Int, share: Double)] {
        let earliest = start.firstDay.daysSinceEpoch
        let latest = start.advanced(by: count - 1).firstDay.daysSinceEpoch + 366
        let first = max(first, earliest)
        let last = min(last, latest)
        guard first <= last else { return [] }
        let frequency = start.frequency
        let from = Bucket(frequency: frequency, containing: CivilDate(daysSinceEpoch: first)).ordinal - start.ordinal
        let to =
            Bucket(frequency: frequency, containing: CivilDate(daysSinceEpoch: last), hour: 23).ordinal - start.ordinal
        var result: [(time: Int, share: Double)] = []
        for time in max(from, 0)...max(from, 0, min(to, count - 1)) where time <= to && time < count {
            guard frequency != .hourly && frequency != .daily else {
                result.append((time, 1))
                continue
            }
            let begin = start.advanced(by: time).firstDay.daysSinceEpoch
            let end = start.advanced(by: time + 1).firstDay.daysSinceEpoch
            let inside = min(last + 1, end) - max(first, begin)
            if inside > 0 { result.append((time, Double(inside) / Double(end - begin))) }
        }
        return result
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
