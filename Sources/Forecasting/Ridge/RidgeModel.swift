internal import LinearAlgebra

/// Ridge regression on lags, rolling means and the calendar, forecast step by step on its own forecasts.
///
/// The regression is one of values or of their differences at some lag. As every regressor is a sum of past values,
/// one weight for each of them is all a forecast needs.
struct RidgeModel: FittedModel, Codable, Hashable {
    private let lags: LagFeatures
    /// One weight for each of the last values, oldest first.
    private let weights: [Double]
    private let features: CalendarFeatures?
    private let featureCoefficients: [Double]
    /// What time, as a share of `span`, adds; 0 where it is not a regressor.
    private let trend: Double
    private let span: Double
    private let intercept: Double
    private let penalty: Double
    private let isGlobal: Bool
    /// The values coefficients refer to are (value − centre)/unit, or differences over unit.
    private let centre: Double
    private let unit: Double
    /// Forecasts keep to this range.
    private let range: ClosedRange<Double>

    /// Fits the first `count` values of one series; `nil` where they are too few.
    init?(_ history: History, count: Int, difference: Int, calendar: HolidayCalendar) {
        guard let lags = LagFeatures(season: history.season, difference: difference, count: count) else { return nil }
        let features = CalendarFeatures(start: history.start, count: count, calendar: calendar)
        let hasTrend = difference == 0
        let centre = difference == 0 ? RidgeModel.standard(history, count: count).centre : 0
        let rows = RidgeRows(
            history, known: count, lags: lags, centre: centre, unit: 1, features: features, hasTrend: hasTrend)
        guard rows.count >= 6, let path = try? RidgePath(rows.sums) else { return nil }
        self.lags = lags
        weights = lags.weights(path.coefficients)
        self.features = features.count > 0 ? features : nil
        featureCoefficients = Array(path.coefficients.suffix(features.count))
        trend = hasTrend ? path.coefficients[lags.count] : 0
        span = Double(count)
        intercept = path.intercept
        penalty = path.penalty
        isGlobal = false
        self.centre = centre
        unit = 1
        range = RidgeModel.range(history, count: count)
    }

    /// Takes the coefficients all series of a batch share; `nil` where the series is too short for their lags.
    init?(_ history: History, count: Int, difference: Int, pool: RidgePool) {
        guard let shared = pool.coefficients(difference: difference, complete: count == history.count),
            count > shared.lags.firstTime
        else { return nil }
        let standard = RidgeModel.standard(history, count: count)
        lags = shared.lags
        weights = shared.lags.weights(shared.coefficients)
        features = nil
        featureCoefficients = []
        trend = 0
        span = 1
        intercept = shared.intercept
        penalty = shared.penalty
        isGlobal = true
        centre = difference == 0 ? standard.centre : 0
        unit = standard.unit
        range = RidgeModel.range(history, count: count)
    }

    var name: String { isGlobal ? "ridge-global" : "ridge" }
    var candidateName: String { "\(name)(\(lags.difference))" }
    var family: ModelFamily { .ridge }
    var parameters: NamedValues {
        ["lambda": penalty, "difference": Double(lags.difference), "lags": Double(lags.lags.count)]
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        guard let first = origins.first, let last = origins.last else { return [] }
        let known = known(history, count: last)
        var given: [Double] = []
        given.reserveCapacity(last + horizon - first)
        for time in first..<(last + horizon) {
            let parts = givenParts(history.elapsed + time)
            given.append(intercept + parts.trend + parts.calendar + parts.event)
        }
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        var recent = [Double](repeating: 0, count: lags.reach + horizon)
        for origin in origins {
            let start = result.count
            for index in 0..<lags.reach { recent[index] = known[origin + index] }
            for step in 0..<horizon {
                let base = base(history, origin: origin, step: step, forecasts: result, start: start)
                let change =
                    given[origin + step - first]
                    + Products.dot(weights, recent, from: step, count: lags.reach)
                let mean = limited(base + change * unit)
                recent[lags.reach + step] = (mean - base) / unit
                result.append(mean)
            }
        }
        return result
    }

    func state(after history: History) -> ModelState { .ridge(RidgeState(self, after: history)) }

    /// The forecast from the end of a history, or of as much of its end as `reach` says, taken apart.
    func outlook(_ history: History, horizon: Int) -> Outlook {
        let means = rollingForecasts(history, origins: [history.count], horizon: horizon)
        var recent = Array(known(history, count: history.count).suffix(lags.reach))
        var values: [String: [Double]] = [:]
        let names = ["level", "lags", "trend", "calendar", "event", "adjustment"]
        for step in 0..<horizon {
            let base = base(history, origin: history.count, step: step, forecasts: means, start: 0)
            let given = givenParts(history.elapsed + history.count + step)
            let past = Products.dot(weights, recent, from: step, count: lags.reach)
            var parts = [base + intercept * unit, past * unit, given.trend * unit]
            parts.append(contentsOf: [given.calendar * unit, given.event * unit])
            parts.append(means[step] - parts.reduce(0, +))
            recent.append((means[step] - base) / unit)
            for (name, part) in zip(names, parts) { values[name, default: []].append(part) }
        }
        // What only rounding adds is no component.
        let isLimited = values["adjustment", default: []].contains { $0.magnitude > 1e-9 * span(of: means) }
        let present = names.filter { name in
            switch name {
            case "trend": lags.difference == 0 && !isGlobal
            case "calendar": features?.parts.contains(.calendar) ?? false
            case "event": features?.parts.contains(.event) ?? false
            case "adjustment": isLimited
            default: true
            }
        }
        let reach = min(lags.firstTime, history.count)
        return Outlook(
            components: present.map { Component(name: $0, values: values[$0, default: []]) },
            state: Array(history.filled[(history.count - reach)...]),
            stateNames: (0..<reach).map { "lag\(reach - $0)" })
    }

    /// How many of the last values a forecast looks at.
    var reach: Int { lags.firstTime }

    /// The changes of the first `count` values, after as many of the time before them as lags may ask for.
    private func known(_ history: History, count: Int) -> [Double] {
        lags.changes(history.filled, count: count, padding: lags.reach, centre: centre, unit: unit)
    }

    /// What the forecast change is added to: the value one difference before, known or forecast, or the centre.
    private func base(_ history: History, origin: Int, step: Int, forecasts: [Double], start: Int) -> Double {
        guard lags.difference > 0 else { return centre }
        return step < lags.difference
            ? history.filled[max(origin + step - lags.difference, 0)] : forecasts[start + step - lags.difference]
    }

    /// What does not depend on past values, in the unit of changes.
    private func givenParts(_ time: Int) -> (trend: Double, calendar: Double, event: Double) {
        var calendar = 0.0
        var event = 0.0
        if let features {
            var row = [Double](repeating: 0, count: features.count)
            features.write(time, into: &row, at: 0)
            for index in 0..<features.count {
                let part = featureCoefficients[index] * row[index]
                switch features.parts[index] {
                case .calendar: calendar += part
                case .event: event += part
                }
            }
        }
        return (trend * Double(time) / span, calendar, event)
    }

    private func limited(_ value: Double) -> Double {
        min(max(value.isNaN ? range.lowerBound : value, range.lowerBound), range.upperBound)
    }

    private func span(of values: [Double]) -> Double { values.reduce(0) { max($0, $1.magnitude) } }

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
