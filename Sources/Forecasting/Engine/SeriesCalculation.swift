internal import TimeSeries

/// Everything done to one series, from raw values to forecast.
struct SeriesCalculation: Sendable {
    /// What is forecast and how.
    var configuration: ForecastConfiguration

    /// What fits share across series.
    var context: FitContext

    init(_ configuration: ForecastConfiguration) {
        self.configuration = configuration
        context = FitContext(calendar: HolidayCalendar(configuration.holidays), pool: nil)
    }

    /// Forecasts a series; never fails, since the simplest model describes anything.
    func forecast(_ series: DemandSeries) -> SeriesForecast {
        var notes: [String] = []
        guard let history = History(series, season: configuration.season, notes: &notes) else {
            notes.append("no observations: the forecast is zero")
            return zeroForecast(series, notes: notes)
        }
        if configuration.season > 1, history.season == 1 {
            notes.append(
                "\(history.count) buckets are fewer than two seasons of \(configuration.season): no season is modelled")
        }
        let contest = Contest(history, configuration: configuration, context: context, notes: &notes)
        return ForecastAssembly(
            series: series, history: history, contest: contest, configuration: configuration
        ).result(notes: notes)
    }

    private func zeroForecast(_ series: DemandSeries, notes: [String]) -> SeriesForecast {
        let horizon = configuration.horizon
        let zeros = [Double](repeating: 0, count: horizon)
        return SeriesForecast(
            key: series.key, origin: series.origin, model: "naive", modelFamily: .naive, parameters: [:], state: [],
            stateNames: [], mean: zeros, quantileLevels: configuration.quantileLevels,
            quantiles: [Double](repeating: 0, count: horizon * configuration.quantileLevels.count),
            components: [Component(name: "level", values: zeros)], logLikelihood: nil, aicc: nil, observations: 0,
            demandClass: .none, backtest: nil, notes: notes)
    }
}
