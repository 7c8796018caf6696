internal import TimeSeries

/// What each day near a holiday is, worked out once for all series.
struct HolidayEffects: Sendable {
    /// A day and what it is.
    struct Day: Sendable {
        /// Days since 1970-01-01.
        let day: Int
        /// Whether it is one of Monday to Friday.
        let isWeekday: Bool
        /// What it is.
        let keys: [EffectKey]
    }

    /// Days that are a holiday or near one, ascending.
    let days: [Day]
    /// The holidays themselves.
    let calendar: HolidayCalendar

    /// Working days further from a holiday than this are like any other.
    private static let reach = 3

    /// What the days of these holidays and around them are.
    init(_ holidays: [Holiday]) {
        calendar = HolidayCalendar(holidays)
        var names: [Int: Set<String>] = [:]
        for holiday in holidays { names[holiday.date.daysSinceEpoch, default: []].insert(holiday.name) }
        var keys: [Int: [EffectKey]] = [:]
        for (day, own) in names {
            keys[day, default: []] += [.holiday] + own.sorted().map { .named(holiday: $0) }
            for near in HolidayEffects.neighbours(of: day, calendar: calendar, by: -1) {
                keys[near.day, default: []].append(.before(near.distance))
            }
            for near in HolidayEffects.neighbours(of: day, calendar: calendar, by: 1) {
                keys[near.day, default: []].append(.after(near.distance))
            }
        }
        for feast in HolidayEffects.feasts(names) {
            for near in HolidayEffects.neighbours(of: feast.days.lowerBound, calendar: calendar, by: -1) {
                keys[near.day, default: []].append(.beforeFeast(feast.name, near.distance))
            }
            for near in HolidayEffects.neighbours(of: feast.days.upperBound, calendar: calendar, by: 1) {
                keys[near.day, default: []].append(.afterFeast(feast.name, near.distance))
            }
        }
        days = keys.keys.sorted().map { day in
            // Ordered by name, since a dictionary's order is another in every process.
            Day(
                day: day, isWeekday: CivilDate(daysSinceEpoch: day).weekday < 5,
                keys: (keys[day] ?? []).sorted { $0.name < $1.name })
        }
    }

    /// Runs of three holidays or more, under the name of the day in their middle; only they have an eve and a morrow of
    /// their own, since shops close and people travel.
    private static func feasts(_ names: [Int: Set<String>]) -> [(name: String, days: ClosedRange<Int>)] {
        var result: [(name: String, days: ClosedRange<Int>)] = []
        var first: Int?
        for day in names.keys.sorted() {
            if names[day - 1] == nil { first = day }
            guard let start = first, names[day + 1] == nil, day - start >= 2 else { continue }
            result.append((names[(start + day) / 2]?.min() ?? "", start...day))
        }
        return result
    }

    /// The working days next to a holiday on one side, with their distance; none beyond another holiday.
    private static func neighbours(
        of day: Int, calendar: HolidayCalendar, by step: Int
    ) -> [(day: Int, distance: Int)] {
        var result: [(day: Int, distance: Int)] = []
        var near = day + step
        while result.count < reach {
            if calendar.holidays(in: near..<(near + 1)) > 0 { return result }
            if calendar.workingDays(in: near..<(near + 1)) > 0 { result.append((near, result.count + 1)) }
            near += step
        }
        return result
    }

    /// The index of the first of `days` on or after a day.
    func firstIndex(_ day: Int) -> Int {
        var low = 0
        var high = days.count
        while low < high {
            let middle = (low + high) / 2
            if days[middle].day < day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
