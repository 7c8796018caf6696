internal import LinearAlgebra
internal import TimeSeries

/// Ridge regression on lags, rolling means and the calendar, forecast step by step on its own forecasts; or on lags and
/// rolling means with a regression of its own for each step.
///
/// Two regressions are averaged: one of values, which a large penalty draws to the mean, and one of changes from bucket to
/// bucket, which it draws to the last value. Whether a level returns or stays is what a short history tells least about:
/// an average of both beats the choice of one.
struct RidgeModel: FittedModel, Codable, Hashable {
    /// One or two, or none.
    private let regressions: [RidgeRegression]
    /// One or two where there are no others.
    private let directs: [DirectRegression]
    /// The share of each in the forecast; they add up to 1.
    private let shares: [Double]
    private let features: CalendarFeatures?
    private let isGlobal: Bool
    /// Forecasts keep to this range.
    private let range: ClosedRange<Double>

    /// Fits the first `count` values of one series; `nil` where they are too few.
    init?(_ history: History, count: Int) {
        let features = CalendarFeatures(start: history.start, count: count)
        let calendar = features.rows(0..<count)
        let centre = RidgeModel.standard(history, count: count).centre
        regressions = [0, 1].compactMap {
            RidgeRegression(
                history, count: count, difference: $0, centre: centre, calendar: calendar,
                calendarColumns: features.count)
        }
        guard !regressions.isEmpty else { return nil }
        directs = []
        shares = RidgeModel.shares(regressions.map(\.loss))
        self.features = features.count > 0 ? features : nil
        isGlobal = false
        range = RidgeModel.range(history, count: count)
    }

    /// Fits the first `count` values of one series, one regression for each step; `nil` where they are too few.
    init?(_ history: History, count: Int, steps: Int) {
        let centre = RidgeModel.standard(history, count: count).centre
        directs = [0, 1].compactMap {
            DirectRegression(history, count: count, steps: steps, difference: $0, centre: centre)
        }
        guard !directs.isEmpty else { return nil }
        regressions = []
        shares = RidgeModel.shares(directs.map(\.loss))
        features = nil
        isGlobal = false
        range = RidgeModel.range(history, count: count)
    }

    /// Takes the coefficients all series of a batch share; `nil` where the series is too short for their lags.
    init?(_ history: History, count: Int, difference: Int, pool: RidgePool) {
        guard let shared = pool.coefficients(difference: difference, complete: count == history.count),
            count > shared.lags.firstTime
        else { return nil }
        let standard = RidgeModel.standard(history, count: count)
        regressions = [RidgeRegression(shared, centre: standard.centre, unit: standard.unit)]
        directs = []
        shares = [1]
        features = nil
        isGlobal = true
        range = RidgeModel.range(history, count: count)
    }

    var name: String { isGlobal ? "ridge-global" : directs.isEmpty ? "ridge" : "ridge-direct" }
    var candidateName: String { isGlobal ? "\(name)(\(regressions[0].lags.difference))" : name }
    var family: ModelFamily { .ridge }
    var parameters: NamedValues {
        let lags = regressions.first?.lags ?? directs[0].lags
        var values: NamedValues = ["lags": Double(lags.lags.count)]
        for direct in directs {
            values["steps"] = Double(direct.steps)
            let kind = direct.lags.difference == 0 ? "lambda" : "lambda of changes"
            values["\(kind), step 1"] = direct.penalties[0]
            values["\(kind), step \(direct.steps)"] = direct.penalties[direct.steps - 1]
        }
        for regression in regressions {
            values[regression.lags.difference == 0 ? "lambda" : "lambda of changes"] = regression.penalty
        }
        return values
    }

