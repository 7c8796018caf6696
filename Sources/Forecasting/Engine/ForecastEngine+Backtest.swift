public import TimeSeries

extension ForecastEngine {
    /// Evaluates models by running each anew at every origin on nothing but what was known then: choice, parameters and
    /// quantiles included. Unlike `SeriesForecast.backtest`, which judges candidates cheaply, nothing is shared between
    /// folds.
    ///
    /// - Parameters:
    ///   - series: any series of the configured frequency.
    ///   - models: the models to evaluate, on the same folds; a model that learns from all series together is not among
    ///     those that can be.
    ///   - stride: buckets between two origins; `nil` for the horizon.
    ///   - progress: called now and then with how many series are done.
    /// - Returns: for each series, in the order given, one result per model; none for a series too short for a fold.
    ///   There are at most `configuration.origins` folds, the last ending with the series.
    /// - Throws: `ForecastError`, or `CancellationError` between two series.
    public func backtest(
        _ series: [DemandSeries], models: [ModelChoice], stride: Int? = nil,
        progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [[ModelBacktest]] {
        for one in series where one.start.frequency != configuration.frequency {
            throw ForecastError.frequency(
                item: one.key.item, found: one.start.frequency, expected: configuration.frequency)
        }
        var calculations: [SeriesCalculation] = []
        for model in models {
            guard model != .ridgeGlobal else {
                throw ForecastError.configuration(
                    "The model ridge-global learns from all series: it has no backtest of one.")
            }
            var changed = configuration
            changed.model = model
            changed.quantileLevels = Set(configuration.quantileLevels + [0.1, 0.9, 0.025, 0.975]).sorted()
            try changed.validate()
            calculations.append(SeriesCalculation(changed))
        }
        let folds = RollingFolds(configuration: configuration, stride: max(1, stride ?? configuration.horizon))
        let prepared = calculations
        return try await ParallelSeries.map(series, threads: configuration.threads, progress: progress) { one in
            prepared.compactMap { folds.evaluate(one, with: $0) }
        }
    }
}

/// The folds of an evaluation that runs a model anew at each origin.
private struct RollingFolds: Sendable {
    let configuration: ForecastConfiguration
    let stride: Int

    /// The result of one model on one series; `nil` where not one point can be scored.
    func evaluate(_ series: DemandSeries, with calculation: SeriesCalculation) -> ModelBacktest? {
        let horizon = configuration.horizon
        let values = series.values
        let origins = origins(values.count)
        guard let first = origins.first else { return nil }
        let levels = calculation.configuration.quantileLevels
        var model = ErrorAccumulator(levels: configuration.quantileLevels)
        var naive = model
        var reference = calculation
        reference.configuration.model = .seasonalNaive
        let columns = model.levels.map { levels.firstIndex(of: $0) ?? 0 }
        var points: [BacktestPoint] = []
        let pasts = origins.map { known in
            let tomorrow = series.start.advanced(by: known).firstDay
            return DemandSeries(
                key: series.key, start: series.start, values: Array(values[0..<known]),
                events: series.events.filter { $0.knownFrom.map { $0 <= tomorrow } ?? true })
        }
        let forecasts = calculation.forecast(pasts)
        let references = reference.forecast(pasts)
        for (fold, known) in origins.enumerated() {
            let past = pasts[fold]
            let forecast = forecasts[fold]
            let simple = references[fold]
            for step in 0..<min(horizon, values.count - known) where values[known + step].isFinite {
                let actual = values[known + step]
                func picked(_ quantiles: [Double]) -> [Double] { columns.map { quantiles[step * levels.count + $0] } }
                model.add(actual: actual, mean: forecast.mean[step], quantiles: picked(forecast.quantiles), start: 0)
                naive.add(actual: actual, mean: simple.mean[step], quantiles: picked(simple.quantiles), start: 0)
                points.append(
                    BacktestPoint(
                        origin: past.origin, step: step + 1, actual: actual, mean: forecast.mean[step],
                        model: forecast.model))
            }
        }
        guard !points.isEmpty else { return nil }
        let scale = scale(series, known: first)
        return ModelBacktest(
            key: series.key, model: calculation.configuration.model.name, errors: model.summary(scale: scale, unit: 1),
            seasonalNaive: naive.summary(scale: scale, unit: 1), points: points)
    }

    /// How many buckets each fold knows, ascending; the last fold ends with the series where that leaves it two.
    private func origins(_ count: Int) -> [Int] {
        let last = count - min(configuration.horizon, max(1, count / 2))
        let least = max(2, min(2 * configuration.season, last))
        guard last >= 2, last < count else { return [] }
        return (0..<max(1, configuration.origins)).map { last - $0 * stride }.filter { $0 >= least }.reversed()
    }

    private func scale(_ series: DemandSeries, known: Int) -> (absolute: Double, squared: Double) {
        var notes: [String] = []
        let past = DemandSeries(key: series.key, start: series.start, values: Array(series.values[0..<known]))
        guard let history = History(past, season: configuration.season, notes: &notes) else { return (1, 1) }
        let scale = Contest.scale(history, count: history.count)
        return (scale.absolute * history.scale, scale.squared * history.scale)
    }
}
