public import TimeSeries

/// A fitted model that goes on: it takes in new observations one by one and forecasts again, without a new fit.
///
/// `ForecastConfiguration.keepsFit` puts one beside each forecast. What the fit learnt stays as it was: the choice of the
/// model, its parameters and seasonal effects, how far actuals fall
/// from forecasts, and what holidays and events known then do to the buckets of its horizon. After any number of observations
/// the state is the one the same model reaches when it is run over the whole history from its beginning. It can be
/// stored, and its size does not grow.
public struct FittedForecast: Sendable, Codable, Hashable {
    /// What is forecast.
    public let key: SeriesKey
    /// The last bucket known.
    public private(set) var origin: Bucket
    /// How many buckets were taken in since the fit.
    public private(set) var advanced = 0
    /// The quantile levels, ascending.
    public var quantileLevels: [Double] { band.levels }

    private let model: String
    private let modelFamily: ModelFamily
    // As arrays, which keep their order in every coding.
    private let parameterNames: [String]
    private let parameterValues: [Double]
    private let logLikelihood: Double?
    private let aicc: Double?
    private var observations: Int
    private let demandClass: DemandClass
    private let notes: [String]
    private let unit: DemandUnit
    private var band: QuantileBand
    private var closed: ClosedBuckets
    private var effects: UpcomingEffects?
    private var state: ModelState

    /// A value this many times the unit says nothing a model could go by: it counts as missing.
    private static let largest = 1e30

    /// What goes on from a finished forecast.
    init(
        _ forecast: SeriesForecast, unit: DemandUnit, band: QuantileBand, closed: ClosedBuckets,
        effects: UpcomingEffects?, state: ModelState
    ) {
        key = forecast.key
        origin = forecast.origin
        model = forecast.model
        modelFamily = forecast.modelFamily
        parameterNames = forecast.parameters.names
        parameterValues = forecast.parameters.values
        logLikelihood = forecast.logLikelihood
        aicc = forecast.aicc
        observations = forecast.observations
        demandClass = forecast.demandClass
        notes = forecast.notes
        self.unit = unit
        self.band = band
        self.closed = closed
        self.effects = effects
        self.state = state
    }

    /// Takes in the demand of the bucket after `origin`, in base units; NaN, or an infinity, where it is missing.
    ///
    /// - Complexity: independent of the length of the history: at most the season, or the lags a regression looks back.
    public mutating func advance(_ observation: Double) {
        var value = observation / unit.scale
        if !(value.magnitude < FittedForecast.largest) { value = .nan }
        state.advance(effects?.removed(from: value) ?? value)
        band.advance()
        closed = closed.counted(from: 1)
        effects?.advance()
        origin = origin.advanced(by: 1)
        advanced += 1
        if value == value { observations += 1 }
    }

    /// Takes in the demand of the buckets after `origin`, in their order.
    public mutating func advance(over observations: some Sequence<Double>) {
        for observation in observations { advance(observation) }
    }

    /// The forecast of the buckets after `origin`.
    ///
    /// Right after the fit it is the one the fit came with, without its backtest and without quantiles of sums. Beyond the horizon of the fit the band
    /// widens with the root of the step.
    ///
    /// - Parameter horizon: steps to forecast, 1 or more.
    public func forecast(horizon: Int) -> SeriesForecast {
        precondition(horizon > 0, "A forecast has at least one step")
        var outlook = state.outlook(horizon: max(horizon, closed.cycle))
        let base = unit.settle(&outlook.components, horizon: horizon, closed: closed)
        let mean = effects?.apply(to: base, components: &outlook.components, unit: unit) ?? base
        var scaled = band.quantiles(around: base.map { $0 / unit.scale })
        closed.close(&scaled, from: 0, width: band.levels.count)
        let quantiles = unit.ordered(scaled, levels: band.levels.count, factors: effects?.factors)
        var parameters: NamedValues = [:]
        for (name, value) in zip(parameterNames, parameterValues) { parameters[name] = value }
        var notes = notes
        if advanced > 0 { notes.append("\(advanced) buckets were taken in since the fit") }
        return SeriesForecast(
            key: key, origin: origin, model: model, modelFamily: modelFamily, parameters: parameters,
            state: unit.state(outlook), stateNames: outlook.stateNames, mean: mean, quantileLevels: band.levels,
            quantiles: quantiles, components: outlook.components, logLikelihood: logLikelihood, aicc: aicc,
            observations: observations, demandClass: demandClass, backtest: nil, notes: notes)
    }
}
