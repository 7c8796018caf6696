internal import TimeSeries

/// Everything done to one series, from raw values to forecast.
struct SeriesCalculation: Sendable {
    /// What is forecast and how.
    var configuration: ForecastConfiguration

    /// What fits share across series.
    var context: FitContext

    init(_ configuration: ForecastConfiguration) {
        self.configuration = configuration
        let holidays = HolidayEffects(configuration.holidays)
        context = FitContext(holidays: holidays, pool: nil)
    }

    /// Forecasts a series; never fails, since the simplest model describes anything.
    func forecast(_ series: DemandSeries) -> SeriesForecast { forecast([series])[0] }

    /// Forecasts several series, with all their fits of exponential smoothing made together; the result of each is what it
    /// would be alone.
    func forecast(_ series: [DemandSeries]) -> [SeriesForecast] {
        var drafts = series.map { Draft($0, configuration: configuration, context: context) }
        let first = SeriesCalculation.fits(drafts.map { $0.contest?.firstRequests() ?? [] })
        for index in drafts.indices { drafts[index].rank(first[index], context: context) }
        let second = SeriesCalculation.fits(drafts.map { $0.contest?.secondRequests() ?? [] })
        return drafts.indices.map { drafts[$0].finish(second[$0], context: context) }
    }

    /// The model chosen for a series and fitted to it; `nil` where nothing was observed.
    func chosenModel(_ series: DemandSeries) -> (any FittedModel)? {
        var draft = Draft(series, configuration: configuration, context: context)
        draft.rank(SeriesCalculation.fits([draft.contest?.firstRequests() ?? []])[0], context: context)
        let fits = SeriesCalculation.fits([draft.contest?.secondRequests() ?? []])[0]
        return draft.settle(fits, context: context)?.winner
    }

    /// Fits what the series ask for, in one batch.
    private static func fits(_ requests: [[ETSBatch.Request]]) -> [SmoothingFits] {
        var next = ETSBatch.fit(requests.flatMap { $0 }).makeIterator()
        return requests.map { asked in
            var fits = SmoothingFits()
            for _ in asked { if let fit = next.next() ?? nil { fits.append(fit) } }
            return fits
        }
    }
}

/// One series on its way from raw values to forecast.
private struct Draft {
    let series: DemandSeries
    let configuration: ForecastConfiguration
    /// `nil` where nothing was observed.
    private(set) var contest: Contest?
    private var notes: [String] = []

    init(_ series: DemandSeries, configuration: ForecastConfiguration, context: FitContext) {
        self.series = series
        self.configuration = configuration
        guard let history = History(series, season: configuration.season, notes: &notes) else {
            notes.append("no observations: the forecast is zero")
            return
        }
        if configuration.season > 1, history.season == 1 {
            notes.append(
                "\(history.count) buckets are fewer than two seasons of \(configuration.season): no season is modelled")
        }
        // The naive models are the measure of the others: they know of nothing but what was.
        let isNaive = configuration.model == .naive || configuration.model == .seasonalNaive
        let learning =
            isNaive
            ? nil
            : EffectLearning(history, events: series.events, horizon: configuration.horizon, context: context)
        contest = Contest(history, learning: learning, configuration: configuration, notes: &notes)
    }

    mutating func rank(_ fits: SmoothingFits, context: FitContext) {
        contest?.receive(fits)
        contest?.rank(context: context, notes: &notes)
    }

    mutating func finish(_ fits: SmoothingFits, context: FitContext) -> SeriesForecast {
        guard let outcome = settle(fits, context: context), let contest else { return zeroForecast() }
        return ForecastAssembly(
            series: series, history: contest.history, contest: outcome, configuration: configuration
        ).result(notes: notes)
    }

    /// The chosen model, fitted to the whole history; `nil` where nothing was observed.
    mutating func settle(_ fits: SmoothingFits, context: FitContext) -> Contest.Outcome? {
        contest?.receive(fits)
        return contest?.settle(context: context, notes: &notes)
    }

    private func zeroForecast() -> SeriesForecast {
        let horizon = configuration.horizon
        let zeros = [Double](repeating: 0, count: horizon)
        var forecast = SeriesForecast(
            key: series.key, origin: series.origin, model: "naive", modelFamily: .naive, parameters: [:], state: [0],
            stateNames: ["level"], mean: zeros, quantileLevels: configuration.quantileLevels,
            quantiles: [Double](repeating: 0, count: horizon * configuration.quantileLevels.count),
            components: [Component(name: "level", values: zeros)], logLikelihood: nil, aicc: nil, observations: 0,
            demandClass: .none, backtest: nil, notes: notes)
        if configuration.keepsFit {
            forecast.fitted = FittedForecast(
                forecast, unit: DemandUnit(scale: 1, nonNegative: configuration.nonNegative),
                band: QuantileBand(levels: configuration.quantileLevels), effects: nil,
                state: .naive(NaiveState(level: 0)))
        }
        return forecast
    }
}
