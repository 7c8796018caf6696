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

    /// Sums of one block of series, one for each difference.
    private struct Sums: Sendable {
        var early: [RegressionSums]
        var late: [RegressionSums]
    }

    /// Fits the batch.
    init(_ series: [DemandSeries], configuration: ForecastConfiguration) async throws {
        let typical = RidgePool.typicalLength(series)
        let season = configuration.season > 1 && typical >= 2 * configuration.season ? configuration.season : 1
        let lags = Set([0, 1, season]).sorted().compactMap {
            LagFeatures(season: season, difference: $0, count: typical, hasMeans: false)
        }
        let blocks = stride(from: 0, to: series.count, by: RidgePool.block).map {
            $0..<min($0 + RidgePool.block, series.count)
        }
        let parts = try await ParallelSeries.map(blocks, threads: configuration.threads) { block in
            var sums = Sums(early: lags.map { RegressionSums(columns: $0.count) }, late: [])
            sums.late = sums.early
            for one in series[block] {
                RidgePool.add(one, lags: lags, season: season, configuration: configuration, to: &sums)
            }
            return sums
        }
        var early = lags.map { RegressionSums(columns: $0.count) }
        var late = early
        for part in parts {
            for index in lags.indices {
                early[index].add(part.early[index])
                late[index].add(part.late[index])
            }
        }
        beforeBacktest = RidgePool.solve(lags, early)
        complete = RidgePool.solve(lags, late)
    }

    /// The coefficients for differences at a lag; `nil` where the batch was too short for them.
    func coefficients(difference: Int, complete isComplete: Bool) -> Coefficients? {
        (isComplete ? complete : beforeBacktest).first { $0.lags.difference == difference }
    }

    /// Adds the sums of one series, standardised by what is known to each.
    private static func add(
        _ series: DemandSeries, lags: [LagFeatures], season: Int, configuration: ForecastConfiguration,
        to sums: inout Sums
    ) {
        var notes: [String] = []
        guard let history = History(series, season: season, notes: &notes) else { return }
        let plan = BacktestPlan(history, horizon: configuration.horizon, limit: configuration.origins)
        let first = plan?.first ?? 0
        let before = first > 0 ? RidgeModel.standard(history, count: first) : (centre: 0, unit: 1)
        let all = RidgeModel.standard(history, count: history.count)
        for index in lags.indices {
            let lag = lags[index]
            let values = lag.changes(
                history.filled, count: history.count, centre: before.centre, unit: before.unit)
            let from = min(lag.firstTime, history.count)
            let known = RidgePool.sums(of: values, lag, history, over: from..<max(first, from))
            sums.early[index].add(known)
            // All values are standardised otherwise: the sums of the part known are changed, not made again.
            var late = known
            late.add(RidgePool.sums(of: values, lag, history, over: max(first, from)..<history.count))
            late.rescale(
                shift: lag.difference == 0 ? (all.centre - before.centre) / before.unit : 0,
                factor: before.unit / all.unit)
            sums.late[index].add(late)
        }
    }

    private static func sums(
        of values: [Double], _ lags: LagFeatures, _ history: History, over range: Range<Int>
    ) -> RegressionSums {
        RegressionSums(
            of: values, lags: lags.lags, over: range, leavingOut: range.filter { history.values[$0].isNaN })
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
