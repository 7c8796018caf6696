internal import Foundation
internal import Yams

/// A job as a file in `Jobs/` declares it.
public struct JobDefinition: Sendable, Hashable, Codable {
    /// What happens to ticks that came due while no daemon was there.
    public enum Misfire: String, Sendable, Codable, CaseIterable {
        /// One run for all of them.
        case coalesce
        /// None.
        case skip
    }

    /// What happens to a tick while the run before it still goes on.
    public enum Overlap: String, Sendable, Codable, CaseIterable {
        case skip, allow
        case queueOne = "queue_one"
    }

    /// Its name, by which people call it.
    public var name: String
    /// What it does.
    public var kind: String
    /// What it is for.
    public var description: String?
    /// When it is due; `nil` for one that only people run.
    public var cron: String?
    /// Zone of the cron expression.
    public var timeZone: String
    /// What happens to ticks that came due while no daemon was there.
    public var misfire: Misfire
    /// What happens to a tick while the run before it still goes on.
    public var overlap: Overlap
    /// Attempts before a run has failed.
    public var maxAttempts: Int
    /// Seconds after which an attempt is ended; `nil` means never.
    public var timeoutSeconds: Double?
    /// What the kind is told, as JSON.
    public var spec: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, description, cron, misfire, overlap, spec
        case timeZone = "time_zone"
        case maxAttempts = "max_attempts"
        case timeoutSeconds = "timeout_seconds"
    }

    /// Why a definition cannot be used: file, line where known, reason and choices.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// One sentence.
        public var description: String
    }

    /// Its schedule, or `nil` for one that only people run.
    public func schedule() throws(Invalid) -> Schedule? {
        guard let cron else { return nil }
        do {
            guard let schedule = Schedule(cron: try CronExpression(cron), zoneName: timeZone) else {
                throw Invalid(
                    description: "there is no time zone '\(timeZone)'; names are such as Asia/Seoul or Europe/London.")
            }
            return schedule
        } catch let error as CronExpression.Invalid {
            throw Invalid(description: "cron: \(error)")
        } catch let error as Invalid {
            throw error
        } catch {
            throw Invalid(description: "cron: \(error)")
        }
    }

    /// Reads a definition from YAML; `file` is named in errors.
    public init(yaml: String, file: String) throws {
        func refuse(_ node: Node?, _ reason: String) -> Invalid {
            Invalid(description: "\(file)\(node?.mark.map { ":\($0.line)" } ?? ""): \(reason)")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw Invalid(description: "\(file): \(error)")
        }
        guard let root, case .mapping(let mapping) = root else {
            throw refuse(root, "a job file holds keys such as name, kind and cron.")
        }
        let keys = CodingKeys.allCases.map(\.rawValue)
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            throw refuse(key, "'\(key.string ?? "?")' is no key of a job; those are \(keys.joined(separator: ", ")).")
        }
        func text(_ key: CodingKeys) throws -> String? {
            guard let node = mapping[key.rawValue] else { return nil }
            guard let value = node.string, node.scalar != nil else { throw refuse(node, "\(key.rawValue) is text.") }
            return value
        }
        func choice<Choice: RawRepresentable & CaseIterable>(_ key: CodingKeys, _ usual: Choice) throws -> Choice
        where Choice.RawValue == String {
            guard let value = try text(key) else { return usual }
            guard let choice = Choice(rawValue: value) else {
                let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw refuse(mapping[key.rawValue], "\(key.rawValue) is '\(value)'; take \(choices).")
            }
            return choice
        }
        func number(_ key: CodingKeys, _ range: ClosedRange<Double>) throws -> Double? {
            guard let node = mapping[key.rawValue] else { return nil }
            guard let value = node.float, range.contains(value) else {
                throw refuse(
                    node, "\(key.rawValue) is a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)).")
            }
            return value
        }
        guard let name = try text(.name), !name.isEmpty else { throw refuse(root, "a job needs a name.") }
        guard let kind = try text(.kind), !kind.isEmpty else { throw refuse(root, "a job needs a kind.") }
        self.name = name
        self.kind = kind
        description = try text(.description)
        cron = try text(.cron)
        timeZone = try text(.timeZone) ?? "UTC"
        misfire = try choice(.misfire, .coalesce)
        overlap = try choice(.overlap, .skip)
        maxAttempts = Int(try number(.maxAttempts, 1...100) ?? 3)
        timeoutSeconds = try number(.timeoutSeconds, 1...604_800)
        do {
            let object = try mapping["spec"].map { try JobDefinition.plain($0) } ?? [String: Any]()
            guard object is [String: Any] else { throw refuse(mapping["spec"], "spec holds keys and values.") }
            let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
            spec = String(decoding: data, as: UTF8.self)
        } catch let error as Invalid {
            throw error
        } catch {
            throw refuse(mapping["spec"], "spec cannot be read: \(error)")
        }
        do {
            _ = try schedule()
        } catch {
            throw refuse(mapping["cron"], error.description)
        }
    }

    private static func plain(_ node: Node) throws -> Any {
        if let mapping = node.mapping {
            var object: [String: Any] = [:]
            for (key, value) in mapping { object[key.string ?? ""] = try plain(value) }
            return object
        }
        if let sequence = node.sequence { return try sequence.map(plain) }
        // A quoted scalar stays text, whatever it looks like.
        if node.scalar?.style == .plain {
            if let value = node.int { return value }
            if let value = node.float, value.isFinite { return value }
            if let value = node.bool { return value }
            if node.null != nil { return NSNull() }
        }
        return node.string ?? ""
    }
}
