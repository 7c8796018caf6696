/// How far actuals fall from forecasts, per step, learnt from rolling-origin errors.
///
/// Each step has a spread, the root mean squared error of its origins, non-decreasing in the step (pool adjacent
/// violators). Errors divided by their step's spread are pooled; their empirical quantiles, drawn towards the normal as
/// they are few, give one shape for all steps: split-conformal prediction with a scaled score. As neighbouring origins
/// share most of their path, the spread itself is uncertain: quantiles are widened by the ratio of Student's quantile to
/// the normal one, with about as many degrees of freedom as there are separate paths.
struct ErrorDistribution: Sendable {
    /// The spread at each step.
    let spreads: [Double]
    /// Pooled errors over their spread, ascending.
    private let scores: [Double]
    /// How far the empirical shape is trusted, 0 to 1.
    private let trust: Double
    /// Degrees of freedom of the spreads.
    private let freedom: Double

    /// Learns from errors, row-major, origin × step, NaN where unscored.
    ///
    /// - Parameters:
    ///   - fallback: the one-step spread to go by where there is no error; it grows with the root of the step.
    ///   - length: how many buckets of history the origins are spread over.
    init(errors: [Double], horizon: Int, fallback: Double, length: Int) {
        var sums = [Double](repeating: 0, count: horizon)
        var counts = [Double](repeating: 0, count: horizon)
        var points = 0.0
        for start in stride(from: 0, to: errors.count, by: horizon) {
            for step in 0..<horizon {
                let error = errors[start + step]
                guard error == error else { continue }
                sums[step] += error * error
                counts[step] += 1
                points += 1
            }
        }
        let spreads = ErrorDistribution.spreads(sums: sums, counts: counts, fallback: fallback)
        var scores: [Double] = []
        scores.reserveCapacity(Int(points))
        for start in stride(from: 0, to: errors.count, by: horizon) {
            for step in 0..<horizon {
                let error = errors[start + step]
                guard error == error else { continue }
                scores.append(spreads[step] > 0 ? error / spreads[step] : 0)
            }
        }
        scores.sort()
        self.spreads = spreads
        self.scores = scores
        let independent = 2 + points.squareRoot()
        trust = scores.isEmpty ? 0 : independent / (independent + 8)
        freedom = 3 + Double(length) / Double(horizon)
    }

    /// How many spreads the error's quantile at a level is away from 0; the same for all steps.
    func score(_ level: Double) -> Double {
        let normal = Distributions.normalQuantile(level)
        // Near the median both quantiles are near 0; their ratio further out stands for all between.
        let outer = max(level, 1 - level, 0.75)
        let widening =
            Distributions.studentQuantile(outer, freedom: freedom) / Distributions.normalQuantile(outer)
        guard !scores.isEmpty else { return widening * normal }
        let place = level * Double(scores.count + 1) - 1
        let below = max(0, min(scores.count - 1, Int(place.rounded(.down))))
        let above = min(scores.count - 1, below + 1)
        let share = min(max(place - Double(below), 0), 1)
        let empirical = scores[below] + share * (scores[above] - scores[below])
        return widening * (trust * empirical + (1 - trust) * normal)
    }

    /// Root mean squared errors made non-decreasing; steps without an error grow from the last one with the root of the
    /// step.
    private static func spreads(sums: [Double], counts: [Double], fallback: Double) -> [Double] {
        var blocks: [(sum: Double, weight: Double, steps: Int)] = []
        var reach = 0
        for step in sums.indices where counts[step] > 0 {
            // A step that was never scored takes part in the next one that was.
            blocks.append((sums[step], counts[step], step + 1 - reach))
            reach = step + 1
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
        result.reserveCapacity(sums.count)
        for block in blocks {
            let spread = (block.sum / block.weight).squareRoot()
            result.append(contentsOf: repeatElement(spread, count: block.steps))
        }
        while result.count < sums.count {
            let step = Double(result.count)
            result.append(step > 0 ? result[result.count - 1] * ((step + 1) / step).squareRoot() : fallback)
        }
        return result
    }
}
