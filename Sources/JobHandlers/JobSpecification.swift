internal import Foundation
public import Pipeline
public import Scheduling
internal import TimeSeries

/// What a job's `spec` says to the kinds this binary knows.
public enum JobSpecification {
    /// The kinds this binary knows.
    public static let kinds = ["retrain", "forecast"]

    /// Reads the spec of a definition.
    ///
    /// Throws ``PipelineError`` for an unknown kind, an unknown key or a value out of
    /// range, with the valid choices.
    public static func read(_ definition: JobDefinition) throws -> PortfolioSpecification {
        guard kinds.contains(definition.kind) else {
            throw PipelineError.invalidSpecification(
                "there is no kind '\(definition.kind)'; there are \(kinds.joined(separator: ", "))")
        }
        return try read(json: definition.spec)
    }

    /// Reads a spec.
    static func read(json: String) throws -> PortfolioSpecification {
        let data = Data(json.utf8)
        if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] {
            try check(object.keys, known: PortfolioSpecification.keys, place: "spec")
            if let scope = object["scope"] as? [String: Any] {
                try check(scope.keys, known: PortfolioSpecification.Scope.keys, place: "spec.scope")
            }
        }
        do {
            let specification = try JSONDecoder().decode(PortfolioSpecification.self, from: data)
            _ = try specification.modelChoice()
            return specification
        } catch let error as DecodingError {
            throw PipelineError.invalidSpecification(reason(of: error))
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
