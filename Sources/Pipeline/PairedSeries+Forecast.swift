internal import Forecasting
internal import Monitoring
internal import TimeSeries

extension PairedSeries {
    /// Champion and challenger of one series, the champion's errors as `rival` tells them; `nil` where there is no backtest of
    /// both on the same folds.
    init?(_ forecast: SeriesForecast, rival: SeriesForecast) {
        guard let backtest = forecast.backtest, let champion = rival.backtest?.incumbent,
            !champion.errors.isEmpty, champion.errors.count == backtest.folds.count,
            backtest.folds.map(\.known) == rival.backtest?.folds.map(\.known)
        else { return nil }
        self.init(
            site: forecast.key.site, demandClass: forecast.demandClass.rawValue, actual: backtest.model.absoluteActual,
            championSigned: champion.signedError, challengerSigned: backtest.model.signedError,
            origins: zip(champion.errors, backtest.folds).map { Origin(champion: $0, challenger: $1.absoluteError) })
    }
}
