/// How the forecasts of series and of their totals are made to agree, by the names of the literature.
public enum ReconciliationMethod: String, Sendable, Codable, CaseIterable {
    /// A total is the sum of its series' forecasts.
    case bottomUp = "bottom-up"
    /// Totals are forecast for themselves too, and all forecasts moved until they agree: each by its variance (weighted least
    /// squares).
    case wls
    /// The same, by variances and covariances shrunk towards none (minimum trace).
    case mint
}
