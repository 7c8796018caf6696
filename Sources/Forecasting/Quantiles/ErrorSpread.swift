/// How large errors are at each step ahead: the unit that scores of a distribution are measured in.
///
/// The root mean squared error of a model on some twenty overlapping paths is itself uncertain, the more so the further
/// ahead. It is therefore drawn towards what is known better: the errors of the seasonal naive forecast, which needs no
/// fit and so has one at every bucket. With `N` separate paths, the variance is `(ν (c s)² + N e²)/(ν + N)`, where `e`
/// is the model's root mean squared error and `s` the naive's: the mean of a scaled inverse χ² posterior whose prior has
/// ν degrees of freedom (Gelman and others, "Bayesian Data Analysis", third edition, section 2.6).
enum ErrorSpread {
    /// Degrees of freedom of the prior ν.
    private static let priorWeight = 1.5
    /// What a fair model's errors are beside the naive's, c.
    private static let priorRatio = 0.75
    /// Parameters fitted to few values make errors larger by about this number over their count.
    private static let fewValues = 6.0

    /// The spread of each step, non-decreasing; 0 where neither the model nor the naive ever erred.
    ///
    /// - Parameters:
    ///   - errors: of the model, row-major, origin × step, NaN where unscored.
    ///   - naive: the spread of the naive at each step; empty where none is known.
    ///   - span: how many buckets the errors' targets cover; a step of k has about span/k separate paths.
    ///   - count: how many values the model was fitted to.
    /// - Returns: where nothing is known, 1 at the first step, growing with the root of the step.
    static func spreads(errors: [Double], horizon: Int, naive: [Double], span: Int, count: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: horizon)
        var counts = sums
        for start in stride(from: 0, to: errors.count, by: horizon) {
            for step in 0..<horizon {
                let error = errors[start + step]
                guard error == error else { continue }
                sums[step] += error * error
                counts[step] += 1
            }
        }
        var result = nonDecreasing(sums: sums, counts: counts)
        if naive.isEmpty && result.isEmpty { return (1...horizon).map { Double($0).squareRoot() } }
        if result.isEmpty {
            result = naive.map { priorRatio * $0 }
        } else if !naive.isEmpty {
            for step in 0..<horizon {
                let prior = priorRatio * naive[step]
                let paths = Double(span) / Double(step + 1)
                result[step] =
                    ((priorWeight * prior * prior + paths * result[step] * result[step]) / (priorWeight + paths))
                    .squareRoot()
            }
        }
        let widening = 1 + fewValues / Double(max(count, 1))
        var reached = 0.0
        for step in 0..<horizon {
            reached = max(reached, result[step] * widening)
            result[step] = reached
        }
        return result
    }

    /// The root mean squared error of the seasonal naive forecast of each step over the first `count` values, made
    /// non-decreasing; empty where not one step can be scored.
    static func naive(_ history: History, count: Int, horizon: Int) -> [Double] {
        let season = history.season
        var sums = [Double](repeating: 0, count: horizon)
        var counts = sums
        for step in 0..<horizon {
            let lag = season > 1 ? (step / season + 1) * season : step + 1
            if step > 0 && season > 1 && step % season != 0 {
                sums[step] = sums[step - 1]
                counts[step] = counts[step - 1]
                continue
            }
            for time in lag..<max(lag, count) {
                let difference = history.values[time] - history.values[time - lag]
                guard difference == difference else { continue }
                sums[step] += difference * difference
                counts[step] += 1
            }
        }
        return nonDecreasing(sums: sums, counts: counts)
    }

    /// Root mean squares made non-decreasing by pooling adjacent violators; steps without an error grow from the last one
    /// with the root of the step. Empty where there is no error at all.
    static func nonDecreasing(sums: [Double], counts: [Double]) -> [Double] {
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
        guard !blocks.isEmpty else { return [] }
        var result: [Double] = []
        result.reserveCapacity(sums.count)
        for block in blocks {
            let spread = (block.sum / block.weight).squareRoot()
            result.append(contentsOf: repeatElement(spread, count: block.steps))
        }
        while result.count < sums.count {
            let step = Double(result.count)
            result.append(result[result.count - 1] * ((step + 1) / step).squareRoot())
        }
        return result
    }
}
