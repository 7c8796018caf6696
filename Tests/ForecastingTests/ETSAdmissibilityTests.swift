import Forecasting
import Testing

/// The admissible region against the recursion itself: fed with zeros, a state dies out inside it and grows outside.
@Suite struct ETSAdmissibilityTests {
    @Test(arguments: [4, 7, 12, 24], [1, 0.95, 0.8])
    func statesDieOutInsideAndGrowOutside(season: Int, phi: Double) {
        for alpha in [0.1, 0.3, 0.5] {
            for share in [0.4, 0.7, 0.95] {
                let gamma = (1 - alpha) * share
                // The bound is one of φβ.
                let largest =
                    ETSAdmissibility.largestTrend(alpha: alpha, gamma: gamma, phi: phi, season: season) / phi
                let inside = ETSSmoothing(alpha: alpha, beta: 0.9 * largest, gamma: gamma, phi: phi)
                let outside = ETSSmoothing(alpha: alpha, beta: 1.6 * largest, gamma: gamma, phi: phi)
                #expect(growth(inside, season: season) < 1, "\(inside)")
                #expect(growth(outside, season: season) > 1, "\(outside)")
            }
        }
    }

    /// Every fit is inside, though the likelihood of a trend that moves much beside a season would go further.
    @Test(arguments: ["AAA", "AAdA", "MAM", "MAdM", "AAM", "MAA"], [ETSFit.Effort.brisk, .thorough])
    func fitsAreInside(notation: String, effort: ETSFit.Effort) throws {
        let form = try #require(ETSForm(notation: notation))
        for season in [12, 26] {
            let fits = ETSBatch.fit(
                (1...8).map {
                    let values = ETSAdmissibilityTests.restless(seed: UInt64($0), count: 5 * season, season: season)
                    return ETSBatch.Request(
                        values: values, count: values.count, form: form, season: season, effort: effort)
                })
            for fit in fits {
                let smoothing = try #require(fit).smoothing
                let largest = ETSAdmissibility.largestTrend(
                    alpha: smoothing.alpha, gamma: smoothing.gamma, phi: smoothing.phi, season: season)
                #expect(smoothing.beta <= largest * (1 + 1e-12))
            }
        }
    }

    /// The size of the state after many cycles of zeros by that after half as many.
    private func growth(_ smoothing: ETSSmoothing, season: Int) -> Double {
        var state = [1.0, 1.0] + (0..<season).map { $0 % 3 == 0 ? 1 : -0.5 }
        let cycles = 400
        let zeros = [Double](repeating: 0, count: cycles * season)
        var errors = zeros
        let form = ETSForm(.additive, .additive, .additive)
        func size(_ range: Range<Int>) -> Double { errors[range].reduce(0) { max($0, $1.magnitude) } }
        _ = ETSFilter.run(
            form, smoothing, season: season, state: &state, values: zeros, range: 0..<zeros.count, errors: &errors)
        return size((zeros.count - 10 * season)..<zeros.count)
            / size((zeros.count / 2)..<(zeros.count / 2 + 10 * season))
    }

    /// A positive random walk of the slope, with a season.
    private static func restless(seed: UInt64, count: Int, season: Int) -> [Double] {
        var generator = SplitMix(seed: seed)
        var level = 1000.0
        var slope = 0.0
        return (0..<count).map { time in
            slope = 0.9 * slope + 4 * generator.normal()
            level = max(level + slope, 300)
            return level * (1 + 0.1 * Double(time % season % 3)) + 2 * generator.normal()
        }
    }
}
