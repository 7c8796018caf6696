/// How far actuals fall from forecasts of one series, per step.
///
/// Each step has a spread (`ErrorSpread`); errors over their step's spread have one shape for all steps, which is that of
/// the class (`ErrorShape`), drawn towards the series' own as far as it has paths enough to show one.
struct ErrorDistribution: Sendable {
    /// The spread at each step.
    let spreads: [Double]
    private let shape: ErrorShape
    /// The series' own fitted errors over their spread, ascending; empty where they show no shape.
    private let scores: [Double]
    /// How far the own shape is trusted, 0 to 1.
    private let trust: Double

    /// The class's shape is worth as much as this many separate paths.
    private static let classPaths = 8.0
    /// Fewer errors than this have no shape.
    private static let fewest = 4

    /// Learns from fitted errors.
    init(_ fitted: FittedErrors, naive: [Double], shape: ErrorShape) {
        let horizon = fitted.horizon
        let spreads = ErrorSpread.spreads(
            errors: fitted.errors, horizon: horizon, naive: naive, span: fitted.span, count: fitted.count)
        self.spreads = spreads
        self.shape = shape
        let scores = ErrorDistribution.scores(fitted.errors, spreads: spreads)
        let tells = scores.count >= ErrorDistribution.fewest && scores[0] < scores[scores.count - 1]
        self.scores = tells ? scores : []
        let paths = Double(fitted.span) / Double(horizon)
        trust = tells ? paths / (paths + ErrorDistribution.classPaths) : 0
    }

    /// Goes by the shape of the class alone.
    init(spreads: [Double], shape: ErrorShape) {
        self.spreads = spreads
        self.shape = shape
        scores = []
        trust = 0
    }

    /// How many spreads the error's quantile at a level is away from 0; the same for all steps.
    func score(_ level: Double) -> Double {
        guard !scores.isEmpty else { return shape.score(level) }
        let own = ErrorShape.quantile(scores, level) * shape.inflation
        return trust * own + (1 - trust) * shape.score(level)
    }

    /// The range from the 2.5 % to the 97.5 % quantile of the own errors; `nil` where they show no shape.
    var fittedRange: Double? {
        guard !scores.isEmpty else { return nil }
        return ErrorShape.quantile(scores, 0.975) - ErrorShape.quantile(scores, 0.025)
    }

    /// Errors, row-major, origin × step, over their step's spread, ascending; those not scored, and those of steps without
    /// a spread, are left out.
    static func scores(_ errors: [Double], spreads: [Double]) -> [Double] {
        var scores: [Double] = []
        scores.reserveCapacity(errors.count)
        for start in stride(from: 0, to: errors.count, by: spreads.count) {
            for step in spreads.indices {
                let error = errors[start + step]
                if error == error, spreads[step] > 0 { scores.append(error / spreads[step]) }
            }
        }
        scores.sort()
        return scores
    }
}
