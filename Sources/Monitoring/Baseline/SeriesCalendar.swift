public import TimeSeries

/// Which places in which seasons a bucket takes.
public struct SeriesCalendar: Sendable, Hashable {
    /// How long a bucket is.
    public var frequency: Frequency
    /// Places of the short season, such as 7 weekdays; 1 where there is none that is short.
    public var phases: Int
    /// Buckets in a year.
    public var year: Int

    /// The calendar of a frequency and a season; one of more than 31 buckets is left to the year's waves.
    public init(frequency: Frequency, season: Int) {
        self.frequency = frequency
        phases = (2...31).contains(season) ? season : 1
        year =
            switch frequency {
            case .hourly: 8766
            case .daily: 365
            case .weekly: 52
            case .monthly: 12
            case .quarterly: 4
            case .yearly: 1
            }
    }

    /// A bucket's place in the short season.
    func phase(_ ordinal: Int) -> Int {
        let place = ordinal % phases
        return place < 0 ? place + phases : place
    }

    /// A bucket's place in the year as an angle; 0 where the short season is the year.
    func angle(_ ordinal: Int) -> Double {
        let length: Double =
            switch frequency {
            case .hourly: 8765.82
            case .daily: 365.2425
            case .weekly: 52.1775
            case .monthly: 12
            case .quarterly: 4
            case .yearly: 1
            }
        let turns = Double(ordinal) / length
        return 2 * Double.pi * (turns - turns.rounded(.down))
    }

    /// Fewest known buckets a reference may have: eight seasons of a week, or two years of a shorter one.
    public var smallestReference: Int { min(max(8 * phases, 26), 200) }
}
