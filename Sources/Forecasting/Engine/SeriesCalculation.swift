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
        context = FitContext(holidays: holidays, horizon: configuration.horizon, pool: nil)
    }

    /// Forecasts a series alone; never fails, since the simplest model describes anything.
    func forecast(_ series: DemandSeries) -> SeriesForecast {
        let drafts = rank([series])
        return finish(drafts, knowledge: SeriesCalculation.knowledge(drafts[0]))[0]
    }

    /// The model chosen for a series alone and fitted to it; `nil` where nothing was observed.
    func chosenModel(_ series: DemandSeries) -> (any FittedModel)? {
        let draft = rank([series])[0]
        let choice = draft.choose(SeriesCalculation.knowledge(draft))
        let fits = SeriesCalculation.fits([draft.secondRequests(choice)])[0]
        return draft.model(choice, fits, context: context)
    }

    /// What a draft tells by itself.
    private static func knowledge(_ draft: SeriesDraft) -> ClassKnowledge {
        ClassKnowledge(candidates: [draft.candidateErrors].compactMap { $0 }, evidence: evidence([draft]))
    }

    /// What the backtests of drafts tell about quantiles; nothing of those without one, or without quantiles.
    static func evidence(_ drafts: [SeriesDraft]) -> [(demandClass: DemandClass, evidence: QuantileEvidence)] {
        var result: [(demandClass: DemandClass, evidence: QuantileEvidence)] = []
        for draft in drafts {
            guard let demandClass = draft.demandClass, let evidence = draft.quantileEvidence() else { continue }
            result.append((demandClass, evidence))
        }
        return result
    }

    /// Tries the candidates of several series, with all their fits of exponential smoothing made together; each draft is
    /// what it would be alone.
    func rank(_ series: [DemandSeries]) -> [SeriesDraft] {
        let drafts = series.map { SeriesDraft($0, configuration: configuration, context: context) }
        let fits = SeriesCalculation.fits(drafts.map { $0.firstRequests() })
        return zip(drafts, fits).map { $0.ranked($1, context: context) }
    }

    /// Finishes drafts in the light of what the batch told; the result of each depends on nothing else.
    func finish(_ drafts: [SeriesDraft], knowledge: ClassKnowledge) -> [SeriesForecast] {
        let choices = drafts.map { $0.choose(knowledge) }
        let fits = SeriesCalculation.fits(drafts.indices.map { drafts[$0].secondRequests(choices[$0]) })
        return drafts.indices.map {
            drafts[$0].finish(choices[$0], fits[$0], context: context, knowledge: knowledge)
        }
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
