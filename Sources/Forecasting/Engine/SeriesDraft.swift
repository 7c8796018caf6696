internal import TimeSeries

/// One series on its way from raw values to forecast.
struct SeriesDraft: Sendable {
    private let series: DemandSeries
    private let configuration: ForecastConfiguration
    /// `nil` where nothing was observed.
    private var contest: Contest?
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

    /// How the demand arrives; `nil` where nothing was observed.
    var demandClass: DemandClass? { contest?.history.demandClass }

    /// How the errors of the candidates go together; `nil` where they are not combined.
    var candidateErrors: CandidateErrors? { contest?.candidateErrors }

    /// The fits of exponential smoothing the first round needs.
    func firstRequests() -> [ETSBatch.Request] { contest?.firstRequests() ?? [] }

    /// Tries the candidates.
    mutating func rank(_ fits: SmoothingFits, context: FitContext) {
        contest?.receive(fits)
        contest?.rank(context: context)
    }

    /// Lets an earlier choice run beside today's, or in its place, after the candidates were tried.
    mutating func meet(_ incumbent: Incumbent) { contest?.meet(incumbent) }

    /// What the first round tells about quantiles; `nil` without a backtest, and where no quantile is asked for.
    func quantileEvidence() -> QuantileEvidence? {
        configuration.quantileLevels.isEmpty ? nil : contest?.quantileEvidence()
    }

    /// Picks who goes on to the second round.
    mutating func choose(_ knowledge: ClassKnowledge) { contest?.choose(knowledge, notes: &notes) }

    /// The fits of exponential smoothing the second round needs.
    func secondRequests() -> [ETSBatch.Request] { contest?.secondRequests() ?? [] }

    /// The finished forecast.
    mutating func finish(_ fits: SmoothingFits, context: FitContext, knowledge: ClassKnowledge) -> SeriesForecast {
        guard let outcome = settle(fits, context: context), let contest else { return zeroForecast() }
        return ForecastAssembly(
            series: series, history: contest.history, contest: outcome,
            knowledge: knowledge[contest.history.demandClass], configuration: configuration
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
            cumulativeQuantiles: configuration.cumulative
                ? [Double](repeating: 0, count: horizon * configuration.quantileLevels.count) : nil,
            components: [Component(name: "level", values: zeros)], logLikelihood: nil, aicc: nil, observations: 0,
            demandClass: .none, backtest: nil, notes: notes)
        if configuration.keepsFit {
            forecast.fitted = FittedForecast(
                forecast, unit: DemandUnit(scale: 1, nonNegative: configuration.nonNegative),
                band: QuantileBand(levels: configuration.quantileLevels), closed: ClosedBuckets(), effects: nil,
                state: .naive(NaiveState(level: 0)))
        }
        return forecast
    }
}
