/// The last observation, at every step.
struct NaiveModel: FittedModel {
    var name: String { "naive" }
    var family: ModelFamily { .naive }
    var parameters: NamedValues { [:] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        origins.rollingForecasts(of: NaiveState(level: 0), history, horizon: horizon) { $0.level }
    }

    func state(after history: History) -> ModelState {
        var state = NaiveState(level: 0)
        state.advance(over: history.values)
        return .naive(state)
    }
}

/// The last value that was not missing.
struct NaiveState: AdvancingState {
    fileprivate(set) var level: Double

    /// A state whose last value was `level`.
    init(level: Double) { self.level = level }

    mutating func advance(_ value: Double) {
        if value == value { level = value }
    }

    func outlook(horizon: Int) -> Outlook { Outlook(level: level, horizon: horizon) }
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

    func state(after history: History) -> ModelState {
        .seasonalNaive(SeasonalNaiveState(cycle: Array(history.filled.suffix(history.season))))
    }
}

/// The values of the last cycle.
struct SeasonalNaiveState: AdvancingState {
    /// Oldest first: the forecasts of the coming cycle.
    private var cycle: [Double]

    fileprivate init(cycle: [Double]) { self.cycle = cycle }

    mutating func advance(_ value: Double) {
        let oldest = cycle.removeFirst()
        cycle.append(value == value ? value : oldest)
    }

    func outlook(horizon: Int) -> Outlook {
        Outlook(
            components: [Component(name: "season", values: (0..<horizon).map { cycle[$0 % cycle.count] })],
            state: cycle, stateNames: cycle.indices.map { "season+\($0 + 1)" })
    }
}

/// The mean of all observations.
struct MeanModel: FittedModel {
    var name: String { "mean" }
    var family: ModelFamily { .mean }
    var parameters: NamedValues { [:] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        origins.rollingForecasts(of: MeanState(), history, horizon: horizon) { $0.mean }
    }

    func state(after history: History) -> ModelState {
        var state = MeanState()
        state.advance(over: history.values)
        return .mean(state)
    }
}

/// The sum and the number of all observations.
struct MeanState: AdvancingState {
    private var sum = 0.0
    private var number = 0.0

    fileprivate var mean: Double { number > 0 ? sum / number : 0 }

    mutating func advance(_ value: Double) {
        guard value == value else { return }
        sum += value
        number += 1
    }

    func outlook(horizon: Int) -> Outlook { Outlook(level: mean, horizon: horizon) }
}

extension [Int] {
    /// The same mean at all steps from each of these origins, by a state that moves over the history once.
    func rollingForecasts<State: AdvancingState>(
        of start: State, _ history: History, horizon: Int, mean: (State) -> Double
    ) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(count * horizon)
        var state = start
        var time = 0
        for origin in self {
            while time < origin {
                state.advance(history.values[time])
                time += 1
            }
            result.append(contentsOf: repeatElement(mean(state), count: horizon))
        }
        return result
    }
}
