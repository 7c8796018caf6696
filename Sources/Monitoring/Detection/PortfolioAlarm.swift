#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Which series of a portfolio an incident names, day by day.
///
/// Only series not named yet are looked at: those that are would keep the bar low for the others as long as they are. A
/// series is named once the false discovery rate lets it be on two of three days; it stays named until its evidence has
/// been below what comes about a few times a year for seven days, and rests for two weeks after.
public struct PortfolioAlarm: Sendable {
    /// What a day changed.
    public struct Change: Sendable, Hashable {
        /// Series newly named.
        public var opened: [Int] = []
        /// Series no longer named.
        public var closed: [Int] = []
    }

    private var states: [AlarmState]
    private let year: Int
    private let level: Double
    private let budget: Double

    /// No series is named; there are so many, and `year` buckets in a year.
    public init(
        series: Int, year: Int, level: Double = FalseDiscovery.level, budget: Double = AlarmState.budget
    ) {
        states = [AlarmState](repeating: AlarmState(), count: series)
        self.year = year
        self.level = level
        self.budget = budget
    }

    /// Takes the evidence of every series on a day.
    public mutating func step(_ evidence: [Double]) -> Change {
        var change = Change()
        let places = states.indices.filter { !states[$0].isRaised }
        let isNamed = Set(
            FalseDiscovery.named(
                places.map { evidence[$0] }, year: year, level: level, budget: budget
            ).map { places[$0] })
        for place in states.indices {
            switch states[place].step(evidence[place], isHot: isNamed.contains(place)) {
            case .raised: change.opened.append(place)
            case .ended: change.closed.append(place)
            case .quiet, .standing: break
            }
        }
        return change
    }

    /// The series named.
    public var named: [Int] { states.indices.filter { states[$0].isRaised } }

    /// The evidence that is named at a rank among so many series.
    static func needed(rank: Int, among count: Int, year: Int) -> Double {
        max(-log(FalseDiscovery.level * Double(rank) / Double(count) * Double(year)), -log(AlarmState.budget))
    }
}
