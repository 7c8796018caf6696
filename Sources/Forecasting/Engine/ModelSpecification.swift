/// A model that can be fitted to a history: what a choice comes down to for one series.
enum ModelSpecification: Sendable, Hashable {
    case naive
    case seasonalNaive
    case mean
    case ets(ETSForm)
    case theta

    /// Fits the first `count` values of a history; `nil` where the model cannot describe them.
    func fit(_ history: History, count: Int, effort: ETSFit.Effort) -> (any FittedModel)? {
        switch self {
        case .naive: NaiveModel()
        case .seasonalNaive: SeasonalNaiveModel()
        case .mean: MeanModel()
        case .ets(let form): ETSModel(form, history: history, count: count, effort: effort)
        case .theta: ThetaModel(history, count: count)
        }
    }
}
