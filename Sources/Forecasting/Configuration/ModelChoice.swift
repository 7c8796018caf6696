/// Which model a caller asks for.
public enum ModelChoice: Sendable, Hashable, Codable {
    /// Every candidate that suits the series is tried, and its rolling-origin error decides.
    case auto
    /// The last observation.
    case naive
    /// The observation one season before.
    case seasonalNaive
    /// Exponential smoothing; the form is chosen by rolling-origin error.
    case ets
    /// Exponential smoothing of one form in Hyndman's short notation, such as `AAdM`.
    case etsForm(String)
    /// Additive-error Holt-Winters: level, trend and additive season, `ETS(A,A,A)`.
    case holtWinters
    /// Ridge regression on lags and the calendar, one fit per series.
    case ridge
    /// Ridge regression on lags, one for each step ahead, none of which builds on a forecast. It takes long histories: on
    /// the short ones of M3 it is less accurate than the recursive one, which is why `auto` tries that.
    case ridgeDirect
    /// Ridge regression on lags, one fit for all series together.
    case ridgeGlobal
    /// The theta method on seasonally adjusted data.
    case theta
    /// Season extracted by smoothing over the cycles, then exponential smoothing of the rest.
    case mstl
    /// Croston's method for intermittent demand.
    case croston
    /// Croston's method with the Syntetos-Boylan bias correction.
    case sba
    /// Teunter, Syntetos and Babai's method, whose forecast fades when demand stops.
    case tsb
    /// Exponential smoothing of sums over blocks as long as the mean interval between demands.
    case adida
    /// The mean of such forecasts over all block lengths up to that interval.
    case imapa
    /// The mean of all observations.
    case mean
    /// The average of several models, weighted by their rolling-origin errors.
    case combination

    /// Parses a name as the command line takes it, such as `auto`, `seasonal-naive` or `ets:AAdM`; `nil` where there is
    /// no such model.
    public init?(name: String) {
        if name.hasPrefix("ets:") {
            let form = String(name.dropFirst(4))
            guard let parsed = ETSForm(notation: form) else { return nil }
            self = .etsForm(parsed.notation)
            return
        }
        guard let choice = ModelChoice.named.first(where: { $0.name == name }) else { return nil }
        self = choice
    }

    /// The name `init(name:)` takes.
    public var name: String {
        switch self {
        case .auto: "auto"
        case .naive: "naive"
        case .seasonalNaive: "seasonal-naive"
        case .ets: "ets"
        case .etsForm(let form): "ets:" + form
        case .holtWinters: "holt-winters"
        case .ridge: "ridge"
        case .ridgeDirect: "ridge-direct"
        case .ridgeGlobal: "ridge-global"
        case .theta: "theta"
        case .mstl: "mstl"
        case .croston: "croston"
        case .sba: "sba"
        case .tsb: "tsb"
        case .adida: "adida"
        case .imapa: "imapa"
        case .mean: "mean"
        case .combination: "combination"
        }
    }

    /// All names without a parameter, plus `ets:AAdM` as the example of a fixed form.
    public static var names: [String] {
        var names = named.map(\.name)
        names.insert("ets:AAdM", at: 4)
        return names
    }

    private static let named: [ModelChoice] = [
        .auto, .naive, .seasonalNaive, .ets, .holtWinters, .ridge, .ridgeDirect, .ridgeGlobal, .theta, .mstl, .croston,
        .sba, .tsb, .adida, .imapa, .mean, .combination,
    ]
}
