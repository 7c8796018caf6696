/// The quantiles of a fitted model's forecast from the end of a history.
struct QuantileMaker {
    private let history: History
    private let fitted: FittedErrors
    private let knowledge: ClassKnowledge.Quantiles
    private let configuration: ForecastConfiguration
    /// What 1 is in the unit of the history, where quantiles are to be whole numbers.
    let whole: Double?

    init(
        history: History, model: any FittedModel, knowledge: ClassKnowledge.Quantiles,
        configuration: ForecastConfiguration
    ) {
        self.history = history
        fitted = FittedErrors(
            history, model: model, count: history.count, horizon: configuration.horizon,
            nonNegative: configuration.nonNegative)
        self.knowledge = knowledge
        self.configuration = configuration
        whole = history.demandClass.isSlow ? QuantileMaker.whole(history) : nil
    }

    /// The quantiles of single steps.
    func band() -> QuantileBand {
        let naive = ErrorSpread.naive(history, count: history.count, horizon: configuration.horizon)
        return QuantileBand(
            levels: configuration.quantileLevels,
            errors: ErrorDistribution(fitted, naive: naive, shape: knowledge.shape),
            demand: knowledge.demandShare > 0 ? DemandDistribution(history, count: history.count) : nil,
            demandShare: knowledge.demandShare, nonNegative: configuration.nonNegative, whole: whole)
    }

    /// Quantiles of sums over steps 1…k in the unit of the history, row-major, k × level.
    ///
    /// Bands come from sums of errors along paths, past demand from sums over as many consecutive buckets. The share of
    /// past demand fades with k: a sum of many buckets is nearly normal, and how wrong its level may be is seen in errors
    /// alone.
    ///
    /// - Parameter mean: the forecast of each step in the unit of the history.
    func cumulativeQuantiles(_ mean: [Double]) -> [Double] {
        let levels = configuration.quantileLevels
        let naive = CumulativeDemand.naiveSpread(history, count: history.count, horizon: mean.count)
        let band = QuantileBand(
            levels: levels,
            errors: ErrorDistribution(fitted.cumulated, naive: naive, shape: knowledge.cumulativeShape), demand: nil,
            demandShare: 0, nonNegative: configuration.nonNegative, whole: nil)
        var result = band.quantiles(around: CumulativeDemand.sums(mean, horizon: mean.count))
        guard knowledge.demandShare > 0 || whole != nil else { return result }
        for step in mean.indices {
            var past: [Double] = []
            if knowledge.demandShare > 0 {
                let windows = CumulativeDemand.windows(history, count: history.count, length: step + 1)
                past = DemandDistribution(windows[...], season: history.season, start: history.count)
                    .quantiles(levels, step: 0)
            }
            for column in levels.indices {
                let index = step * levels.count + column
                if !past.isEmpty {
                    result[index] += knowledge.demandShare / Double(step + 1) * (past[column] - result[index])
                }
                if let whole { result[index] = (result[index] / whole).rounded() * whole }
            }
        }
        return result
    }

    /// What 1 is in the unit of the history where all demand comes in whole numbers; `nil` where it does not.
    private static func whole(_ history: History) -> Double? {
        let counts = history.values.allSatisfy {
            let value = $0 * history.scale
            return value != value || (value.magnitude < 1e9 && value == value.rounded())
        }
        return counts ? 1 / history.scale : nil
    }
}
