internal import Forecasting
internal import TimeSeries

/// The forecast of one series as the report shows it: model, parameters, likelihood and notes.
struct ReportedSeries: Encodable {
    private var uniqueID: String
    private var model: String
    private var parameters: NamedValues
    private var logLikelihood: Double?
    private var aicc: Double?
    private var observations: Int
    private var demandClass: DemandClass
    private var notes: [String]

    init(_ forecast: SeriesForecast, of series: FileSeries) {
        uniqueID = forecast.key.item
        model = forecast.model
        parameters = forecast.parameters
        logLikelihood = forecast.logLikelihood
        aicc = forecast.aicc
        observations = forecast.observations
        demandClass = forecast.demandClass
        notes = forecast.notes
        if series.repeated > 0 {
            notes.append("\(series.repeated) rows repeat a date of the series: their values are added")
        }
    }

    private enum CodingKeys: String, CodingKey {
        case model, parameters, aicc, observations, notes
        case uniqueID = "unique_id"
        case logLikelihood = "log_likelihood"
        case demandClass = "demand_class"
    }
}
