internal import Forecasting
internal import Monitoring
internal import TimeSeries

/// Which buckets say nothing of drift, because something known moved demand in them.
struct DriftMask: Sendable {
    /// Holidays and the days around them, which take or bring demand, as days since 1970-01-01.
    private let holidays: Set<Int>

    /// Holidays in a row from which on they are a feast that people stock up for and take a week to come back from, such
    /// as Seollal and Chuseok.
    private static let daysOfFeast = 3
    private static let daysBeforeFeast = 14
    private static let daysAfterFeast = 7

    /// A mask by a holiday calendar; buckets longer than a day hold holidays every year, and are not masked by them.
    init(holidays: [Holiday], frequency: Frequency) {
        guard frequency == .daily || frequency == .hourly else {
            self.holidays = []
            return
        }
        let days = Set(holidays.map(\.date.daysSinceEpoch))
        var masked: Set<Int> = []
        for first in days where !days.contains(first - 1) {
            var last = first
            while days.contains(last + 1) { last += 1 }
            let isFeast = last - first + 1 >= DriftMask.daysOfFeast
            masked.formUnion(
                first - (isFeast ? DriftMask.daysBeforeFeast : 1)...last + (isFeast ? DriftMask.daysAfterFeast : 1))
        }
        self.holidays = masked
    }

    /// What monitors are told of each bucket of a series.
    func observations(_ built: BuiltSeries) -> [Observation] {
        var result = built.series.values.indices.map { index -> Observation in
            let value = built.series.values[index]
            guard value.isFinite else { return built.adjustments[index] == .none ? .missing : .masked }
            return .known(value)
        }
        let start = built.series.start
        if !holidays.isEmpty {
            for index in result.indices where holidays.contains(start.advanced(by: index).firstDay.daysSinceEpoch) {
                result[index] = .masked
            }
        }
        for event in built.series.events where event.kind != .price {
            let first = Bucket(frequency: start.frequency, containing: event.firstDay)
            let last = Bucket(frequency: start.frequency, containing: event.lastDay, hour: 23)
            let from = max(first.ordinal - start.ordinal, 0)
            let through = min(last.ordinal - start.ordinal, result.count - 1)
            guard from <= through else { continue }
            for index in from...through { result[index] = .masked }
        }
        return result
    }
}

extension Observation {
    /// The value where it is known, else NaN.
    var value: Double {
        if case .known(let value) = self { value } else { .nan }
    }
}
