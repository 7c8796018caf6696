internal import TimeSeries

/// Puts a chosen model's numbers back into the unit of demand, adds quantiles and the backtest.
struct ForecastAssembly {
    let series: DemandSeries
    let history: History
    let contest: Contest.Outcome
    let knowledge: ClassKnowledge.Quantiles
    let configuration: ForecastConfiguration

    /// The finished forecast.
    func result(notes: [String]) -> SeriesForecast {
        let horizon = configuration.horizon
        let end = contest.winner.state(after: history)
        let closed = ClosedBuckets(history, count: history.count).counted(from: history.count)
        var outlook = end.outlook(horizon: max(horizon, closed.cycle))
        var notes = notes
        if !closed.isEmpty { notes.append("some buckets of the cycle never have demand: their forecast is zero") }
        let base = unit.settle(&outlook.components, horizon: horizon, closed: closed)
        let effects = UpcomingEffects(after: history, horizon: horizon)
        let mean = effects?.apply(to: base, components: &outlook.components, unit: unit) ?? base
        let levels = configuration.quantileLevels
        var band = QuantileBand(levels: levels)
        var quantiles: [Double] = []
        var sums: [Double]? = configuration.cumulative ? [] : nil
        var whole: Double?
        if !levels.isEmpty {
            let maker = QuantileMaker(
                history: history, model: contest.winner, knowledge: knowledge, configuration: configuration)
            whole = maker.whole
            if knowledge.demandShare > 0.5 {
                notes.append("quantiles are mostly those of past demand, not a band around the mean")
            }
            band = maker.band()
            let scaled = base.map { $0 / history.scale }
            var steps = band.quantiles(around: scaled)
            closed.close(&steps, from: 0, width: levels.count)
            quantiles = unit.ordered(steps, levels: levels.count, factors: effects?.factors)
            if configuration.cumulative {
                sums = unit.ordered(
                    maker.cumulativeQuantiles(scaled), levels: levels.count, factors: growth(from: base, to: mean))
            }
        }
        let likelihood = contest.winner.likelihood.map { inDemandUnit($0) }
        var forecast = SeriesForecast(
            key: series.key, origin: series.origin, model: contest.winner.name, modelFamily: contest.winner.family,
            parameters: contest.winner.parameters, state: unit.state(outlook), stateNames: outlook.stateNames,
            mean: mean, quantileLevels: levels, quantiles: quantiles, cumulativeQuantiles: sums,
            components: outlook.components,
            logLikelihood: likelihood?.logLikelihood, aicc: likelihood?.corrected, observations: history.observed,
            demandClass: history.demandClass, backtest: BacktestScoring(self, whole: whole).result(), notes: notes)
        if configuration.keepsFit {
            forecast.fitted = FittedForecast(
                forecast, unit: unit, band: band, closed: closed, effects: effects, state: end)
        }
        return forecast
    }

    private var unit: DemandUnit { DemandUnit(scale: history.scale, nonNegative: configuration.nonNegative) }

    /// What holidays and events multiply the sum of each step and those before it by.
    private func growth(from base: [Double], to mean: [Double]) -> [Double] {
        var before = 0.0
        var after = 0.0
        return zip(base, mean).map { base, mean in
            before += base
            after += mean
            return before > 0 ? after / before : 1
        }
    }

    /// A likelihood of scaled values as that of the values themselves: each observation counts log(scale) less.
    private func inDemandUnit(_ likelihood: Likelihood) -> Likelihood {
        var result = likelihood
        result.logLikelihood -= Double(likelihood.observed) * Double(history.scale.exponent) * 0.6931471805599453
        return result
    }
}
