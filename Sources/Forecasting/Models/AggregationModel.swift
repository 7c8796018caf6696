/// Forecasting slow demand from sums over blocks of buckets, whose zeros are fewer.
///
/// - ADIDA (Nikolopoulos, Syntetos, Boylan, Petropoulos and Assimakopoulos, "An aggregate-disaggregate intermittent
///   demand approach (ADIDA) to forecasting", Journal of the Operational Research Society 62, 2011): blocks as long as
///   the mean interval between demands, simple exponential smoothing of their sums, an equal share for each bucket.
/// - IMAPA (Petropoulos and Kourentzes, "Forecast combinations for intermittent demand", Journal of the Operational
///   Research Society 66, 2015): the mean of that over all block lengths from 1 to the mean interval.
///
/// Blocks end with the last observation; missing buckets are passed over. Smoothing starts at the mean of all blocks, and
/// its constant is the one of 0.10, 0.15, … 0.30 with the least squared error: faster smoothing chases single demands.
struct AggregationModel: FittedModel {
    /// Which of the two.
    enum Kind: String, Sendable, Hashable { case adida, imapa }

    private let kind: Kind
    /// Each block length with its smoothing constant.
    private let blocks: [(length: Int, alpha: Double)]

    /// Fits the first `count` values; `nil` where none of them is a demand.
    init?(_ kind: Kind, history: History, count: Int) {
        self.kind = kind
        let values = AggregationModel.observed(history, count: count)
        let demands = values.count { $0 != 0 }
        guard demands > 0 else { return nil }
        // No block so long that fewer than four of them could be smoothed.
        let interval = (Double(values.count) / Double(demands)).rounded()
        let longest = max(1, min(Int(interval), values.count / 4))
        blocks = (kind == .imapa ? 1...longest : longest...longest).map { length in
            var best = (alpha: 0.1, squares: Double.infinity)
            for alpha in [0.1, 0.15, 0.2, 0.25, 0.3] {
                let squares = AggregationModel.smooth(values, length: length, alpha: alpha).squares
                if squares < best.squares { best = (alpha, squares) }
            }
            return (length, best.alpha)
        }
    }

    var name: String { kind.rawValue }
    var family: ModelFamily { .croston }
    var parameters: NamedValues {
        var values: NamedValues = ["block": Double(blocks[blocks.count - 1].length)]
        for block in blocks { values["alpha \(block.length)"] = block.alpha }
        return values
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins {
            let levels = levels(history, origin: origin)
            result.append(contentsOf: repeatElement(mean(levels), count: horizon))
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let levels = levels(history, origin: history.count)
        return Outlook(
            components: [Component(name: "level", values: [Double](repeating: mean(levels), count: horizon))],
            state: levels, stateNames: blocks.map { "level \($0.length)" })
    }

    /// The smoothed demand per bucket after `origin` values, one for each block length.
    private func levels(_ history: History, origin: Int) -> [Double] {
        let values = AggregationModel.observed(history, count: origin)
        return blocks.map { AggregationModel.smooth(values, length: $0.length, alpha: $0.alpha).level }
    }

    private func mean(_ levels: [Double]) -> Double { levels.reduce(0, +) / Double(levels.count) }

    private static func observed(_ history: History, count: Int) -> [Double] {
        history.values[0..<count].filter { $0 == $0 }
    }

    /// Simple exponential smoothing of block means, and the sum of its squared one-block errors.
    private static func smooth(_ values: [Double], length: Int, alpha: Double) -> (level: Double, squares: Double) {
        let first = values.count % length
        var level = 0.0
        for index in first..<values.count { level += values[index] }
        level /= Double(max(values.count - first, 1))
        var squares = 0.0
        let share = 1 / Double(length)
        for block in stride(from: first, to: values.count, by: length) {
            var sum = 0.0
            for index in block..<(block + length) { sum += values[index] }
            let error = sum * share - level
            squares += error * error
            level += alpha * error
        }
        return (level, squares)
    }
}
