internal import TimeSeries

/// One series on its way from raw values to forecast.
///
/// A reference to what does not change: a batch hands its drafts from step to step, and a copy of all a contest holds
/// would cost more than many a step.
final class SeriesDraft: Sendable {
    private let series: DemandSeries
    private let configuration: ForecastConfiguration
    /// `nil` where nothing was observed.
    private let contest: Contest?
    private let notes: [String]

    /// A draft before the first round.
    init(_ series: DemandSeries, configuration: ForecastConfiguration, context: FitContext) {
        self.series = series
        self.configuration = configuration
        var notes: [String] = []
        contest = SeriesDraft.contest(series, configuration: configuration, context: context, notes: &notes)
        self.notes = notes
    }

    private static func contest(
        _ series: DemandSeries, configuration: ForecastConfiguration, context: FitContext, notes: inout [String]
    ) -> Contest? {
        guard let history = History(series, season: configuration.season, notes: &notes) else {
            notes.append("no observations: the forecast is zero")
            return nil
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
        return Contest(history, learning: learning, configuration: configuration, notes: &notes)
    }

    /// How the demand arrives; `nil` where nothing was observed.
    var demandClass: DemandClass? { contest?.history.demandClass }

    /// How the errors of the candidates go together; `nil` where they are not combined.
    var candidateErrors: CandidateErrors? { contest?.candidateErrors }

    /// The fits of exponential smoothing the first round needs.
    func firstRequests() -> [ETSBatch.Request] { contest?.firstRequests() ?? [] }

    /// The draft after the candidates were tried with the fits the first round asked for.
    func ranked(_ fits: SmoothingFits, context: FitContext) -> SeriesDraft {
        SeriesDraft(self) { $0.rank(fits, context: context) }
    }

    /// The draft with an earlier choice beside today's, or in its place, after the candidates were tried.
    func meeting(_ incumbent: Incumbent) -> SeriesDraft { SeriesDraft(self) { $0.meet(incumbent) } }

    private init(_ draft: SeriesDraft, changing change: (inout Contest) -> Void) {
        series = draft.series
        configuration = draft.configuration
        notes = draft.notes
        contest = draft.contest.map {
            var contest = $0
            change(&contest)
            return contest
        }
    }

    /// What the first round tells about quantiles; `nil` without a backtest, and where no quantile is asked for.
    func quantileEvidence() -> QuantileEvidence? {
        configuration.quantileLevels.isEmpty ? nil : contest?.quantileEvidence()
    }

    /// What goes on to the second round.
    struct Choice {
        fileprivate var finalists: [Contest.Finalist]
        fileprivate var notes: [String]
    }

    /// Picks who goes on to the second round.
    func choose(_ knowledge: ClassKnowledge) -> Choice {
        var choice = Choice(finalists: [], notes: notes)
        if let contest { choice.finalists = contest.choose(knowledge, notes: &choice.notes) }
        return choice
    }

    /// The fits of exponential smoothing the second round needs.
    func secondRequests(_ choice: Choice) -> [ETSBatch.Request] { contest?.secondRequests(choice.finalists) ?? [] }

    /// The finished forecast.
    func finish(
        _ choice: Choice, _ fits: SmoothingFits, context: FitContext, knowledge: ClassKnowledge
    ) -> SeriesForecast {
        guard let contest else { return zeroForecast() }
        var notes = choice.notes
        let outcome = contest.settle(choice.finalists, fits, context: context, notes: &notes)
        return ForecastAssembly(
            series: series, history: contest.history, contest: outcome,
            knowledge: knowledge[contest.history.demandClass], configuration: configuration
        ).result(notes: notes)
    }

    /// The chosen model, fitted to the whole history; `nil` where nothing was observed.
    func model(_ choice: Choice, _ fits: SmoothingFits, context: FitContext) -> (any FittedModel)? {
        var notes: [String] = []
        return contest?.settle(choice.finalists, fits, context: context, notes: &notes).winner
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
