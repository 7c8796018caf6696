import Monitoring
import Pipeline
import Testing
import TimeSeries

/// How often a total is taken to have changed, on portfolios made up from a seed.
@Suite struct TotalsDriftTests {
    private static let portfolios = 60
    private static let reference = 730
    private static let watched = 365

    /// For each portfolio the days on which an incident would open, where all of it changes by a share after the
    /// reference.
    private func openings(shift: Double) -> [[Int]] {
        (0..<TotalsDriftTests.portfolios).map { number in
            var random = RandomStream(seed: 7, number: number)
            let observations = index(&random)
            let calendar = SeriesCalendar(frequency: .daily, season: 7)
            let known = observations.prefix(TotalsDriftTests.reference).map { observation -> Double in
                if case .known(let value) = observation { value } else { .nan }
            }
            guard
                var monitor = try? SeriesMonitor(
                    reference: Array(known), start: 0, calendar: calendar, seed: UInt64(number))
            else { return [] }
            var alarm = PortfolioAlarm(
                series: 1, year: calendar.year, level: FalseDiscovery.levelOfTotals,
                budget: FalseDiscovery.budgetOfTotals)
            return observations.dropFirst(TotalsDriftTests.reference).enumerated().compactMap { day, observation in
                if case .known(let value) = observation {
                    monitor.observe(.known(value * (1 + shift)))
                } else {
                    monitor.observe(observation)
                }
                return alarm.step([monitor.evidence]).opened.isEmpty ? nil : day
            }
        }
    }

    /// The index of a hundred series of all kinds and sizes, of which one in thirty is not to be judged on a day.
    private func index(_ random: inout RandomStream) -> [Observation] {
        let days = TotalsDriftTests.reference + TotalsDriftTests.watched
        let kinds: [DriftScenario] = [.intermittent, .weekly, .yearly, .correlated5, .skewed, .independent]
        var index = DemandIndex(
            through: Bucket(frequency: .daily, ordinal: days - 1),
            weighedThrough: Bucket(frequency: .daily, ordinal: TotalsDriftTests.reference - 1))
        for item in 0..<100 {
            let values = kinds[item % kinds.count].series(days: days, changes: .max, random: &random)
            let size = [1.0, 0.3, 3.0, 0.1][item % 4]
            let observations = values.map { value -> Observation in
                random.uniform() < 1 / 30 ? .masked : .known(max(0, size * value))
            }
            index.add(
                SeriesKey(item: "\(item)"), category: nil, start: Bucket(frequency: .daily, ordinal: 0), observations)
        }
        return index.totals[0].total.observations
    }

    @Test func whereNothingChangesATotalIsNamedOnceInYears() {
        let found = openings(shift: 0).map(\.count).reduce(0, +)
        // Within the tenth of an alarm a year that a total may claim, as far as sixty years can tell.
        #expect(found <= 12, "\(found) in \(TotalsDriftTests.portfolios) years")
    }

    /// A twentieth is a quarter of a standard deviation in most of these series.
    @Test func whatNoSeriesShowsIsFoundInTheirTotalWithinWeeks() {
        let days = openings(shift: 0.05).compactMap(\.first).sorted()
        #expect(days.count >= TotalsDriftTests.portfolios * 9 / 10, "\(days)")
        #expect(days[days.count / 2] <= 28, "\(days)")
    }
}
