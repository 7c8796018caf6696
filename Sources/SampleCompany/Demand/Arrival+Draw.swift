extension DemandPattern.Arrival {
    /// Units that one count of the mean stands for.
    var unitsPerCount: Double {
        switch self {
        case .steady: 1
        case .sporadic(let units), .lumpy(let units): units
        }
    }

    /// The variance of a day's units at that mean.
    func variance(mean: Double) -> Double {
        switch self {
        case .steady(let size): mean + mean * mean / size
        // A Poisson number of orders has the variance mean × E[units²].
        case .sporadic(let units): mean * (units * units + max(units - 1, 0))
        case .lumpy(let units): mean * (2 * units * units - units)
        }
    }

    /// The units wanted on a day: one total where demand is steady, else one number for each order.
    func draw(mean: Double, random: inout RandomSource) -> [Int] {
        switch self {
        case .steady(let size):
            let total = random.negativeBinomial(mean: mean, size: size)
            return total > 0 ? [total] : []
        case .sporadic(let units):
            return (0..<random.poisson(mean: mean)).map { _ in 1 + random.poisson(mean: units - 1) }
        case .lumpy(let units):
            return (0..<random.poisson(mean: mean)).map { _ in random.geometric(mean: units) }
        }
    }
}
