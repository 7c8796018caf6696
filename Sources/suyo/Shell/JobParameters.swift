import ArgumentParser
import Foundation
import JobHandlers
import Scheduling

/// What a person says anew for one run of a job, as `key=value`.
struct JobParameters {
    /// Keys and values as a JSON object.
    let json: String
    private let values: [String: Any]

    /// Reads arguments; a value that is JSON, such as 7 or ["A","B"], is taken as that, and else as text.
    init(_ arguments: [String]) throws {
        var values: [String: Any] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ValidationError("'\(argument)' is no setting: write --set key=value, such as --set horizon=7.")
            }
            let value = try? JSONSerialization.jsonObject(with: Data(parts[1].utf8), options: .fragmentsAllowed)
            values[String(parts[0])] = value ?? String(parts[1])
        }
        self.values = values
        json = try JobParameters.text(values)
    }

    /// Throws for what the job's kind does not take, before a run is made of it.
    func check(_ definition: JobDefinition) throws {
        guard !values.isEmpty else { return }
        var changed = definition
        let spec = try JSONSerialization.jsonObject(with: Data(definition.spec.utf8)) as? [String: Any] ?? [:]
        changed.spec = try JobParameters.text(spec.merging(values) { _, new in new })
        do {
            _ = try JobSpecification.read(changed)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func text(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
    }
}
