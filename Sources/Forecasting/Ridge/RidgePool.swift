internal import LinearAlgebra
internal import TimeSeries

/// Ridge coefficients that all series of a batch share, from the sum of their normal equations.
///
/// Every series is standardised first, so that one's units do not drown another's. The sums are added in the order of
/// the series, so that the result does not depend on threads.
struct RidgePool: Sendable {
    /// One set of coefficients, for standardised values.
    struct Coefficients: Sendable {
        var lags: LagFeatures
        var coefficients: [Double]
        var intercept: Double
        var penalty: Double
    }

    /// From what lies before each series' first backtest origin, one for each difference that has enough rows.
    private let beforeBacktest: [Coefficients]
    /// From all values.
    private let complete: [Coefficients]

    /// Series whose sums are held at once.
    private static let block = 256

    /// Fits the batch.
    init(_ series: [DemandSeries], configuration: ForecastConfiguration) async throws {
        let typical = RidgePool.typicalLength(series)
        let season = configuration.season > 1 && typical >= 2 * configuration.season ? configuration.season : 1
        let lags = Set([0, 1, season]).sorted().compactMap {
            LagFeatures(season: season, difference: $0, count: typical)
        }
        var early = lags.map { RegressionSums(columns: $0.count) }
        var late = early
        var next = 0
        while next < series.count {
            let block = Array(series[next..<min(next + RidgePool.block, series.count)])
            let parts = try await ParallelSeries.map(block, threads: configuration.threads, progress: nil) { one in
                RidgePool.sums(one, lags: lags, season: season, configuration: configuration)
            }
            for part in parts {
                for index in lags.indices {
                    early[index].add(part.early[index])
                    late[index].add(part.late[index])
                }
            }
            next += block.count
        }
        beforeBacktest = RidgePool.solve(lags, early)
        complete = RidgePool.solve(lags, late)
    }

    /// The coefficients for differences at a lag; `nil` where the batch was too short for them.
    func coefficients(difference: Int, complete isComplete: Bool) -> Coefficients? {
        (isComplete ? complete : beforeBacktest).first { $0.lags.difference == difference }
    }

    private static func sums(
        _ series: DemandSeries, lags: [LagFeatures], season: Int, configuration: ForecastConfiguration
    ) -> (early: [RegressionSums], late: [RegressionSums]) {
        var notes: [String] = []
        guard let history = History(series, season: season, notes: &notes) else {
            let none = lags.map { RegressionSums(columns: $0.count) }
            return (none, none)
        }
        let plan = BacktestPlan(history, horizon: configuration.horizon, limit: configuration.origins)
        return (
            lags.map { sums(history, count: plan?.first ?? 0, lags: $0) },
            lags.map { sums(history, count: history.count, lags: $0) }
        )
    }

    /// The sums over the first `count` values of one series, standardised.
    private static func sums(_ history: History, count: Int, lags: LagFeatures) -> RegressionSums {
        guard count > lags.firstTime else { return RegressionSums(columns: lags.count) }
        let standard = RidgeModel.standard(history, count: count)
        return RidgeRows(
            history, known: count, lags: lags, centre: standard.centre, unit: standard.unit, features: nil,
            hasTrend: false
        ).sums
    }

    private static func solve(_ lags: [LagFeatures], _ sums: [RegressionSums]) -> [Coefficients] {
        zip(lags, sums).compactMap { lags, sums in
            guard sums.rows >= 8, let path = try? RidgePath(sums) else { return nil }
            return Coefficients(
                lags: lags, coefficients: path.coefficients, intercept: path.intercept, penalty: path.penalty)
        }
    }

    private static func typicalLength(_ series: [DemandSeries]) -> Int {
        let lengths = series.map(\.values.count).sorted()
        return lengths.isEmpty ? 0 : lengths[lengths.count / 2]
    }
}
