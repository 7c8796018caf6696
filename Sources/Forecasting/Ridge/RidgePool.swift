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

    /// From what lies before each series' first backtest origin; `nil` where that is too little.
    let beforeBacktest: Coefficients?
    /// From all values.
    let complete: Coefficients?

    /// Series whose sums are held at once.
    private static let block = 256

    /// Fits the batch.
    init(_ series: [DemandSeries], configuration: ForecastConfiguration) async throws {
        let typical = RidgePool.typicalLength(series)
        let season = configuration.season > 1 && typical >= 2 * configuration.season ? configuration.season : 1
        let lags = Set([0, 1, season]).sorted().compactMap {
            LagFeatures(season: season, difference: $0, count: typical)
        }
        var early = lags.map { RidgeSums(columns: $0.count) }
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
        beforeBacktest = RidgePool.best(lags, early)
        complete = RidgePool.best(lags, late)
    }

    /// What a series is centred on and divided by: mean and standard deviation of its first `count` values.
    static func standard(_ history: History, count: Int) -> (centre: Double, unit: Double) {
        var sum = 0.0
        for time in 0..<count { sum += history.filled[time] }
        let mean = sum / Double(count)
        var squares = 0.0
        for time in 0..<count { squares += (history.filled[time] - mean) * (history.filled[time] - mean) }
        let deviation = (squares / Double(count)).squareRoot()
        return (mean, deviation > 0 ? deviation : 1)
    }

    private static func sums(
        _ series: DemandSeries, lags: [LagFeatures], season: Int, configuration: ForecastConfiguration
    ) -> (early: [RidgeSums], late: [RidgeSums]) {
        var notes: [String] = []
        guard let history = History(series, season: season, notes: &notes) else {
            return (lags.map { RidgeSums(columns: $0.count) }, lags.map { RidgeSums(columns: $0.count) })
        }
        let plan = BacktestPlan(history, horizon: configuration.horizon, limit: configuration.origins)
        return (
            lags.map { RidgeSums(history, count: plan?.first ?? 0, lags: $0) },
            lags.map { RidgeSums(history, count: history.count, lags: $0) }
        )
    }

    private static func best(_ lags: [LagFeatures], _ sums: [RidgeSums]) -> Coefficients? {
        var best: (loss: Double, value: Coefficients)?
        for (lags, sums) in zip(lags, sums) where sums.rows >= 8 {
            guard
                let path = try? RidgePath(
                    gram: sums.gram, moment: sums.moment, sums: sums.sums, targetSum: sums.targetSum,
                    targetSquares: sums.targetSquares, rows: Int(sums.rows))
            else { continue }
            let loss = path.losses[path.chosen]
            if loss < best?.loss ?? .infinity {
                best = (
                    loss,
                    Coefficients(
                        lags: lags, coefficients: path.coefficients, intercept: path.intercept, penalty: path.penalty)
                )
            }
        }
        return best?.value
    }

    private static func typicalLength(_ series: [DemandSeries]) -> Int {
        let lengths = series.map(\.values.count).sorted()
        return lengths.isEmpty ? 0 : lengths[lengths.count / 2]
    }
}

/// The normal equations of some rows: sums of products, so that they can be added.
struct RidgeSums: Sendable {
    private(set) var gram: Matrix
    private(set) var moment: [Double]
    private(set) var sums: [Double]
    private(set) var targetSum = 0.0
    private(set) var targetSquares = 0.0
    private(set) var rows = 0.0

    /// No rows.
    init(columns: Int) {
        gram = Matrix(rows: columns, columns: columns)
        moment = [Double](repeating: 0, count: columns)
        sums = moment
    }

    /// The rows of the first `count` values of one series, standardised.
    init(_ history: History, count: Int, lags: LagFeatures) {
        self.init(columns: lags.count)
        guard count > lags.reach else { return }
        let standard = RidgePool.standard(history, count: count)
        let centre = lags.difference == 0 ? standard.centre : 0
        let values = history.filled[0..<count].map { ($0 - centre) / standard.unit }
        var x: [Double] = []
        x.reserveCapacity((count - lags.reach) * lags.count)
        var y: [Double] = []
        var row = [Double](repeating: 0, count: lags.count)
        for time in lags.reach..<count where history.values[time] == history.values[time] {
            lags.write(values, time, into: &row, at: 0)
            x.append(contentsOf: row)
            y.append(lags.change(values, time))
            for column in 0..<lags.count { sums[column] += row[column] }
        }
        rows = Double(y.count)
        guard !y.isEmpty else { return }
        Products.gram(x, rows: y.count, columns: lags.count, into: &gram.elements)
        Products.multiplyTransposed(x, rows: y.count, columns: lags.count, by: y, into: &moment)
        for value in y {
            targetSum += value
            targetSquares += value * value
        }
    }

    /// Adds the rows of another.
    mutating func add(_ other: RidgeSums) {
        for index in gram.elements.indices { gram.elements[index] += other.gram.elements[index] }
        for index in moment.indices {
            moment[index] += other.moment[index]
            sums[index] += other.sums[index]
        }
        targetSum += other.targetSum
        targetSquares += other.targetSquares
        rows += other.rows
    }
}
