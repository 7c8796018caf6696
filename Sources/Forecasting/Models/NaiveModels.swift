/// The last observation, at every step.
struct NaiveModel: FittedModel {
    var name: String { "naive" }
    var family: ModelFamily { .naive }
    var parameters: NamedValues { [:] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins { result.append(contentsOf: repeatElement(last(history, origin), count: horizon)) }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let level = last(history, history.count)
        return Outlook(
            components: [Component(name: "level", values: [Double](repeating: level, count: horizon))], state: [level],
            stateNames: ["level"])
    }

    /// The last value that is not missing; the first value of a history never is.
    private func last(_ history: History, _ origin: Int) -> Double {
        for time in stride(from: origin - 1, through: 0, by: -1) where !history.values[time].isNaN {
            return history.values[time]
        }
        return 0
    }
}

/// The observation of the same bucket of the last cycle, gaps filled from the cycle before.
struct SeasonalNaiveModel: FittedModel {
    var name: String { "seasonal-naive" }
    var family: ModelFamily { .seasonalNaive }
    var parameters: NamedValues { [:] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins {
            let lag = min(history.season, origin)
            for step in 0..<horizon { result.append(history.filled[origin - lag + step % lag]) }
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let lag = min(history.season, history.count)
        let cycle = Array(history.filled[(history.count - lag)...])
        return Outlook(
            components: [Component(name: "season", values: (0..<horizon).map { cycle[$0 % lag] })], state: cycle,
            stateNames: (0..<lag).map { "season+\($0 + 1)" })
    }
}

/// The mean of all observations.
struct MeanModel: FittedModel {
    var name: String { "mean" }
    var family: ModelFamily { .mean }
    var parameters: NamedValues { [:] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins { result.append(contentsOf: repeatElement(mean(history, origin), count: horizon)) }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let level = mean(history, history.count)
        return Outlook(
            components: [Component(name: "level", values: [Double](repeating: level, count: horizon))], state: [level],
            stateNames: ["level"])
    }

    private func mean(_ history: History, _ origin: Int) -> Double {
        var sum = 0.0
        var number = 0.0
        for time in 0..<origin where !history.values[time].isNaN {
            sum += history.values[time]
            number += 1
        }
        return number > 0 ? sum / number : 0
    }
}
