/// How sure one can be of a difference between two ways to forecast: errors of the same series and origins, resampled.
///
/// Series are drawn anew with Poisson weights, origins in moving blocks (Künsch, "The Jackknife and the Bootstrap for General
/// Stationary Observations", Annals of Statistics 17, 1989) that move all series at once, so that neither what a series'
/// origins have in common nor what all series of a day have in common passes for independent evidence: the product of both
/// weights is the pigeonhole bootstrap (Owen, "The Pigeonhole Bootstrap", Annals of Applied Statistics 1, 2007), whose
/// variance is never too small for such data.
struct PairedBootstrap {
    /// The share by which the challenger's summed error exceeds the champion's, per group and sample; NaN where a sample
    /// holds no error of the champion.
    private(set) var differences: [[Double]]

    /// Resamples series that each belong to some of the groups 0 ..< `groups`.
    init(_ series: [PairedSeries], memberships: [[Int]], groups: Int, samples: Int, seed: UInt64) {
        let width = series.map(\.origins.count).max() ?? 0
        var random = RandomStream(seed: seed, number: 0)
        differences = [[Double]](repeating: [], count: groups)
        guard width > 0 else { return }
        // Origins are counted from the latest back, which is what series have in common. Rows of width `width`.
        var champion = [Double](repeating: 0, count: series.count * width)
        var excess = champion
        for (row, one) in series.enumerated() {
            for (back, origin) in one.origins.reversed().enumerated() {
                champion[row * width + back] = origin.champion
                excess[row * width + back] = origin.challenger - origin.champion
            }
        }
        let block = max(1, Int(Double(width).squareRoot().rounded()))
        for _ in 0..<samples {
            let weights = PairedBootstrap.blockWeights(width: width, block: block, &random)
            var sums = [Double](repeating: 0, count: groups)
            var excesses = sums
            for row in series.indices {
                let drawn = random.poissonOfMeanOne()
                if drawn == 0 { continue }
                var sum = 0.0
                var more = 0.0
                for column in 0..<width {
                    sum += weights[column] * champion[row * width + column]
                    more += weights[column] * excess[row * width + column]
                }
                for group in memberships[row] {
                    sums[group] += drawn * sum
                    excesses[group] += drawn * more
                }
            }
            for group in 0..<groups {
                differences[group].append(sums[group] > 0 ? excesses[group] / sums[group] : .nan)
            }
        }
        for group in 0..<groups { differences[group] = differences[group].filter { $0 == $0 }.sorted() }
    }

    /// The quantile of a group's difference at a level between 0 and 1; `nil` without samples.
    func quantile(_ level: Double, group: Int) -> Double? {
        let sorted = differences[group]
        guard !sorted.isEmpty else { return nil }
        return sorted[min(max(Int(level * Double(sorted.count)), 0), sorted.count - 1)]
    }

    /// How often each origin comes up when blocks are drawn until there are as many as before; blocks run on round the end.
    private static func blockWeights(width: Int, block: Int, _ random: inout RandomStream) -> [Double] {
        var weights = [Double](repeating: 0, count: width)
        var drawn = 0
        while drawn < width {
            let start = random.whole(below: width)
            for step in 0..<min(block, width - drawn) { weights[(start + step) % width] += 1 }
            drawn += block
        }
        return weights
    }
}
