/// The models one choice tries on one history, and what is done with those that do well.
struct Candidates: Sendable {
    /// How the rolling-origin errors decide.
    enum Strategy: Sendable {
        /// The best one alone.
        case select
        /// All of them, weighted by their errors.
        case combine
    }

    /// The models to try, simplest first; never empty.
    let specifications: [ModelSpecification]
    /// The models to fall back on where there is no backtest to decide, best first.
    let untested: [ModelSpecification]
    /// How the errors decide.
    let strategy: Strategy

    /// The candidates of a choice.
    ///
    /// A form the history cannot carry (a season too long for it, or numbers that are not positive) is replaced by the
    /// nearest it can, with a note.
    init(_ choice: ModelChoice, history: History, notes: inout [String]) {
        switch choice {
        case .auto, .combination:
            specifications = Candidates.automatic(history)
            untested = Candidates.simplest(history)
            strategy = .combine
        case .ets:
            specifications = Candidates.smoothing(history)
            untested = Candidates.simplest(history)
            strategy = .select
        case .holtWinters:
            let plain = Candidates.carried(ETSForm(.additive, .additive, .additive), history, &notes)
            let damped = ETSForm(.additive, plain.trend == .none ? .none : .damped, plain.season)
            specifications = plain == damped ? [.ets(plain)] : [.ets(damped), .ets(plain)]
            untested = [.ets(damped)]
            strategy = .select
        case .ridgeGlobal:
            // How far ahead a difference helps is seen in forecasts of many steps, not in the fit.
            let differences = history.season > 1 ? [1, history.season, 0] : [1, 0]
            specifications = differences.map { .ridgeGlobal(difference: $0) }
            untested = specifications
            strategy = .select
        default:
            let only: ModelSpecification =
                switch choice {
                case .seasonalNaive: history.season > 1 ? .seasonalNaive : .naive
                case .mean: .mean
                case .etsForm(let notation):
                    .ets(
                        Candidates.carried(
                            ETSForm(notation: notation) ?? ETSForm(.additive, .none, .none), history, &notes))
                case .theta: .theta
                case .mstl: .decomposition
                case .ridge: .ridge
                case .ridgeDirect: .ridgeDirect
                case .croston: .intermittent(.croston)
                case .sba: .intermittent(.sba)
                case .tsb: .intermittent(.tsb)
                case .adida: .aggregation(.adida)
                case .imapa: .aggregation(.imapa)
                default: .naive
                }
            specifications = [only]
            untested = [only]
            strategy = .select
        }
    }

    /// Whether one model was asked for, which is then fitted as well as can be.
    var isSingle: Bool { specifications.count == 1 && untested == specifications }

    /// What is left out was tried: without the naive models and, where a trend can be fitted, without plain exponential
    /// smoothing, averages are as accurate or better on monthly, quarterly, yearly, weekly and daily series.
    private static func automatic(_ history: History) -> [ModelSpecification] {
        if history.count < 4 { return [.naive] }
        if history.demandClass.isSlow { return slow(history) }
        var result: [ModelSpecification] = []
        if history.count < 8 { result.append(.naive) }
        if history.season == 1 && history.demandClass == .erratic {
            result.append(contentsOf: [.mean, .aggregation(.imapa), .intermittent(.tsb)])
        }
        let level = ETSForm(.additive, .none, .none)
        result.append(contentsOf: smoothing(history).filter { history.count < 8 || $0 != .ets(level) })
        result.append(.theta)
        if history.season > 1 { result.append(.decomposition) }
        if history.observed >= 3 * history.season + 10 { result.append(.ridge) }
        return result
    }

    private static func slow(_ history: History) -> [ModelSpecification] {
        var result: [ModelSpecification] = [
            .mean, .intermittent(.sba), .intermittent(.tsb), .aggregation(.imapa),
        ]
        // A season seen through mostly zeros is noise, unless many cycles or a test speak for it.
        let isSeasonal =
            history.count >= 8 * history.season
            || SeasonalityTest.isSeasonal(history.filled, count: history.count, season: history.season)
        if history.season > 1 && isSeasonal {
            result.append(.ets(ETSForm(.additive, .none, .additive)))
            result.append(.decomposition)
        }
        return result
    }

    /// The exponential smoothing forms worth trying.
    private static func smoothing(_ history: History) -> [ModelSpecification] {
        var forms = [ETSForm(.additive, .none, .none)]
        if history.count >= 8 { forms.append(ETSForm(.additive, .damped, .none)) }
        if history.season > 1 {
            forms.append(ETSForm(.additive, .none, .additive))
            forms.append(ETSForm(.additive, .damped, .additive))
            forms.append(ETSForm(.additive, .additive, .additive))
            if history.isPositive {
                forms.append(ETSForm(.additive, .damped, .multiplicative))
                forms.append(ETSForm(.multiplicative, .none, .multiplicative))
            }
        } else if history.count >= 8 {
            forms.append(ETSForm(.additive, .additive, .none))
            if history.isPositive { forms.append(ETSForm(.multiplicative, .damped, .none)) }
        }
        return forms.map { .ets($0) }
    }

    /// What to use untested: few parameters, no trend of its own.
    private static func simplest(_ history: History) -> [ModelSpecification] {
        if history.count < 4 { return [.naive] }
        return history.season > 1
            ? [.ets(ETSForm(.additive, .none, .additive)), .theta] : [.ets(ETSForm(.additive, .none, .none))]
    }

    private static func carried(_ form: ETSForm, _ history: History, _ notes: inout [String]) -> ETSForm {
        var form = form
        let asked = form.name
        if form.season != .none && history.season == 1 { form.season = .none }
        if form.needsPositive && !history.isPositive {
            form.error = .additive
            if form.season == .multiplicative { form.season = .additive }
        }
        if form.trend != .none && history.observed < 4 { form.trend = .none }
        if form.name != asked { notes.append("\(asked) cannot describe this history: \(form.name) is used") }
        return form
    }
}
