/// What a detector looks for in standardised residuals.
public enum Detector: Int, Sendable, CaseIterable, Codable {
    /// Demand rose at once: CUSUM with an allowance of 0.5 σ, which is best for a shift of 1 σ.
    case levelUp
    /// Demand fell at once.
    case levelDown
    /// Residuals lean upwards, forecasts are too low: CUSUM with an allowance of 0.25 σ, which is best for 0.5 σ.
    case biasUp
    /// Residuals lean downwards, forecasts are too high.
    case biasDown
    /// Errors grew: CUSUM of the likelihood ratio of twice the variance.
    case spread
    /// The share of buckets without demand rose.
    case zeroShare
    /// The share of unknown buckets rose.
    case missingShare
    /// More actuals than a fifth fall outside the central 80 % interval.
    case coverage
    /// The residuals of the season's places, such as weekdays, differ from each other.
    case pattern
    /// The residuals of the last four weeks are spread otherwise over the reference's tenths (PSI).
    case distribution

    /// The name by which reports and tables call it.
    public var name: String {
        switch self {
        case .levelUp: "level up"
        case .levelDown: "level down"
        case .biasUp: "bias up"
        case .biasDown: "bias down"
        case .spread: "spread"
        case .zeroShare: "zero share"
        case .missingShare: "missing share"
        case .coverage: "coverage"
        case .pattern: "seasonal pattern"
        case .distribution: "distribution"
        }
    }

    /// Its share of the false-alarm budget; the shares add up to 1 (a weighted Bonferroni correction).
    package var share: Double {
        switch self {
        case .levelUp, .levelDown: 0.15
        case .biasUp, .biasDown: 0.07
        case .spread: 0.34
        case .pattern: 0.1
        case .zeroShare, .missingShare, .coverage, .distribution: 0.03
        }
    }

    static let count = 10
}