    /// How many of the last values a forecast looks at.
    var reach: Int { (regressions.map(\.lags) + directs.map(\.lags)).reduce(0) { max($0, $1.firstTime) } }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result = [Double](repeating: 0, count: origins.count * horizon)
        guard let first = origins.first, let last = origins.last else { return result }
        let times = (history.elapsed + first)..<(history.elapsed + last + horizon)
        let rows = features?.rows(times) ?? []
        for (regression, share) in zip(regressions, shares) {
            var given: [Double] = []
            if let features {
                given = [Double](repeating: 0, count: times.count)
                Products.multiply(
                    rows, rows: given.count, columns: features.count, by: regression.calendarCoefficients,
                    into: &given)
            }
            regression.addForecasts(
                history, origins: origins, horizon: horizon, given: given, range: range, share: share, to: &result)
        }
        for (row, origin) in origins.enumerated() where !directs.isEmpty {
            var parts = RidgeParts(horizon: horizon)
            addDirect(history.filled, origin: origin, horizon: horizon, to: &parts)
            for step in 0..<horizon {
                result[row * horizon + step] = parts.level[step] + parts.lags[step] + parts.adjustment[step]
            }
        }
        return result
    }

    private func addDirect(_ values: [Double], origin: Int, horizon: Int, to parts: inout RidgeParts) {
        for (direct, share) in zip(directs, shares) {
            direct.addParts(values, origin: origin, horizon: horizon, range: range, share: share, to: &parts)
        }
    }

    func state(after history: History) -> ModelState { .ridge(RidgeState(self, after: history)) }

    /// The forecast from the end of a history, or of as much of its end as `reach` says, taken apart.
    func outlook(_ history: History, horizon: Int) -> Outlook {
        let first = history.elapsed + history.count
        let rows = features?.rows(first..<(first + horizon)) ?? []
        var parts = RidgeParts(horizon: horizon)
        for (regression, share) in zip(regressions, shares) {
            regression.addParts(
                history, horizon: horizon, calendar: rows, calendarColumns: features?.count ?? 0, range: range,
                share: share, to: &parts)
        }
        if !directs.isEmpty { addDirect(history.filled, origin: history.count, horizon: horizon, to: &parts) }
        var components = [Component(name: "level", values: parts.level), Component(name: "lags", values: parts.lags)]
        if features != nil { components.append(Component(name: "calendar", values: parts.calendar)) }
        if parts.isAdjusted { components.append(Component(name: "adjustment", values: parts.adjustment)) }
        let reach = min(reach, history.count)
        return Outlook(
            components: components, state: Array(history.filled[(history.count - reach)...]),
            stateNames: RidgeModel.lagNames.count >= reach
                ? RidgeModel.lagNames.suffix(reach) : (0..<reach).map { "lag\(reach - $0)" })
    }

    /// Names of the last values, oldest first, for all usual reaches.
    private static let lagNames = (0..<64).map { "lag\(64 - $0)" }

    /// Shares in proportion to the inverse fourth power of the cross-validated error: about equal, unless one step ahead
    /// already tells the regressions apart, as it does where demand is noise around a level.
    private static func shares(_ losses: [Double]) -> [Double] {
        let best = losses.reduce(Double.infinity) { min($0, $1) }
        var shares = losses.map { loss in
            let ratio = best > 0 ? best / loss : loss > 0 ? 0 : 1
            return ratio * ratio * ratio * ratio
        }
        let total = shares.reduce(0, +)
        for index in shares.indices { shares[index] /= total }
        return shares
    }

    /// What a series is centred on and divided by: mean and standard deviation of its first `count` values.
    static func standard(_ history: History, count: Int) -> (centre: Double, unit: Double) {
        var sum = 0.0
        for time in 0..<count { sum += history.filled[time] }
        let mean = sum / Double(count)
        var squares = 0.0
        for time in 0..<count { squares += (history.filled[time] - mean) * (history.filled[time] - mean) }
        let deviation = (squares / Double(count)).squareRoot()
        return (mean, deviation > 0 ? deviation : 1)
    }

    /// The range seen so far, widened by its width on both sides.
    private static func range(_ history: History, count: Int) -> ClosedRange<Double> {
        var low = Double.infinity
        var high = -Double.infinity
        for value in history.values[0..<count] where value == value {
            low = min(low, value)
            high = max(high, value)
        }
        let width = high - low
        return (low - width)...(high + width)
    }
}
