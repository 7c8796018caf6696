internal import TimeSeries

/// A fitted regression and as many of the last values as it looks at.
struct RidgeState: AdvancingState {
    private let model: RidgeModel
    private let season: Int
    /// The last values, oldest first, gaps filled as `History.filled` has them.
    private var recent: [Double]
    /// The bucket of the first of them.
    private var start: Bucket
    /// How many buckets of the history lie before `start`.
    private var elapsed: Int

    init(_ model: RidgeModel, after history: History) {
        self.model = model
        season = history.season
        let length = min(max(model.reach, season), history.count)
        recent = Array(history.filled.suffix(length))
        elapsed = history.count - length
        start = history.start.advanced(by: elapsed)
    }

    mutating func advance(_ value: Double) {
        recent.append(value == value ? value : recent[recent.count - season])
        recent.removeFirst()
        start = start.advanced(by: 1)
        elapsed += 1
    }

    func outlook(horizon: Int) -> Outlook {
        var outlook = model.outlook(
            History(tail: recent, start: start, elapsed: elapsed, season: season), horizon: horizon)
        split(&outlook.components, horizon: horizon)
        return outlook
    }

    /// Puts level and season in the place of constants, lags and bounds, which say nothing to a person.
    ///
    /// The level of a step is the mean of the cycle that ends with it, known values and forecasts alike; what the step differs
    /// from it is the season.
    private func split(_ components: inout [Component], horizon: Int) {
        var path = [Double](repeating: 0, count: horizon)
        for component in components where RidgeState.inner.contains(component.name) {
            for step in 0..<horizon { path[step] += component.values[step] }
        }
        components.removeAll { RidgeState.inner.contains($0.name) }
        guard season > 1, recent.count >= season else {
            components.insert(Component(name: "level", values: path), at: 0)
            return
        }
        let known = recent.suffix(season) + path
        var level: [Double] = []
        level.reserveCapacity(horizon)
        for step in 1...horizon {
            let cycle = known[(known.startIndex + step)..<(known.startIndex + step + season)]
            level.append(cycle.reduce(0, +) / Double(season))
        }
        components.insert(Component(name: "season", values: zip(path, level).map { $0 - $1 }), at: 0)
        components.insert(Component(name: "level", values: level), at: 0)
    }

    private static let inner = ["level", "lags", "adjustment"]
}
