internal import Forecasting
internal import TimeSeries

/// The errors of one model on one series as the report shows them.
struct ReportedBacktest: Encodable {
    private var uniqueID: String
    private var model: String
    private var points: Int
    private var wape: Double?
    private var bias: Double?
    private var mase: Double
    private var rmsse: Double
    private var smape: Double
    private var coverage80: Double
    private var coverage95: Double
    private var seasonalNaiveMASE: Double

    init(_ result: ModelBacktest) {
        uniqueID = result.key.item
        model = result.model
        points = result.errors.count
        wape = result.errors.wape
        bias = result.errors.bias
        mase = result.errors.mase
        rmsse = result.errors.rmsse
        smape = BacktestAccuracy.symmetricError(result.points)
        coverage80 = result.errors.coverage80
        coverage95 = result.errors.coverage95
        seasonalNaiveMASE = result.seasonalNaive.mase
    }

    private enum CodingKeys: String, CodingKey {
        case model, points, wape, bias, mase, rmsse, smape
        case uniqueID = "unique_id"
        case coverage80 = "coverage_80"
        case coverage95 = "coverage_95"
        case seasonalNaiveMASE = "seasonal_naive_mase"
    }
}
