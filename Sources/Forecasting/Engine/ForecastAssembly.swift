internal import TimeSeries

/// Puts a chosen model's numbers back into the unit of demand, adds quantiles and the backtest.
struct ForecastAssembly {
    let series: DemandSeries
    let history: History
    let contest: Contest.Outcome
    let configuration: ForecastConfiguration

    /// The finished forecast.
    func result(notes: [String]) -> SeriesForecast {
        let horizon = configuration.horizon
        var outlook = contest.winner.outlook(history, horizon: horizon)
        var notes = notes
        let base = settle(&outlook.components, notes: &notes)
        let factors = history.effects?.factors(history.count..<(history.count + horizon), knownOn: nil)
        let mean = withEffects(base, factors: factors, components: &outlook.components)
        let levels = configuration.quantileLevels
        var method = QuantileMethod.errors
        var quantiles: [Double] = []
        if !levels.isEmpty {
            method = QuantileMethod.choose(
                history, plan: contest.plan, table: contest.table, nonNegative: configuration.nonNegative)
            if method != .errors { notes.append("quantiles are those of past demand, not a band around the mean") }
            quantiles = self.quantiles(method, mean: base, factors: factors)
        }
        let state = outlook.state.enumerated().map {
            bounded(outlook.unitless.contains($0.offset) ? $0.element : $0.element * history.scale)
        }
        let likelihood = contest.winner.likelihood.map { inDemandUnit($0) }
        return SeriesForecast(
            key: series.key, origin: series.origin, model: contest.winner.name, modelFamily: contest.winner.family,
            parameters: contest.winner.parameters, state: state, stateNames: outlook.stateNames, mean: mean,
            quantileLevels: levels, quantiles: quantiles, components: outlook.components,
            logLikelihood: likelihood?.logLikelihood, aicc: likelihood?.corrected, observations: history.observed,
            demandClass: history.demandClass, backtest: BacktestScoring(self, method: method).result(), notes: notes)
    }

    /// Quantiles in the unit of demand, row-major, step × level, ascending within each step.
    private func quantiles(_ method: QuantileMethod, mean: [Double], factors: [Double]?) -> [Double] {
        let levels = configuration.quantileLevels
        var quantiles = method.quantiles(
            levels, history: history, mean: mean.map { $0 / history.scale }, errors: calibrationErrors(method))
        for step in mean.indices {
            var previous = configuration.nonNegative ? 0 : -Double.greatestFiniteMagnitude
            let scale = history.scale * (factors?[step] ?? 1)
            for index in (step * levels.count)..<((step + 1) * levels.count) {
                previous = max(bounded(quantiles[index] * scale), previous)
                quantiles[index] = previous
            }
        }
        return quantiles
    }

    /// Errors to learn quantiles from, in the unit of the history: see `CalibrationErrors`.
    private func calibrationErrors(_ method: QuantileMethod) -> [Double] {
        guard method == .errors else { return [] }
        return CalibrationErrors.collect(
            history, model: contest.winner, plan: contest.plan, table: contest.table, horizon: configuration.horizon,
            nonNegative: configuration.nonNegative)
    }

    /// Scales components, appends an adjustment where the sum is not what may be forecast, and returns the means.
    private func settle(_ components: inout [Component], notes: inout [String]) -> [Double] {
        let horizon = configuration.horizon
        for index in components.indices {
            for step in 0..<horizon {
                components[index].values[step] = bounded(components[index].values[step] * history.scale)
            }
        }
        var mean = [Double](repeating: 0, count: horizon)
        var adjustment = mean
        for step in 0..<horizon {
            let sum = components.reduce(0) { $0 + $1.values[step] }
            if configuration.nonNegative && sum < 0 { adjustment[step] = -sum }
            mean[step] = sum + adjustment[step]
        }
        if adjustment.contains(where: { $0 != 0 }) {
            components.append(Component(name: "adjustment", values: adjustment))
        }
        return mean
    }

    /// The mean with the effects of holidays and events, which are appended as components of their own.
    private func withEffects(_ base: [Double], factors: [Double]?, components: inout [Component]) -> [Double] {
        guard let effects = history.effects, let factors, factors.contains(where: { $0 != 1 }) else { return base }
        for share in effects.shares(history.count..<(history.count + base.count)) {
            let values = zip(base, share.values).map { bounded($0 * $1) }
            guard values.contains(where: { $0 != 0 }) else { continue }
            if let index = components.firstIndex(where: { $0.name == share.component }) {
                for step in values.indices { components[index].values[step] += values[step] }
            } else {
                components.append(Component(name: share.component, values: values))
            }
        }
        return base.indices.map { step in
            // The sum in the order of the components, so that they add up to the last bit.
            let sum = components.reduce(0) { $0 + $1.values[step] }
            return configuration.nonNegative ? max(sum, 0) : sum
        }
    }

    /// A likelihood of scaled values as that of the values themselves: each observation counts log(scale) less.
    private func inDemandUnit(_ likelihood: Likelihood) -> Likelihood {
        var result = likelihood
        result.logLikelihood -= Double(likelihood.observed) * Double(history.scale.exponent) * 0.6931471805599453
        return result
    }

    /// A number held inside ±1e300, so that sums of a few stay finite.
    private func bounded(_ value: Double) -> Double {
        value.isNaN ? 0 : min(max(value, -1e300), 1e300)
    }
}
