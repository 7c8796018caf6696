/// How far actuals fall from forecasts, per step, learnt from rolling-origin errors.
///
/// Each step has a spread, the root mean squared error of its folds, non-decreasing in the step (pool adjacent
/// violators). Errors divided by their step's spread are pooled; their empirical quantiles, drawn towards Student's as
/// they are few, give one shape for all steps. This is split-conformal prediction with a scaled score, widened for the
/// number of folds that are really independent.
struct ErrorDistribution: Sendable {
    /// The spread at each step.
    let spreads: [Double]
    /// Pooled errors over their spread, ascending.
    private let scores: [Double]
    /// About how many independent errors there are.
    private let independent: Double

    /// Learns from errors, row-major, origin × step, NaN where unscored.
    ///
    /// - Parameter fallback: the one-step spread to go by where there are next to no errors; it grows with the root of
    ///   the step.
    init(errors: [Double], horizon: Int, fallback: Double) {
        var sums = [Double](repeating: 0, count: horizon)
        var counts = [Double](repeating: 0, count: horizon)
        for (index, error) in errors.enumerated() where error == error {
            sums[index % horizon] += error * error
            counts[index % horizon] += 1
        }
        spreads = ErrorDistribution.spreads(sums: sums, counts: counts, fallback: fallback)
        var scores: [Double] = []
        var points = 0.0
        for (index, error) in errors.enumerated() where error == error {
            points += 1
            let spread = spreads[index % horizon]
            scores.append(spread > 0 ? error / spread : 0)
        }
        scores.sort()
        self.scores = scores
        // Errors of neighbouring steps and origins move together.
        independent = 2 + points.squareRoot()
    }

    /// The quantile of the error at a step (from 0).
    func quantile(_ level: Double, step: Int) -> Double {
        let student = Distributions.studentQuantile(level, freedom: max(independent, 3))
        guard !scores.isEmpty else { return spreads[step] * student }
        let number = Double(scores.count)
        let place = level * (number + 1) - 1
        let below = max(0, min(scores.count - 1, Int(place.rounded(.down))))
        let above = min(scores.count - 1, below + 1)
        let share = min(max(place - Double(below), 0), 1)
        let empirical = scores[below] + share * (scores[above] - scores[below])
        let weight = independent / (independent + 8)
        return spreads[step] * (weight * empirical + (1 - weight) * student)
    }

    /// Root mean squared errors made non-decreasing; steps without a fold grow from the last one with the root of the
    /// step.
    private static func spreads(sums: [Double], counts: [Double], fallback: Double) -> [Double] {
        var blocks: [(sum: Double, weight: Double, steps: Int)] = []
        var reach = 0
        for step in sums.indices where counts[step] > 0 {
            reach = step + 1
            blocks.append((sums[step], counts[step], 1))
            while blocks.count > 1,
                blocks[blocks.count - 2].sum * blocks[blocks.count - 1].weight
                    >= blocks[blocks.count - 1].sum * blocks[blocks.count - 2].weight
            {
                let last = blocks.removeLast()
                blocks[blocks.count - 1].sum += last.sum
                blocks[blocks.count - 1].weight += last.weight
                blocks[blocks.count - 1].steps += last.steps
            }
        }
        var result: [Double] = []
        for block in blocks {
            let spread = (block.sum / block.weight).squareRoot()
            result.append(contentsOf: repeatElement(spread, count: block.steps))
        }
        // Folds reach a prefix of the steps except where values are missing: shift what is left to the end.
        while result.count < reach { result.append(result.last ?? fallback) }
        while result.count < sums.count {
            let step = Double(result.count)
            result.append(step > 0 ? result[result.count - 1] * ((step + 1) / step).squareRoot() : fallback)
        }
        return result
    }
}
