/// Forecasting slow demand from sums over blocks of buckets, whose zeros are fewer.
///
/// - ADIDA (Nikolopoulos, Syntetos, Boylan, Petropoulos and Assimakopoulos, "An aggregate-disaggregate intermittent
///   demand approach (ADIDA) to forecasting", Journal of the Operational Research Society 62, 2011): blocks as long as
///   the mean interval between demands, simple exponential smoothing of their sums, an equal share for each bucket.
/// - IMAPA (Petropoulos and Kourentzes, "Forecast combinations for intermittent demand", Journal of the Operational
///   Research Society 66, 2015): the mean of that over all block lengths from 1 to the mean interval.
///
/// Blocks end with the last observation; missing buckets are passed over. Smoothing starts at the mean of all values fitted,
/// and its constant is the one of 0.10, 0.15, … 0.30 with the least squared error: faster smoothing chases single demands.
struct AggregationModel: FittedModel {
    /// Which of the two.
    enum Kind: String, Sendable, Codable, Hashable { case adida, imapa }

    /// The model before the first value.
    private let start: AggregationState

    private static let constants = [0.1, 0.15, 0.2, 0.25, 0.3]
    /// Demand rarer than once in this many buckets is not worth longer blocks.
    private static let longestBlock = 60

    /// Fits the first `count` values; `nil` where none of them is a demand.
    init?(_ kind: Kind, history: History, count: Int) {
        let values = history.values[0..<count].filter { $0 == $0 }
        let demands = values.count { $0 != 0 }
        guard demands > 0 else { return nil }
        // No block so long that fewer than four of them could be smoothed.
        let interval = Double(values.count) / Double(demands)
        let longest = max(1, min(Int(interval.rounded()), values.count / 4, AggregationModel.longestBlock))
        var totals = [0.0]
        totals.reserveCapacity(values.count + 1)
        var total = 0.0
        for value in values {
            total += value
            totals.append(total)
        }
        let mean = total / Double(values.count)
        let lengths = kind == .imapa ? 1...longest : longest...longest
        let levels = lengths.map { length in
            var best = (alpha: 0.1, squares: Double.infinity)
            for alpha in AggregationModel.constants {
                let squares = AggregationModel.squaredErrors(totals, length: length, alpha: alpha, start: mean)
                if squares < best.squares { best = (alpha, squares) }
            }
            return BlockLevels(length: length, alpha: best.alpha, start: mean)
        }
        start = AggregationState(kind, levels: levels)
    }

    var name: String { start.kind.rawValue }
    var family: ModelFamily { .croston }
    var parameters: NamedValues {
        var values: NamedValues = ["block": Double(start.levels[start.levels.count - 1].length)]
        for level in start.levels { values["alpha \(level.length)"] = level.alpha }
        return values
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        origins.rollingForecasts(of: start, history, horizon: horizon) { $0.mean }
    }

    func state(after history: History) -> ModelState {
        var state = start
        state.advance(over: history.values)
        return .aggregation(state)
    }

    /// The sum of squared one-block errors of smoothing the means of blocks that end with the last value.
    private static func squaredErrors(_ totals: [Double], length: Int, alpha: Double, start: Double) -> Double {
        var level = start
        var squares = 0.0
        let share = 1 / Double(length)
        var end = (totals.count - 1) % length + length
        while end < totals.count {
            let error = (totals[end] - totals[end - length]) * share - level
            squares += error * error
            level += alpha * error
            end += length
        }
        return squares
    }
}

/// The smoothed means of all blocks of one length: one level for each remainder of the position blocks end at.
struct BlockLevels: Sendable, Codable, Hashable {
    /// Buckets in a block.
    let length: Int
    /// The smoothing constant.
    let alpha: Double
    private var levels: [Double]

    fileprivate init(length: Int, alpha: Double, start: Double) {
        self.length = length
        self.alpha = alpha
        levels = [Double](repeating: start, count: length)
    }

    /// The level of the blocks that end after `observed` values.
    fileprivate func level(after observed: Int) -> Double { levels[observed % length] }

    /// Takes in the sum of the block that ends after `observed` values.
    fileprivate mutating func advance(sum: Double, observed: Int) {
        let place = observed % length
        levels[place] += alpha * (sum / Double(length) - levels[place])
    }
}

/// The levels of every block length, and the values blocks not yet complete are made of.
struct AggregationState: AdvancingState {
    let kind: AggregationModel.Kind
    /// By ascending length.
    fileprivate var levels: [BlockLevels]
    /// The last values observed, as many as the longest block has: the value number n (from 0) is at n mod length.
    private var recent: [Double]
    private var observed = 0

    fileprivate init(_ kind: AggregationModel.Kind, levels: [BlockLevels]) {
        self.kind = kind
        self.levels = levels
        recent = [Double](repeating: 0, count: levels[levels.count - 1].length)
    }

    fileprivate var mean: Double {
        var sum = 0.0
        for level in levels { sum += level.level(after: observed) }
        return sum / Double(levels.count)
    }

    mutating func advance(_ value: Double) {
        guard value == value else { return }
        recent[observed % recent.count] = value
        observed += 1
        var sum = 0.0
        var summed = 0
        for index in levels.indices {
            let length = levels[index].length
            guard length <= observed else { return }
            while summed < length {
                summed += 1
                sum += recent[(observed - summed) % recent.count]
            }
            levels[index].advance(sum: sum, observed: observed)
        }
    }

    func outlook(horizon: Int) -> Outlook {
        Outlook(
            components: [Component(name: "level", values: [Double](repeating: mean, count: horizon))],
            state: levels.map { $0.level(after: observed) }, stateNames: levels.map { "level \($0.length)" })
    }
}
