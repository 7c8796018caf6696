/// What a fitted model carries from one bucket to the next: parameters, and as much of the past as it needs.
///
/// Its size depends on the model, the season and the lags, never on the length of the history.
protocol AdvancingState: Sendable, Codable, Hashable {
    /// Takes in the value of the next bucket, NaN where it is missing, in the unit of the history the model was fitted to.
    mutating func advance(_ value: Double)

    /// The forecast from here, taken apart.
    func outlook(horizon: Int) -> Outlook
}

extension AdvancingState {
    /// Takes in one value after the other.
    mutating func advance(over values: some Sequence<Double>) {
        for value in values { advance(value) }
    }
}

/// The state of any model, as it is stored.
enum ModelState: AdvancingState {
    case naive(NaiveState)
    case seasonalNaive(SeasonalNaiveState)
    case mean(MeanState)
    case ets(ETSState)
    case theta(ThetaState)
    case decomposition(DecompositionState)
    case ridge(RidgeState)
    case intermittent(IntermittentState)
    case aggregation(AggregationState)
    indirect case combination(CombinationState)

    mutating func advance(_ value: Double) {
        switch self {
        case .naive(var state): state.advance(value); self = .naive(state)
        case .seasonalNaive(var state): state.advance(value); self = .seasonalNaive(state)
        case .mean(var state): state.advance(value); self = .mean(state)
        case .ets(var state): state.advance(value); self = .ets(state)
        case .theta(var state): state.advance(value); self = .theta(state)
        case .decomposition(var state): state.advance(value); self = .decomposition(state)
        case .ridge(var state): state.advance(value); self = .ridge(state)
        case .intermittent(var state): state.advance(value); self = .intermittent(state)
        case .aggregation(var state): state.advance(value); self = .aggregation(state)
        case .combination(var state): state.advance(value); self = .combination(state)
        }
    }

    func outlook(horizon: Int) -> Outlook {
        switch self {
        case .naive(let state): state.outlook(horizon: horizon)
        case .seasonalNaive(let state): state.outlook(horizon: horizon)
        case .mean(let state): state.outlook(horizon: horizon)
        case .ets(let state): state.outlook(horizon: horizon)
        case .theta(let state): state.outlook(horizon: horizon)
        case .decomposition(let state): state.outlook(horizon: horizon)
        case .ridge(let state): state.outlook(horizon: horizon)
        case .intermittent(let state): state.outlook(horizon: horizon)
        case .aggregation(let state): state.outlook(horizon: horizon)
        case .combination(let state): state.outlook(horizon: horizon)
        }
    }
}
