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
    enum Kind: String, Sendable, Hashable { case croston, sba, tsb }

    private let kind: Kind
    private let alpha: Double
    private let beta: Double

    /// Fits the first `count` values; `nil` where none of them is a demand.
    init?(_ kind: Kind, history: History, count: Int) {
        self.kind = kind
        guard history.values[0..<count].contains(where: { $0 == $0 && $0 != 0 }) else { return nil }
        var best = (alpha: 0.1, beta: 0.1, squares: Double.infinity)
        for alpha in [0.02, 0.05, 0.1, 0.2, 0.3] {
            for beta in kind == .tsb ? [0.02, 0.05, 0.1, 0.2, 0.3] : [alpha] {
                var state = IntermittentState(kind, history.values, count: count)
                var squares = 0.0
                for time in 0..<count where history.values[time] == history.values[time] {
                    let error = history.values[time] - state.mean(alpha: alpha)
                    squares += error * error
                    state.advance(history.values[time], alpha: alpha, beta: beta)
                }
                if squares < best.squares { best = (alpha, beta, squares) }
            }
        }
        alpha = best.alpha
        beta = best.beta
    }

    var name: String { kind.rawValue }
    var family: ModelFamily { .croston }
    var parameters: NamedValues { kind == .tsb ? ["alpha": alpha, "beta": beta] : ["alpha": alpha] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        guard let first = origins.first else { return [] }
        var state = IntermittentState(kind, history.values, count: first)
        var time = 0
        for origin in origins {
            while time < origin {
                state.advance(history.values[time], alpha: alpha, beta: beta)
                time += 1
            }
            result.append(contentsOf: repeatElement(state.mean(alpha: alpha), count: horizon))
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        var state = IntermittentState(kind, history.values, count: history.count)
        for value in history.values { state.advance(value, alpha: alpha, beta: beta) }
        let mean = state.mean(alpha: alpha)
        return Outlook(
            components: [Component(name: "level", values: [Double](repeating: mean, count: horizon))],
            state: [state.size, state.frequency],
            stateNames: ["size", kind == .tsb ? "probability" : "interval"], unitless: [1])
    }
}

/// The smoothed size, and the smoothed interval or probability.
private struct IntermittentState {
    private let kind: IntermittentModel.Kind
    private(set) var size: Double
    private(set) var frequency: Double
    /// Observed buckets since the last demand, this one included.
    private var waited = 1.0

    /// Starts at the mean size and the mean interval (probability) of the values to be fitted.
    init(_ kind: IntermittentModel.Kind, _ values: [Double], count: Int) {
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
        size = demands > 0 ? sum / demands : 0
        let probability = observed > 0 ? demands / observed : 0
        frequency = kind == .tsb ? probability : (probability > 0 ? 1 / probability : 1)
    }

    func mean(alpha: Double) -> Double {
        switch kind {
        case .croston: size / frequency
        case .sba: (1 - alpha / 2) * size / frequency
        case .tsb: size * frequency
        }
    }

    mutating func advance(_ value: Double, alpha: Double, beta: Double) {
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
}
