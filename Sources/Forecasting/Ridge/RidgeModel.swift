internal import LinearAlgebra

/// Ridge regression on lags, rolling means and the calendar, forecast step by step on its own forecasts.
///
/// The series is taken plain, in first differences or in seasonal differences, whichever has the least leave-one-out
/// error one step ahead; so is the penalty, both without a refit (see `RidgePath`).
struct RidgeModel: FittedModel {
    private let lags: LagFeatures
    private let features: CalendarFeatures?
    /// Whether time itself is a regressor.
    private let hasTrend: Bool
    private let coefficients: [Double]
    private let intercept: Double
    private let penalty: Double
    private let isGlobal: Bool
    /// The values coefficients refer to are (value − centre) / unit.
    private let centre: Double
    private let unit: Double
    /// How many values time is counted in.
    private let span: Double
    /// Forecasts keep to this range.
    private let range: ClosedRange<Double>

    /// Fits the first `count` values of one series; `nil` where they are too few.
    init?(_ history: History, count: Int, calendar: HolidayCalendar) {
        let features = CalendarFeatures(start: history.start, count: count, calendar: calendar)
        var best: (lags: LagFeatures, hasTrend: Bool, path: RidgePath, scales: [Double])?
        for difference in Set([0, 1, history.season]).sorted() {
            guard let lags = LagFeatures(season: history.season, difference: difference, count: count) else { continue }
            let hasTrend = difference == 0
            guard
                let fitted = RidgeModel.fit(
                    history, count: count, lags: lags, features: features, hasTrend: hasTrend)
            else { continue }
            if fitted.path.losses[fitted.path.chosen] < best?.path.losses[best!.path.chosen] ?? .infinity {
                best = (lags, hasTrend, fitted.path, fitted.scales)
            }
        }
        guard let best else { return nil }
        lags = best.lags
        self.features = features
        hasTrend = best.hasTrend
        coefficients = zip(best.path.coefficients, best.scales).map { $1 > 0 ? $0 / $1 : 0 }
        intercept = best.path.intercept
        penalty = best.path.penalty
        isGlobal = false
        centre = 0
        unit = 1
        span = Double(count)
        range = RidgeModel.range(history, count: count)
    }

    /// Takes the coefficients all series of a batch share; `nil` where the series is too short for their lags.
    init?(_ history: History, count: Int, pool: RidgePool) {
        let shared = count < history.count ? pool.beforeBacktest : pool.complete
        guard let shared, count > shared.lags.reach else { return nil }
        let standard = RidgePool.standard(history, count: count)
        lags = shared.lags
        features = nil
        hasTrend = false
        coefficients = shared.coefficients
        intercept = shared.intercept
        penalty = shared.penalty
        isGlobal = true
        centre = shared.lags.difference == 0 ? standard.centre : 0
        unit = standard.unit
        span = 1
        range = RidgeModel.range(history, count: count)
    }

