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
        model.outlook(History(tail: recent, start: start, elapsed: elapsed, season: season), horizon: horizon)
    }
}
