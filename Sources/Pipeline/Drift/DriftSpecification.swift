internal import Foundation

/// What a job of kind `drift` checks, and what it does about it.
public struct DriftSpecification: Sendable, Codable, Hashable {
    /// The portfolio: the job that retrains it.
    public var portfolio: String
    /// Whether an incident asks for a retrain.
    public var retrain = true
    /// Retrains that incidents may ask for within ninety days; then a person has to look.
    public var maxRetrains = 3
    /// Minutes of work a day that incidents of all portfolios may make by their retrains; what is beyond waits.
    public var retrainMinutesPerDay = 120.0
    /// Where incidents are posted as JSON; `nil` nowhere.
    public var webhook: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case portfolio, retrain, webhook
        case maxRetrains = "max_retrains"
        case retrainMinutesPerDay = "retrain_minutes_per_day"
    }

    /// The keys a spec may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// A check of a portfolio that asks for retrains.
    public init(portfolio: String) { self.portfolio = portfolio }

    /// Reads a specification in which everything but the portfolio may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        portfolio = try container.decode(String.self, forKey: .portfolio)
        retrain = try container.decodeIfPresent(Bool.self, forKey: .retrain) ?? true
        maxRetrains = try container.decodeIfPresent(Int.self, forKey: .maxRetrains) ?? 3
        retrainMinutesPerDay = try container.decodeIfPresent(Double.self, forKey: .retrainMinutesPerDay) ?? 120
        webhook = try container.decodeIfPresent(String.self, forKey: .webhook)
        if let webhook, !webhook.hasPrefix("http://"), !webhook.hasPrefix("https://") {
            throw PipelineError.invalidSpecification("webhook is '\(webhook)'; it takes a URL of http or https")
        }
        guard (0...100).contains(maxRetrains) else {
            throw PipelineError.invalidSpecification("max_retrains is \(maxRetrains); it must lie between 0 and 100")
        }
        guard (0...10_000).contains(retrainMinutesPerDay) else {
            throw PipelineError.invalidSpecification(
                "retrain_minutes_per_day is \(retrainMinutesPerDay); it must lie between 0 and 10000")
        }
    }

    /// Reads a job's `spec`.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` that names the key, and what it takes.
    public init(json: String) throws {
        self = try SpecificationJSON.read(
            DriftSpecification.self, json, keys: DriftSpecification.keys,
            takes:
                "kind drift takes portfolio (the name of a job that retrains), and may take retrain (true or false), max_retrains (a whole number), retrain_minutes_per_day (a number) and webhook (a URL)"
        )
    }
}
