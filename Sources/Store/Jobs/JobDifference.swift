internal import Foundation
internal import Scheduling

/// What is another in a job's definition than it was.
public struct JobDifference: Sendable, Hashable {
    /// The key, such as `cron` or `spec.horizon`.
    public var key: String
    /// Its value before as JSON, text without quotes; `nil` where it had none.
    public var old: String?
    /// Its value now; `nil` where it has none.
    public var new: String?

    /// The differences between two definitions as ``JobRow/json(_:)`` writes them, in the order of the keys.
    static func between(_ old: String, _ new: String) throws -> [JobDifference] {
        let (old, new) = (try values(old), try values(new))
        let specKeys = Set(old.keys).union(new.keys).filter { $0.hasPrefix("spec.") }.sorted()
        return (JobDefinition.keys.filter { $0 != "spec" } + specKeys).compactMap { key in
            old[key] == new[key] ? nil : JobDifference(key: key, old: old[key], new: new[key])
        }
    }

    private static func values(_ json: String) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
        var values: [String: String] = [:]
        for (key, value) in object where key != "spec" { values[key] = try text(value) }
        let spec = try JSONSerialization.jsonObject(with: Data((object["spec"] as? String ?? "{}").utf8))
        for (key, value) in spec as? [String: Any] ?? [:] { values["spec." + key] = try text(value) }
        return values
    }

    private static func text(_ value: Any) throws -> String {
        if let text = value as? String { return text }
        let json = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
        return String(decoding: json, as: UTF8.self)
    }
}
