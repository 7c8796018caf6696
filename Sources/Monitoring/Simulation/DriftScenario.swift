#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Daily series made up from a seed, with or without a change, on which false alarms and delays are measured.
package enum DriftScenario: String, Sendable, CaseIterable {
    // Nothing changes.
    case independent
    case correlated5 = "ar(1) 0.5"
    case correlated8 = "ar(1) 0.8"
    case weekly
    case yearly
    case intermittent
    case trending
    case skewed
    // Something changes on a day after the reference.
    case levelShift = "level +1 sigma"
    case varianceDoubled = "variance x 2"
    case seasonSwapped = "season swapped"
    case forecastBias = "forecast bias 0.5 sigma"

    /// Whether nothing changes.
    package var isStable: Bool {
        switch self {
        case .levelShift, .varianceDoubled, .seasonSwapped, .forecastBias: false
        default: true
        }
    }

    /// Days of history before the first check.
    package static let referenceDays = 730

    /// A series of so many days; the change comes on the day `changes`.
    package func series(days: Int, changes: Int, random: inout RandomStream) -> [Double] {
        let scale = 10.0
        let weekday = [-1.2, -0.4, 0.1, 0.4, 0.9, 1.3, -1.1]
        let phase = random.uniform() * 2 * Double.pi
        let rate = 0.1 + 0.4 * random.uniform()
        let slope = (random.uniform() < 0.5 ? 1 : -1) * (1 + random.uniform()) / 365
        var memory = 0.0
        return (0..<days).map { day in
            let hasChanged = day >= changes
            let noise = random.normal()
            switch self {
            case .independent, .forecastBias: return 100 + scale * noise
            case .correlated5, .correlated8:
                let correlation = self == .correlated5 ? 0.5 : 0.8
                memory = correlation * memory + (1 - correlation * correlation).squareRoot() * noise
                return 100 + scale * memory
            case .weekly: return 100 + scale * (noise + weekday[day % 7])
            case .yearly:
                let angle = 2 * Double.pi * Double(day) / 365.2425 + phase
                return 100 + scale * (noise + weekday[day % 7] + 1.5 * sin(angle) + 0.4 * sin(2 * angle))
            case .intermittent:
                guard random.uniform() < rate else { return 0 }
                return 1 + (-3 * log(1 - random.uniform())).rounded(.down)
            case .trending: return 150 + scale * (noise + slope * Double(day))
            case .skewed: return 50 * exp(0.6 * noise)
            case .levelShift: return 100 + scale * (noise + weekday[day % 7] + (hasChanged ? 1 : 0))
            case .varianceDoubled:
                return 100 + scale * (weekday[day % 7] + noise * (hasChanged ? 2.0.squareRoot() : 1))
            case .seasonSwapped: return 100 + scale * (noise + weekday[hasChanged ? 6 - day % 7 : day % 7])
            }
        }
    }

    /// What a forecast with right intervals says of a day, where the scenario is about forecasts.
    func prediction(day: Int, changes: Int) -> Prediction? {
        guard self == .forecastBias else { return nil }
        let mean = 100.0 - (day >= changes ? 5 : 0)
        return Prediction(mean: mean, lower: mean - 12.8155, upper: mean + 12.8155)
    }
}
