internal import Foundation
internal import Yams

/// A job file's YAML, read key by key.
struct JobFile {
    private let file: String
    private let mapping: Node.Mapping

    init(yaml: String, file: String) throws {
        self.file = file
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw JobFile.syntaxError(error, file)
        }
        guard let root, case .mapping(let mapping) = root else {
            throw Invalid(description: "\(file): a job file holds keys such as name, kind and cron.")
        }
        self.mapping = mapping
    }

    typealias Invalid = JobDefinition.Invalid
    typealias Key = JobDefinition.CodingKeys

    subscript(_ key: Key) -> Node? { mapping[key.rawValue] }

    func refuse(_ node: Node?, _ reason: String) -> Invalid {
        Invalid(description: "\(file)\(node?.mark.map { ":\($0.line)" } ?? ""): \(reason)")
    }

    func checkKeys() throws {
        try check(mapping, of: "a job", JobDefinition.keys)
    }

    private func check(_ mapping: Node.Mapping, of whole: String, _ keys: [String]) throws {
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            let word = key.string ?? "?"
            let guess = Spelling.nearest(to: word, in: keys).map { ": did you mean \($0)? Those" } ?? "; those"
            throw refuse(key, "'\(word)' is no key of \(whole)\(guess) are \(keys.joined(separator: ", ")).")
        }
    }

    /// What a key holds that has keys of its own; `nil` where it does not stand.
    private func parts<Part: CodingKey & CaseIterable & RawRepresentable<String>>(
        _ key: Key, _: Part.Type
    ) throws -> [Part: Node]? where Part: Hashable {
        guard let node = self[key] else { return nil }
        let keys = Part.allCases.map(\.rawValue)
        guard let mapping = node.mapping else {
            throw refuse(node, "\(key.rawValue) holds \(keys.joined(separator: ", ")).")
        }
        try check(mapping, of: key.rawValue, keys)
        return Dictionary(
            Part.allCases.compactMap { part in mapping[part.rawValue].map { (part, $0) } }, uniquingKeysWith: { $1 })
    }

    func text(_ key: Key) throws -> String? {
        guard let node = self[key] else { return nil }
        guard let value = node.scalar?.string else { throw refuse(node, "\(key.rawValue) is text.") }
        return value
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: Key) throws -> Choice? {
        guard let value = try text(key) else { return nil }
        guard let choice = Choice(rawValue: value) else {
            throw refuse(self[key], JobDefinition.choices(key, value, Choice.self))
        }
        return choice
    }

    func after() throws -> JobDefinition.After? {
        guard let node = self[.after] else { return nil }
        if let jobs = try names(node) { return JobDefinition.After(jobs: jobs) }
        guard let parts = try parts(.after, JobDefinition.After.CodingKeys.self),
            let jobs = try parts[.jobs].flatMap(names)
        else { throw refuse(node, "after is a list of jobs, or holds such a list as jobs.") }
        var result = JobDefinition.After(jobs: jobs)
        if let deadline = parts[.deadline] { result.deadline = deadline.scalar?.string ?? "" }
        if let otherwise = parts[.otherwise] {
            guard let choice = JobDefinition.After.Otherwise(rawValue: otherwise.string ?? "") else {
                throw refuse(otherwise, "otherwise is '\(otherwise.string ?? "?")'; take skip, run.")
            }
            result.otherwise = choice
        }
        return result
    }

    /// A list of names; `nil` where it is no list.
    private func names(_ node: Node) throws -> [String]? {
        try node.sequence?.map { name in
            guard let text = name.string, !text.isEmpty else { throw refuse(name, "a job is named by text.") }
            return text
        }
    }

    func readyWhen() throws -> JobDefinition.ReadyWhen? {
        guard let parts = try parts(.readyWhen, JobDefinition.ReadyWhen.CodingKeys.self) else { return nil }
        guard let deadline = parts[.deadline]?.scalar?.string else {
            throw refuse(self[.readyWhen], "ready_when needs a deadline.")
        }
        var result = JobDefinition.ReadyWhen(deadline: deadline)
        if let day = parts[.dataThrough]?.scalar?.string { result.dataThrough = day }
        if let share = parts[.minimumRowsShare] {
            guard let value = share.float else { throw refuse(share, "minimum_rows_share lies between 0 and 1.") }
            result.minimumRowsShare = value
        }
        return result
    }

    func retry() throws -> RetryPolicy? {
        guard let parts = try parts(.retry, RetryPolicy.CodingKeys.self) else { return nil }
        var result = RetryPolicy()
        if let delay = parts[.firstDelay] { result.firstDelay = delay.scalar?.string ?? "" }
        if let delay = parts[.longestDelay] { result.longestDelay = delay.scalar?.string ?? "" }
        if let factor = parts[.factor] {
            guard let value = factor.float else { throw refuse(factor, "factor is a number from 1 to 100.") }
            result.factor = value
        }
        if let jitter = parts[.jitter] {
            guard let value = jitter.float else { throw refuse(jitter, "jitter is a number from 0 to 1.") }
            result.jitter = value
        }
        guard let failures = parts[.on] else { return result }
        guard let names = failures.sequence else {
            throw refuse(failures, "on is a list of \(RetryPolicy.choices).")
        }
        result.on = try names.map { name in
            guard let failure = FailureClass(rawValue: name.string ?? "") else {
                throw refuse(name, "'\(name.string ?? "?")' is no kind of failure; take \(RetryPolicy.choices).")
            }
            return failure
        }
        return result
    }

    func misfire() throws -> JobDefinition.Misfire? {
        guard let node = self[.misfire] else { return nil }
        let range = JobDefinition.Misfire.catchUpRange
        if let name = node.scalar?.string,
            let known = JobDefinition.Misfire.names.first(where: { $0.name == name })
        {
            return known.misfire
        }
        if let mapping = node.mapping, mapping.count == 1, let runs = mapping["catch_up"]?.int, range.contains(runs) {
            return .catchUp(runs)
        }
        throw refuse(
            node,
            "misfire is coalesce, skip, or catch_up: and a number from \(range.lowerBound) to \(range.upperBound).")
    }

    func integer(_ key: Key, _ range: ClosedRange<Int>) throws -> Int? {
        guard let node = self[key] else { return nil }
        guard let value = node.int, range.contains(value) else {
            throw refuse(node, "\(key.rawValue) is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    func number(_ key: Key, _ range: ClosedRange<Int>) throws -> Double? {
        guard let node = self[key] else { return nil }
        guard let value = node.float, value >= Double(range.lowerBound), value <= Double(range.upperBound) else {
            throw refuse(node, "\(key.rawValue) is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    /// The spec as JSON with sorted keys, so that the same spec is always the same text.
    func spec() throws -> String {
        guard let node = self[.spec] else { return "{}" }
        guard node.mapping != nil else { throw refuse(node, "spec holds keys and values.") }
        let data = try JSONSerialization.data(withJSONObject: JobFile.plain(node), options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    private static func plain(_ node: Node) -> Any {
        if let mapping = node.mapping {
            var object: [String: Any] = [:]
            for (key, value) in mapping { object[key.string ?? ""] = plain(value) }
            return object
        }
        if let sequence = node.sequence { return sequence.map(plain) }
        // A quoted scalar stays text, whatever it looks like.
        if node.scalar?.style == .plain {
            if let value = node.int { return value }
            if let value = node.float, value.isFinite { return value }
            if let value = node.bool { return value }
            if node.null != nil { return NSNull() }
        }
        return node.string ?? ""
    }

    private static func syntaxError(_ error: YamlError, _ file: String) -> Invalid {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Invalid(
                description:
                    "\(file):\(mark.line): this is no YAML: \(problem); a cron expression stands between quotes.")
        case .duplicatedKeysInMapping(let keys, let context):
            Invalid(description: "\(file):\(context.mark.line): \(keys.joined(separator: ", ")) stands there twice.")
        default:
            Invalid(description: "\(file): this is no YAML: \(error)")
        }
    }
}
