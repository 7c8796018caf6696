internal import Foundation
internal import TimeSeries

extension PortfolioSpecification {
    /// Reads a job's `spec`.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` that names the key, and what it takes.
    public init(json: String) throws {
        let data = Data(json.utf8)
        if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] {
            try PortfolioSpecification.check(object.keys, known: PortfolioSpecification.keys, place: "spec")
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
            case "horizon", "season", "origins", "seed", "history_limit", "top": "a whole number"
            case "items", "sites", "categories": "a list of codes"
            case "scope": "the keys \(PortfolioSpecification.Scope.keys.joined(separator: ", "))"
            default: "text"
            }
        return "\((["spec"] + path).joined(separator: ".")) takes \(takes)"
    }
}
