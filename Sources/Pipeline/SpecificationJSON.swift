internal import Foundation

/// How a job's `spec` is read: no key that means nothing, and an error that says what is taken.
enum SpecificationJSON {
    /// Reads a spec of a kind.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)``; `takes` says what the spec takes, for values of the wrong type.
    static func read<Specification: Decodable>(
        _: Specification.Type, _ json: String, keys: [String], takes: String
    ) throws -> Specification {
        let data = Data(json.utf8)
        if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] {
            for key in object.keys.sorted() where !keys.contains(key) {
                throw PipelineError.invalidSpecification(
                    "spec has no key '\(key)'; there are \(keys.joined(separator: ", "))")
            }
        }
        do {
            return try JSONDecoder().decode(Specification.self, from: data)
        } catch is DecodingError {
            throw PipelineError.invalidSpecification("spec of \(takes)")
        }
    }
}
