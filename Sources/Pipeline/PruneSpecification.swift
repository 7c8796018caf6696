internal import Foundation

/// What a job of kind `prune` keeps, and for how long.
public struct PruneSpecification: Sendable, Codable, Hashable {
    /// Days for which what runs said is kept.
    public var logsDays = 90
    /// Days for which ticks, and runs that made no version, are kept.
    public var runsDays = 400
    /// Versions of each portfolio that are kept whole; of older ones lineage, verdicts and accuracy stay.
    public var versions = 60
    /// Days of closed buckets for which the errors of single series are kept; their sums stay.
    public var accuracyDays = 400
    /// Days for which events are kept that every consumer has dealt with.
    public var eventsDays = 90

    enum CodingKeys: String, CodingKey, CaseIterable {
        case logsDays = "logs_days"
        case runsDays = "runs_days"
        case versions
        case accuracyDays = "accuracy_days"
        case eventsDays = "events_days"
    }

    /// The keys a spec may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// What is usually kept.
    public init() {}

    /// Reads a specification in which every key may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys, _ range: ClosedRange<Int>, _ usual: Int) throws -> Int {
            let value = try container.decodeIfPresent(Int.self, forKey: key) ?? usual
            guard range.contains(value) else {
                throw PipelineError.invalidSpecification(
                    "\(key.rawValue) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)")
            }
            return value
        }
        logsDays = try read(.logsDays, 1...36_500, logsDays)
        runsDays = try read(.runsDays, 1...36_500, runsDays)
        versions = try read(.versions, 1...100_000, versions)
        accuracyDays = try read(.accuracyDays, 31...36_500, accuracyDays)
        eventsDays = try read(.eventsDays, 1...36_500, eventsDays)
        guard runsDays >= logsDays else {
            throw PipelineError.invalidSpecification(
                "runs_days is \(runsDays); runs are kept at least as long as what they said, logs_days \(logsDays)")
        }
    }

    /// Reads a job's `spec`.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` that names the key, and what it takes.
    public init(json: String) throws {
        self = try SpecificationJSON.read(
            PruneSpecification.self, json, keys: PruneSpecification.keys,
            takes: "kind prune takes \(PruneSpecification.keys.joined(separator: ", ")), all whole numbers")
    }
}

/// What a job of kind `prune` deleted.
public struct PruneOutcome: Sendable, Codable, Hashable {
    /// Rows by what they are.
    public var deleted: [String: Int] = [:]

    /// Nothing yet.
    public init() {}

    /// What there was to delete, in words.
    public var notes: [String] {
        let all = deleted.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return [all.isEmpty ? "Nothing was old enough to delete." : "Deleted: \(all.joined(separator: ", "))."]
    }
}
