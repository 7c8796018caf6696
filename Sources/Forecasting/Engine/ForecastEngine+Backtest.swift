public import TimeSeries

extension ForecastEngine {
    /// Evaluates models by running each anew at every origin on nothing but what was known then: choice, parameters and
    /// quantiles included. Unlike `SeriesForecast.backtest`, which judges candidates cheaply, nothing is shared between
    /// folds.
    ///
    /// All series are cut by the same number of buckets and forecast as one batch, as `forecast` would have done then.
    ///
    /// - Parameters:
    ///   - series: any series of the configured frequency.
    ///   - models: the models to evaluate, on the same folds; a model that learns its parameters from all series together
    ///     is not among those that can be.
    ///   - stride: buckets between two origins; `nil` for the horizon.
    ///   - progress: called now and then with how many series' worth of work is done.
    /// - Returns: for each series, in the order given, one result per model; none for a series too short for a fold.
    ///   There are at most `configuration.origins` folds, at least one, the last ending with the series.
    /// - Throws: `ForecastError`, or `CancellationError` between two chunks of series.
    public func backtest(
        _ series: [DemandSeries], models: [ModelChoice], stride: Int? = nil,
        progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [[ModelBacktest]] {
        for one in series where one.start.frequency != configuration.frequency {
            throw ForecastError.frequency(
                item: one.key.item, found: one.start.frequency, expected: configuration.frequency)
        }
        let engines = try models.map { model in
            guard model != .ridgeGlobal else {
                throw ForecastError.configuration(
                    "The model ridge-global learns from all series: it has no backtest of one.")
            }
            return try engine(model)
        }
        let reference = try engine(.seasonalNaive)
        let stride = max(1, stride ?? configuration.horizon)
        var scores = series.map { one in
            models.map { _ in RollingScore(one, configuration: configuration, stride: stride) }
        }
        let folds = max(1, configuration.origins)
        // The oldest first, so that each series' points are in order of time.
        for fold in (0..<folds).reversed() {
            let members = series.indices.filter { !scores[$0].isEmpty && scores[$0][0].origins.count > fold }
            let pasts = members.map { scores[$0][0].past(series[$0], fold: fold) }
            let simple = try await reference.forecast(pasts)
            for (column, engine) in engines.enumerated() {
                let forecasts = try await engine.forecast(pasts)
                for (place, index) in members.enumerated() {
                    scores[index][column].add(
                        series[index], forecast: forecasts[place], reference: simple[place], fold: fold)
                }
            }
            progress?(series.count * (folds - fold) / folds)
        }
        return series.indices.map { index in
            zip(scores[index], models).compactMap { $0.result(series[index], model: $1) }
        }
    }

    /// An engine for one model of the evaluation, with the levels its intervals need.
    private func engine(_ model: ModelChoice) throws(ForecastError) -> ForecastEngine {
        var changed = configuration
        changed.model = model
        changed.cumulative = false
        changed.quantileLevels = Set(configuration.quantileLevels + [0.1, 0.9, 0.025, 0.975]).sorted()
        return try ForecastEngine(configuration: changed)
    }
}

/// What one model did on one series, fold by fold.
private struct RollingScore {
    /// How many buckets each fold knows, ascending; the last fold ends with the series where that leaves it two.
    let origins: [Int]
    private let configuration: ForecastConfiguration
    private var model: ErrorAccumulator
    private var naive: ErrorAccumulator
    private var points: [BacktestPoint] = []

    init(_ series: DemandSeries, configuration: ForecastConfiguration, stride: Int) {
        self.configuration = configuration
        let count = series.values.count
        let last = count - min(configuration.horizon, max(1, count / 2))
        let least = max(2, min(2 * configuration.season, last))
        origins =
            last >= 2 && last < count
            ? (0..<max(1, configuration.origins)).map { last - $0 * stride }.filter { $0 >= least }.reversed() : []
        model = ErrorAccumulator(levels: configuration.quantileLevels)
        naive = model
    }

    /// What was known at a fold, counted back from the last one.
    func past(_ series: DemandSeries, fold: Int) -> DemandSeries {
        let known = origins[origins.count - 1 - fold]
        let tomorrow = series.start.advanced(by: known).firstDay
        return DemandSeries(
            key: series.key, start: series.start, values: Array(series.values[0..<known]),
            events: series.events.filter { $0.knownFrom.map { $0 <= tomorrow } ?? true })
    }

    /// Scores the forecasts of a fold.
    mutating func add(_ series: DemandSeries, forecast: SeriesForecast, reference: SeriesForecast, fold: Int) {
        let known = origins[origins.count - 1 - fold]
        let levels = forecast.quantileLevels
        let columns = model.levels.map { levels.firstIndex(of: $0) ?? 0 }
        for step in 0..<min(configuration.horizon, series.values.count - known) {
            let actual = series.values[known + step]
            guard actual.isFinite else { continue }
            func picked(_ quantiles: [Double]) -> [Double] { columns.map { quantiles[step * levels.count + $0] } }
            model.add(actual: actual, mean: forecast.mean[step], quantiles: picked(forecast.quantiles), start: 0)
            naive.add(actual: actual, mean: reference.mean[step], quantiles: picked(reference.quantiles), start: 0)
            points.append(
                BacktestPoint(
                    origin: forecast.origin, step: step + 1, actual: actual, mean: forecast.mean[step],
                    model: forecast.model))
        }
    }

    /// The result; `nil` where not one point could be scored.
    func result(_ series: DemandSeries, model choice: ModelChoice) -> ModelBacktest? {
        guard !points.isEmpty, let first = origins.first else { return nil }
        let scale = scale(series, known: first)
        return ModelBacktest(
            key: series.key, model: choice.name, errors: model.summary(scale: scale, unit: 1),
            seasonalNaive: naive.summary(scale: scale, unit: 1), points: points)
    }

    private func scale(_ series: DemandSeries, known: Int) -> (absolute: Double, squared: Double) {
        var notes: [String] = []
        let past = DemandSeries(key: series.key, start: series.start, values: Array(series.values[0..<known]))
        guard let history = History(past, season: configuration.season, notes: &notes) else { return (1, 1) }
        let scale = Contest.scale(history, count: history.count)
        return (scale.absolute * history.scale, scale.squared * history.scale)
    }
}
