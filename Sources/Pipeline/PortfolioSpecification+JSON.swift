internal import Forecasting
internal import Foundation
internal import Monitoring
internal import TimeSeries

extension PortfolioSpecification {
    /// Reads a job's `spec`.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` that names the key, and what it takes.
    public init(json: String) throws {
        let data = Data(json.utf8)
        if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] {
            try PortfolioSpecification.check(object.keys, known: PortfolioSpecification.keys, place: "spec")
            if let gate = object["gate"] as? [String: Any] {
                try PortfolioSpecification.check(gate.keys, known: GateRules.keys, place: "spec.gate")
            }
            if let rollback = object["rollback"] as? [String: Any] {
                try PortfolioSpecification.check(rollback.keys, known: RollbackRules.keys, place: "spec.rollback")
            }
            if let scope = object["scope"] as? [String: Any] {
                try PortfolioSpecification.check(
                    scope.keys, known: PortfolioSpecification.Scope.keys, place: "spec.scope")
            }
        }
        do {
            self = try JSONDecoder().decode(PortfolioSpecification.self, from: data)
            _ = try modelChoice()
        } catch let error as DecodingError {
            throw PipelineError.invalidSpecification(PortfolioSpecification.reason(of: error))
        }
    }

    private static func check(_ keys: some Sequence<String>, known: [String], place: String) throws {
        for key in keys.sorted() where !known.contains(key) {
            throw PipelineError.invalidSpecification(
                "\(place) has no key '\(key)'; there are \(known.joined(separator: ", "))")
        }
    }

    /// Which key is wrong, and what it takes.
    private static func reason(of error: DecodingError) -> String {
        let path =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context.codingPath.map(\.stringValue)
            @unknown default: [String]()
            }
        let takes =
            switch path.last {
            case "frequency": Frequency.allCases.map(\.rawValue).joined(separator: ", ")
            case "grain": PortfolioSpecification.Grain.allCases.map(\.rawValue).joined(separator: ", ")
            case "reconciliation": ReconciliationMethod.allCases.map(\.rawValue).joined(separator: ", ")
            case "horizon", "season", "origins", "seed", "history_limit", "top": "a whole number"
            case "gate": "off, or the keys \(GateRules.keys.joined(separator: ", "))"
            case "rollback": "off, or the keys \(RollbackRules.keys.joined(separator: ", "))"
            case "buckets": "a whole number from 1 to 366"
            case "margin", "tolerance", "segment_margin", "bias": "a share from 0 to 10, such as 0.02 for 2 %"
            case "coverage": "a share from 0 to 1, such as 0.15"
            case "significance": "a probability from 0.001 to 0.5"
            case "smallest_segment": "a whole number from 1"
            case "items", "sites", "categories": "a list of codes"
            case "scope": "the keys \(PortfolioSpecification.Scope.keys.joined(separator: ", "))"
            default: "text"
            }
        return "\((["spec"] + path).joined(separator: ".")) takes \(takes)"
    }
}
