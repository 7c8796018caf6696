/// Croston's method and its two corrections, for demand with many zero buckets.
///
/// - Croston (1972): sizes z and intervals p are smoothed when demand occurs; the mean is z/p.
/// - SBA (Syntetos and Boylan 2005): (1 − α/2) z/p.
/// - TSB (Teunter, Syntetos and Babai 2011): the probability d of demand is smoothed in every bucket, so that the mean
///   d·z fades when demand stops.
///
/// The constants are those of a small grid with the least squared one-step error. Missing buckets are passed over.
struct IntermittentModel: FittedModel {
    /// Which of the three.
    enum Kind: String, Sendable, Codable, Hashable { case croston, sba, tsb }

    /// The model before the first value.
    private let start: IntermittentState

    private static let constants = [0.02, 0.05, 0.1, 0.2, 0.3]

    /// Fits the first `count` values; `nil` where none of them is a demand.
    init?(_ kind: Kind, history: History, count: Int) {
        guard var start = IntermittentState(kind, history.values, count: count) else { return nil }
        var best = (alpha: 0.1, beta: 0.1, squares: Double.infinity)
        for alpha in IntermittentModel.constants {
            for beta in kind == .tsb ? IntermittentModel.constants : [alpha] {
                start.alpha = alpha
                start.beta = beta
                let squares = start.squaredErrors(history.values, count: count)
                if squares < best.squares { best = (alpha, beta, squares) }
            }
        }
        start.alpha = best.alpha
        start.beta = best.beta
        self.start = start
    }

    var name: String { start.kind.rawValue }
    var family: ModelFamily { .croston }
    var parameters: NamedValues {
        start.kind == .tsb ? ["alpha": start.alpha, "beta": start.beta] : ["alpha": start.alpha]
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        origins.rollingForecasts(of: start, history, horizon: horizon) { $0.mean }
    }

    func state(after history: History) -> ModelState {
        var state = start
        state.advance(over: history.values)
        return .intermittent(state)
    }
}

/// The smoothed size, and the smoothed interval or probability.
struct IntermittentState: AdvancingState {
    let kind: IntermittentModel.Kind
    fileprivate(set) var alpha = 0.1
    fileprivate(set) var beta = 0.1
    private var size: Double
    private var frequency: Double
    /// Observed buckets since the last demand, this one included.
    private var waited = 1.0

    /// Starts at the mean size and the mean interval (probability) of the first `count` values; `nil` where none of them
    /// is a demand.
    fileprivate init?(_ kind: IntermittentModel.Kind, _ values: [Double], count: Int) {
        self.kind = kind
        var observed = 0.0
        var demands = 0.0
        var sum = 0.0
        for time in 0..<count where values[time] == values[time] {
            observed += 1
            if values[time] != 0 {
                demands += 1
                sum += values[time]
            }
        }
        guard demands > 0 else { return nil }
        size = sum / demands
        frequency = kind == .tsb ? demands / observed : observed / demands
    }

    fileprivate var mean: Double {
        switch kind {
        case .croston: size / frequency
        case .sba: (1 - alpha / 2) * size / frequency
        case .tsb: size * frequency
        }
    }

    /// The sum of squared one-step errors from here over the first `count` values.
    fileprivate func squaredErrors(_ values: [Double], count: Int) -> Double {
        var state = self
        var squares = 0.0
        for time in 0..<count where values[time] == values[time] {
            let error = values[time] - state.mean
            squares += error * error
            state.advance(values[time])
        }
        return squares
    }

    mutating func advance(_ value: Double) {
        guard value == value else { return }
        let occurred = value != 0
        if kind == .tsb {
            frequency += beta * ((occurred ? 1 : 0) - frequency)
        } else if occurred {
            frequency += alpha * (waited - frequency)
            waited = 1
        } else {
            waited += 1
        }
        if occurred { size += alpha * (value - size) }
    }

    func outlook(horizon: Int) -> Outlook {
        Outlook(
            components: [Component(name: "level", values: [Double](repeating: mean, count: horizon))],
            state: [size, frequency], stateNames: ["size", kind == .tsb ? "probability" : "interval"], unitless: [1])
    }
}
