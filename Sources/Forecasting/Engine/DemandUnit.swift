/// What turns a model's numbers, which are demand over a power of two, back into demand.
struct DemandUnit: Sendable, Codable, Hashable {
    /// Demand per unit of the model.
    let scale: Double
    /// Whether means and quantiles are held at 0 or above.
    let nonNegative: Bool

    /// Scales components, appends an adjustment where their sum may not be forecast, and gives the means.
    ///
    /// - Parameters:
    ///   - components: of as many steps as `horizon`, and where buckets are closed of at least a cycle; the steps beyond
    ///     the horizon are dropped.
    ///   - closed: the closed buckets, counted from the first step; what is forecast for them is forecast for the others
    ///     instead.
    func settle(
        _ components: inout [Component], horizon: Int, closed: ClosedBuckets = ClosedBuckets()
    ) -> [Double] {
        var growth = 1.0
        if !closed.isEmpty {
            let cycle = (0..<closed.cycle).map { step in components.reduce(0) { $0 + $1.values[step] } }
            growth = closed.openGrowth(cycle[...], from: 0)
        }
        for index in components.indices {
            components[index].values.removeLast(components[index].values.count - horizon)
            for step in 0..<horizon { components[index].values[step] = bounded(components[index].values[step] * scale) }
        }
        var mean = [Double](repeating: 0, count: horizon)
        var adjustment = mean
        for step in 0..<horizon {
            let sum = components.reduce(0) { $0 + $1.values[step] }
            if nonNegative && sum < 0 || closed.contains(step) {
                adjustment[step] = -sum
            } else if growth > 1 {
                adjustment[step] = bounded((growth - 1) * sum)
            }
            mean[step] = sum + adjustment[step]
        }
        if adjustment.contains(where: { $0 != 0 }) {
            components.append(Component(name: "adjustment", values: adjustment))
        }
        return mean
    }

    /// Quantiles in demand, row-major, step × level, made to ascend within each step.
    ///
    /// - Parameter factors: what holidays and events multiply each step by; 1 for steps beyond them.
    func ordered(_ quantiles: [Double], levels: Int, factors: [Double]? = nil) -> [Double] {
        guard levels > 0 else { return [] }
        var result = quantiles
        let factors = factors ?? []
        for start in stride(from: 0, to: result.count, by: levels) {
            let step = start / levels
            let scale = step < factors.count ? scale * factors[step] : scale
            var previous = nonNegative ? 0 : -Double.greatestFiniteMagnitude
            for index in start..<(start + levels) {
                previous = max(bounded(result[index] * scale), previous)
                result[index] = previous
            }
        }
        return result
    }

    /// The end state in demand.
    func state(_ outlook: Outlook) -> [Double] {
        outlook.state.enumerated().map {
            bounded(outlook.unitless.contains($0.offset) ? $0.element : $0.element * scale)
        }
    }

    /// A number held inside ±1e300, so that sums of a few stay finite.
    func bounded(_ value: Double) -> Double { value.isNaN ? 0 : min(max(value, -1e300), 1e300) }
}