    var name: String { isGlobal ? "ridge-global" : "ridge" }
    var family: ModelFamily { .ridge }
    var parameters: NamedValues {
        ["lambda": penalty, "difference": Double(lags.difference), "lags": Double(lags.lags.count)]
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins {
            result.append(contentsOf: run(history, origin: origin, horizon: horizon).means)
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let run = run(history, origin: history.count, horizon: horizon)
        var components = [
            Component(name: "level", values: run.level), Component(name: "lags", values: run.lags),
        ]
        if hasTrend { components.append(Component(name: "trend", values: run.trend)) }
        if let features {
            if features.parts.contains(.calendar) {
                components.append(Component(name: "calendar", values: run.calendar))
            }
            if features.parts.contains(.event) { components.append(Component(name: "event", values: run.event)) }
        }
        let limited = (0..<horizon).map { run.means[$0] - run.unlimited[$0] }
        if limited.contains(where: { $0 != 0 }) { components.append(Component(name: "adjustment", values: limited)) }
        let reach = min(lags.reach, history.count)
        return Outlook(
            components: components, state: Array(history.filled[(history.count - reach)...]),
            stateNames: (0..<reach).map { "lag\(reach - $0)" })
    }

    /// Forecasts and their parts, each `horizon` values.
    private struct Run {
        var means: [Double] = []
        var unlimited: [Double] = []
        var level: [Double] = []
        var lags: [Double] = []
        var trend: [Double] = []
        var calendar: [Double] = []
        var event: [Double] = []
    }

    private func run(_ history: History, origin: Int, horizon: Int) -> Run {
        var values = (0..<origin).map { (history.filled[$0] - centre) / unit }
        // Before the lags reach back far enough, the first value stands for what came before it.
        let missing = max(0, lags.reach - origin)
        values.insert(contentsOf: repeatElement(values[0], count: missing), at: 0)
        var row = [Double](repeating: 0, count: coefficients.count)
        var run = Run()
        for step in 0..<horizon {
            let time = origin + step
            lags.write(values, time + missing, into: &row, at: 0)
            var lagPart = 0.0
            for index in 0..<lags.count { lagPart += coefficients[index] * row[index] }
            var next = lags.count
            var trendPart = 0.0
            if hasTrend {
                trendPart = coefficients[next] * Double(time) / span
                next += 1
            }
            var calendarPart = 0.0
            var eventPart = 0.0
            if let features {
                features.write(time, into: &row, at: next)
                for index in 0..<features.count {
                    let part = coefficients[next + index] * row[next + index]
                    switch features.parts[index] {
                    case .calendar: calendarPart += part
                    case .event: eventPart += part
                    }
                }
            }
            let base = intercept + (lags.difference > 0 ? values[time + missing - lags.difference] : 0)
            let parts = [base * unit + centre, lagPart * unit, trendPart * unit, calendarPart * unit, eventPart * unit]
            let mean = parts.reduce(0, +)
            let limited = min(max(mean.isNaN ? range.lowerBound : mean, range.lowerBound), range.upperBound)
            values.append((limited - centre) / unit)
            run.means.append(limited)
            run.unlimited.append(mean)
            run.level.append(parts[0])
            run.lags.append(parts[1])
            run.trend.append(parts[2])
            run.calendar.append(parts[3])
            run.event.append(parts[4])
        }
        return run
    }

    private static func fit(
        _ history: History, count: Int, lags: LagFeatures, features: CalendarFeatures, hasTrend: Bool
    ) -> (path: RidgePath, scales: [Double])? {
        let columns = lags.count + (hasTrend ? 1 : 0) + features.count
        var x: [Double] = []
        x.reserveCapacity(max(count - lags.reach, 0) * columns)
        var y: [Double] = []
        var row = [Double](repeating: 0, count: columns)
        for time in lags.reach..<count where history.values[time] == history.values[time] {
            lags.write(history.filled, time, into: &row, at: 0)
            if hasTrend { row[lags.count] = Double(time) / Double(count) }
            features.write(time, into: &row, at: lags.count + (hasTrend ? 1 : 0))
            x.append(contentsOf: row)
            y.append(lags.change(history.filled, time))
        }
        let rows = y.count
        guard rows >= 6 else { return nil }
        let scales = RidgeModel.standardize(&x, rows: rows, columns: columns)
        guard let path = try? RidgePath(x: &x, y: &y, rows: rows, columns: columns) else { return nil }
        return (path, scales)
    }

    /// Divides each column by its standard deviation and returns those; a constant column is left as it is, with 0.
    private static func standardize(_ x: inout [Double], rows: Int, columns: Int) -> [Double] {
        (0..<columns).map { column in
            var sum = 0.0
            for row in 0..<rows { sum += x[row * columns + column] }
            let mean = sum / Double(rows)
            var squares = 0.0
            for row in 0..<rows {
                let deviation = x[row * columns + column] - mean
                squares += deviation * deviation
            }
            let scale = (squares / Double(rows)).squareRoot()
            guard scale > 1e-12 else {
                for row in 0..<rows { x[row * columns + column] = 0 }
                return 0
            }
            for row in 0..<rows { x[row * columns + column] /= scale }
            return scale
        }
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
