public import Forecasting
internal import TabularText
internal import TimeSeries

/// The backtests of a file's series: pooled per model, and point by point.
public struct BacktestFile: Sendable {
    /// How one model did over all series.
    public struct ModelAccuracy: Sendable, Hashable {
        /// The model as it was asked for.
        public var model: String
        /// Series long enough for a fold.
        public var series: Int
        /// Points scored.
        public var points: Int
        /// Sum of |actual − forecast| over sum of |actual|; `nil` without demand.
        public var wape: Double?
        /// Sum of (forecast − actual) over sum of |actual|; `nil` without demand.
        public var bias: Double?
        /// Mean over series of the mean absolute scaled error.
        public var mase: Double
        /// Mean over series of the root mean squared scaled error.
        public var rmsse: Double
        /// Mean over series of 2|f − y| / (|f| + |y|) in percent, a point with f = y = 0 counting 0.
        public var smape: Double
        /// Share of points inside the central 80 % interval.
        public var coverage80: Double
        /// Share of points inside the central 95 % interval.
        public var coverage95: Double
    }

    private let results: [ModelBacktest]

    /// The results of ``ForecastEngine/backtest(_:models:stride:progress:)``.
    public init(_ results: [ModelBacktest]) { self.results = results }

    /// The models in the order of their WAPE, the seasonal naive among them.
    public func accuracy() -> [ModelAccuracy] {
        var byModel: [String: [ModelBacktest]] = [:]
        for result in results { byModel[result.model, default: []].append(result) }
        var rows = byModel.map { name, results in
            BacktestFile.pool(
                name, results.map(\.errors),
                smape: results.reduce(0) { $0 + BacktestFile.symmetricError($1.points) } / Double(results.count))
        }
        rows.sort { ($0.wape ?? .infinity, $0.model) < ($1.wape ?? .infinity, $1.model) }
        return rows
    }

    /// Writes every point: `unique_id,model,origin,step,y,mean,chosen`.
    public func write(to path: String) throws {
        let writer = try DelimitedWriter(path: path)
        for name in ["unique_id", "model", "origin", "step", "y", "mean", "chosen"] { writer.field(name) }
        try writer.endRecord()
        for result in results {
            for point in result.points {
                writer.field(result.key.item)
                writer.field(result.model)
                writer.field(point.origin.description)
                writer.field("\(point.step)")
                writer.field("\(point.actual)")
                writer.field("\(point.mean)")
                writer.field(point.model)
                try writer.endRecord()
            }
        }
        try writer.finish()
    }

    private static func pool(_ model: String, _ errors: [ErrorSummary], smape: Double) -> ModelAccuracy {
        let actual = errors.reduce(0) { $0 + $1.absoluteActual }
        let points = errors.reduce(0) { $0 + $1.count }
        func mean(_ value: (ErrorSummary) -> Double) -> Double {
            errors.reduce(0) { $0 + value($1) } / Double(max(errors.count, 1))
        }
        func share(_ value: (ErrorSummary) -> Double) -> Double {
            errors.reduce(0) { $0 + value($1) * Double($1.count) } / Double(max(points, 1))
        }
        return ModelAccuracy(
            model: model, series: errors.count, points: points,
            wape: actual > 0 ? errors.reduce(0) { $0 + $1.absoluteError } / actual : nil,
            bias: actual > 0 ? errors.reduce(0) { $0 + $1.signedError } / actual : nil, mase: mean(\.mase),
            rmsse: mean(\.rmsse), smape: smape, coverage80: share(\.coverage80), coverage95: share(\.coverage95))
    }

    private static func symmetricError(_ points: [BacktestPoint]) -> Double {
        guard !points.isEmpty else { return 0 }
        return points.reduce(0) { sum, point in
            let size = point.actual.magnitude + point.mean.magnitude
            return sum + (size > 0 ? 200 * (point.actual - point.mean).magnitude / size : 0)
        } / Double(points.count)
    }
}
