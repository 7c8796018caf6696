package import TimeSeries

extension ForecastEngine {
    /// What the model fitted to the first `count` values of a series says at the end of all of them, its parameters run over
    /// the series from its beginning: the long way to what `FittedForecast.advance` gives, for checking it.
    ///
    /// - Returns: the means without components or bounds; `nil` where nothing was observed, or where the series as a whole
    ///   has another unit or season than its beginning.
    package func refilteredMeans(_ series: DemandSeries, fittedTo count: Int) -> [Double]? {
        let calculation = SeriesCalculation(configuration)
        let beginning = DemandSeries(key: series.key, start: series.start, values: Array(series.values[0..<count]))
        var notes: [String] = []
        guard let model = calculation.chosenModel(beginning),
            let fitted = History(beginning, season: configuration.season, notes: &notes),
            let whole = History(series, season: configuration.season, notes: &notes),
            fitted.scale == whole.scale, fitted.season == whole.season
        else { return nil }
        return model.rollingForecasts(whole, origins: [whole.count], horizon: configuration.horizon)
            .map { $0 * whole.scale }
    }
}
