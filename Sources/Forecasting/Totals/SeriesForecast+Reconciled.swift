extension SeriesForecast {
    /// The component that says what reconciliation has added.
    public static let reconciliation = "reconciliation"

    /// The same forecast with so much added to the mean of each step, and a component that says so.
    ///
    /// Quantiles keep their ratio to the mean, those of sums to the sum of means; with a mean of 0 they stay as they are. Where
    /// `adjustment` takes no more than the mean away, nothing gets below 0.
    public func reconciled(by adjustment: [Double]) -> SeriesForecast {
        var result = self
        var (sumBefore, sumAfter) = (0.0, 0.0)
        let levels = quantileLevels.count
        for step in mean.indices {
            result.mean[step] = mean[step] + adjustment[step]
            sumBefore += mean[step]
            sumAfter += result.mean[step]
            let ratio = SeriesForecast.ratio(result.mean[step], mean[step])
            let ratioOfSums = SeriesForecast.ratio(sumAfter, sumBefore)
            for place in (step * levels)..<((step + 1) * levels) {
                result.quantiles[place] *= ratio
                result.cumulativeQuantiles?[place] *= ratioOfSums
            }
        }
        result.components.append(Component(name: SeriesForecast.reconciliation, values: adjustment))
        return result
    }

    private static func ratio(_ after: Double, _ before: Double) -> Double {
        let ratio = before > 0 ? after / before : 1
        return ratio.isFinite ? max(ratio, 0) : 1
    }
}
