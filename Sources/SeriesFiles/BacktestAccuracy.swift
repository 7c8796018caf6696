internal import Forecasting

/// How one model did over all series of a backtest.
public struct BacktestAccuracy: Sendable, Hashable {
    /// The model as it was asked for.
    public var model: String
    /// Series long enough for a fold.
    public private(set) var series = 0
    /// Points scored.
    public private(set) var points = 0
    private var absoluteError = 0.0
    private var absoluteActual = 0.0
    private var signedError = 0.0
    private var pinballSum = 0.0
    private var scaled = 0.0
    private var scaledSquared = 0.0
    private var symmetric = 0.0
    private var inside80 = 0.0
    private var inside95 = 0.0

    init(model: String) { self.model = model }

    /// Adds a series.
    mutating func add(_ result: ModelBacktest) {
        let errors = result.errors
        series += 1
        points += errors.count
        absoluteError += errors.absoluteError
        absoluteActual += errors.absoluteActual
        signedError += errors.signedError
        pinballSum += errors.pinball
        scaled += errors.mase
        scaledSquared += errors.rmsse
        symmetric += BacktestAccuracy.symmetricError(result.points)
        inside80 += errors.coverage80 * Double(errors.count)
        inside95 += errors.coverage95 * Double(errors.count)
    }

    /// Sum of |actual − forecast| over sum of |actual|; `nil` without demand.
    public var wape: Double? { absoluteActual > 0 ? absoluteError / absoluteActual : nil }
    /// Sum of (forecast − actual) over sum of |actual|; `nil` without demand.
    public var bias: Double? { absoluteActual > 0 ? signedError / absoluteActual : nil }
    /// Mean over series of the mean absolute scaled error.
    public var mase: Double { scaled / Double(max(series, 1)) }
    /// Mean over series of the root mean squared scaled error.
    public var rmsse: Double { scaledSquared / Double(max(series, 1)) }
    /// Mean over series of 2|f − y| / (|f| + |y|) in percent, a point with f = y = 0 counting 0.
    public var smape: Double { symmetric / Double(max(series, 1)) }
    /// Twice the mean pinball loss over the levels, summed over points, over sum of |actual|; `nil` without demand.
    public var pinball: Double? { absoluteActual > 0 ? 2 * pinballSum / absoluteActual : nil }
    /// Share of points inside the central 80 % interval.
    public var coverage80: Double { inside80 / Double(max(points, 1)) }
    /// Share of points inside the central 95 % interval.
    public var coverage95: Double { inside95 / Double(max(points, 1)) }

    static func symmetricError(_ points: [BacktestPoint]) -> Double {
        guard !points.isEmpty else { return 0 }
        return points.reduce(0) { sum, point in
            let size = point.actual.magnitude + point.mean.magnitude
            return sum + (size > 0 ? 200 * (point.actual - point.mean).magnitude / size : 0)
        } / Double(points.count)
    }
}
