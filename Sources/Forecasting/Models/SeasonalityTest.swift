/// Whether a history repeats itself from cycle to cycle.
enum SeasonalityTest {
    /// Whether the autocorrelation at the season's lag is beyond what chance explains at 90 %, as the theta method asks:
    /// `r_m > 1.645 √((1 + 2 Σ_{i<m} r_i²) / n)` (Assimakopoulos and Nikolopoulos 2000; Fiorucci et al. 2016,
    /// section 2.1).
    static func isSeasonal(_ values: [Double], count: Int, season: Int) -> Bool {
        guard season > 1, count >= 2 * season else { return false }
        return excess(values, range: 0..<count, season: season) > 0
    }

    private static func excess(_ values: [Double], range: Range<Int>, season: Int) -> Double {
        var mean = 0.0
        for time in range { mean += values[time] }
        mean /= Double(range.count)
        var variance = 0.0
        for time in range { variance += (values[time] - mean) * (values[time] - mean) }
        guard variance > 0 else { return -1 }
        var squares = 0.0
        var correlation = 0.0
        for lag in 1...season {
            var sum = 0.0
            for time in (range.lowerBound + lag)..<range.upperBound {
                sum += (values[time] - mean) * (values[time - lag] - mean)
            }
            correlation = sum / variance
            if lag < season { squares += correlation * correlation }
        }
        return correlation - 1.645 * ((1 + 2 * squares) / Double(range.count)).squareRoot()
    }
}
