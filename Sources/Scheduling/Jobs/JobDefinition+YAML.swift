internal import Foundation
internal import Yams

extension JobDefinition {
    /// Reads a definition from YAML; `file` is named in errors.
    ///
    /// Throws ``Invalid`` with file, line, reason and choices.
    public init(yaml: String, file: String) throws {
        let reader = try JobFile(yaml: yaml, file: file)
        try reader.checkKeys()
        guard let name = try reader.text(.name), !name.isEmpty else { throw reader.refuse(nil, "a job needs a name.") }
        guard let kind = try reader.text(.kind), !kind.isEmpty else { throw reader.refuse(nil, "a job needs a kind.") }
        self.init(name: name, kind: kind, cron: try reader.text(.cron))
        description = try reader.text(.description)
        every = try reader.text(.every)
        offset = try reader.text(.offset)
        at = try reader.text(.at)
        timeZone = try reader.text(.timeZone) ?? timeZone
        gap = try reader.choice(.gap) ?? gap
        fold = try reader.choice(.fold) ?? fold
        jitter = try reader.text(.jitter)
        calendar = try reader.text(.calendar)
        onHoliday = try reader.choice(.onHoliday) ?? onHoliday
        workingDays = try reader.text(.workingDays) ?? workingDays
        readyWhen = try reader.readyWhen()
        misfire = try reader.misfire() ?? misfire
        overlap = try reader.choice(.overlap) ?? overlap
        priority = try reader.integer(.priority, 0...1000) ?? priority
        maxAttempts = try reader.integer(.maxAttempts, 1...100) ?? maxAttempts
        timeoutSeconds = try reader.number(.timeoutSeconds, 1...604_800)
        spec = try reader.spec()
        do {
            _ = try checkedSchedule()
        } catch {
            throw reader.refuse(reader[error.key] ?? reader[.cron], error.reason)
        }
    }
}

/// A job file's YAML, read key by key.
private struct JobFile {
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
        let keys = JobDefinition.keys
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            throw refuse(key, "'\(key.string ?? "?")' is no key of a job; those are \(keys.joined(separator: ", ")).")
        }
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

    func readyWhen() throws -> JobDefinition.ReadyWhen? {
        typealias Part = JobDefinition.ReadyWhen.CodingKeys
        guard let node = self[.readyWhen] else { return nil }
        let keys = Part.allCases.map(\.rawValue)
        guard let parts = node.mapping, let deadline = parts[Part.deadline.rawValue]?.scalar?.string else {
            throw refuse(node, "ready_when holds \(keys.joined(separator: ", ")); deadline must stand.")
        }
        for (key, _) in parts where !keys.contains(key.string ?? "") {
            throw refuse(
                key, "'\(key.string ?? "?")' is no key of ready_when; those are \(keys.joined(separator: ", ")).")
        }
        var result = JobDefinition.ReadyWhen(deadline: deadline)
        if let day = parts[Part.dataThrough.rawValue]?.scalar?.string { result.dataThrough = day }
        if let share = parts[Part.minimumRowsShare.rawValue] {
            guard let value = share.float else { throw refuse(share, "minimum_rows_share lies between 0 and 1.") }
            result.minimumRowsShare = value
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
