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
        let end = contest.winner.state(after: history)
        var outlook = end.outlook(horizon: horizon)
        var notes = notes
        let base = unit.settle(&outlook.components, horizon: horizon)
        let effects = UpcomingEffects(after: history, horizon: horizon)
        let mean = effects?.apply(to: base, components: &outlook.components, unit: unit) ?? base
        let levels = configuration.quantileLevels
        var method = QuantileMethod.errors
        var quantiles: [Double] = []
        var errors: [Double] = []
        if !levels.isEmpty {
            method = QuantileMethod.choose(
                history, plan: contest.plan, table: contest.table, nonNegative: configuration.nonNegative)
            if method != .errors { notes.append("quantiles are those of past demand, not a band around the mean") }
            errors = calibrationErrors(method)
            quantiles = unit.ordered(
                method.quantiles(levels, history: history, mean: base.map { $0 / history.scale }, errors: errors),
                levels: levels.count, factors: effects?.factors)
        }
        let likelihood = contest.winner.likelihood.map { inDemandUnit($0) }
        var forecast = SeriesForecast(
            key: series.key, origin: series.origin, model: contest.winner.name, modelFamily: contest.winner.family,
            parameters: contest.winner.parameters, state: unit.state(outlook), stateNames: outlook.stateNames,
            mean: mean,
            quantileLevels: levels, quantiles: quantiles, components: outlook.components,
            logLikelihood: likelihood?.logLikelihood, aicc: likelihood?.corrected, observations: history.observed,
            demandClass: history.demandClass, backtest: BacktestScoring(self, method: method).result(), notes: notes)
        if configuration.keepsFit {
            let band = QuantileBand(method, levels: levels, history: history, horizon: horizon, errors: errors)
            forecast.fitted = FittedForecast(forecast, unit: unit, band: band, effects: effects, state: end)
        }
        return forecast
    }

    private var unit: DemandUnit { DemandUnit(scale: history.scale, nonNegative: configuration.nonNegative) }

    /// Errors to learn quantiles from, in the unit of the history: see `CalibrationErrors`.
    private func calibrationErrors(_ method: QuantileMethod) -> [Double] {
        guard method == .errors else { return [] }
        return CalibrationErrors.collect(
            history, model: contest.winner, plan: contest.plan, table: contest.table, horizon: configuration.horizon,
            nonNegative: configuration.nonNegative)
    }

    /// A likelihood of scaled values as that of the values themselves: each observation counts log(scale) less.
    private func inDemandUnit(_ likelihood: Likelihood) -> Likelihood {
        var result = likelihood
        result.logLikelihood -= Double(likelihood.observed) * Double(history.scale.exponent) * 0.6931471805599453
        return result
    }
}
