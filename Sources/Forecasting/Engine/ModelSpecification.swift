/// A model that can be fitted to a history: what a choice comes down to for one series.
enum ModelSpecification: Sendable, Hashable {
    case naive
    case seasonalNaive
    case mean
    case ets(ETSForm)
    case theta
    case decomposition
    case ridge
    /// One ridge regression for each step ahead; the recursive one where the history is too short for that.
    case ridgeDirect
    /// Ridge regression of differences at a lag, 0 for the values themselves, common to all series.
    case ridgeGlobal(difference: Int)
    case intermittent(IntermittentModel.Kind)
    case aggregation(AggregationModel.Kind)

    /// Fits the first `count` values of a history; `nil` where the model cannot describe them.
    ///
    /// - Parameter smoothings: the exponential smoothing forms fitted to those values, since many are fitted at once.
    func fit(
        _ history: History, count: Int, context: FitContext, smoothings: SmoothingFits
    ) -> (any FittedModel)? {
        switch self {
        case .naive: NaiveModel()
        case .seasonalNaive: SeasonalNaiveModel()
        case .mean: MeanModel()
        case .ets(let form): smoothings[form].map { ETSModel($0, history: history) }
        case .theta: ThetaModel(history, count: count)
        case .decomposition: DecompositionModel(history, count: count)
        case .ridge: RidgeModel(history, count: count)
        case .ridgeDirect:
            RidgeModel(history, count: count, steps: context.horizon) ?? RidgeModel(history, count: count)
        case .ridgeGlobal(let difference):
            context.pool.flatMap { RidgeModel(history, count: count, difference: difference, pool: $0) }
        case .intermittent(let kind): IntermittentModel(kind, history: history, count: count)
        case .aggregation(let kind): AggregationModel(kind, history: history, count: count)
        }
    }
}

/// What fits share across the series of a batch.
struct FitContext: Sendable {
    /// What each day near a holiday is.
    var holidays: HolidayEffects
    /// How many steps ahead forecasts go.
    var horizon: Int
    /// What effects are held to be before a series shows its own.
    var prior = EffectPrior.uninformed
    /// The coefficients all series share; `nil` unless the global ridge was asked for.
    var pool: RidgePool?
}

/// The exponential smoothing forms fitted to one piece of one history.
struct SmoothingFits: Sendable {
    private var fits: [ETSFit] = []

    /// Takes in a fit.
    mutating func append(_ fit: ETSFit) { fits.append(fit) }

    /// The fit of a form; `nil` where it was not asked for or cannot describe the values.
    subscript(form: ETSForm) -> ETSFit? { fits.first { $0.form == form } }
}
