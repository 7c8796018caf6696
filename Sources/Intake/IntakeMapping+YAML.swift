internal import Foundation
internal import Yams

extension IntakeMapping {
    /// Reads a mapping file.
    ///
    /// Throws ``IntakeError/mapping(file:line:reason:)`` with the line, what is wrong there, and the valid choices.
    public init(yamlFile path: String) throws {
        guard let text = FileManager.default.contents(atPath: path) else {
            throw IntakeError.mapping(file: path, line: nil, reason: "the mapping file cannot be read")
        }
        try self.init(yaml: String(decoding: text, as: UTF8.self), file: path)
    }

    /// Reads a mapping from YAML text; `file` names it in errors.
    public init(yaml text: String, file: String) throws {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw IntakeError.mapping(file: file, line: nil, reason: "this is not YAML: \(error)")
        }
        guard let node else { throw IntakeError.mapping(file: file, line: nil, reason: "the mapping is empty") }
        let reader = MappingReader(file: file)
        let keys = [
            "kind", "source", "encoding", "delimiter", "decimal", "thousands", "time_zone", "date_format", "columns",
            "constants", "upper_case", "rules",
        ]
        let top = try reader.object(node, "the mapping", keys: keys)
        guard let kindNode = top["kind"] else {
            throw reader.error(node, "there is no key kind: say what the file holds (\(MappingReader.kinds))")
        }
        guard let kind = IntakeKind(rawValue: try reader.text(kindNode, "kind")) else {
            throw reader.error(kindNode, "kind must be one of \(MappingReader.kinds)")
        }
        guard let sourceNode = top["source"] else {
            throw reader.error(node, "there is no key source: name the system the file comes from")
        }
        self.init(kind: kind, source: try reader.text(sourceNode, "source"))
        if let node = top["encoding"] { encoding = try reader.text(node, "encoding") }
        if let node = top["delimiter"] {
            let text = try reader.text(node, "delimiter")
            switch text {
            case "auto": delimiter = nil
            case "tab": delimiter = 0x09
            default: delimiter = try reader.byte(node, "delimiter")
            }
        }
        if let node = top["decimal"] { decimal = try reader.byte(node, "decimal") }
        if let node = top["thousands"] { thousands = try reader.byte(node, "thousands") }
        if let node = top["time_zone"] {
            let name = try reader.text(node, "time_zone")
            guard TimeZone(identifier: name) != nil else {
                throw reader.error(node, "there is no time zone \(name): take an IANA name such as Asia/Seoul")
            }
            timeZone = name
        }
        if let node = top["date_format"] {
            dateFormats = try reader.texts(node, "date_format").map { pattern in
                guard let format = DateFormat(pattern) else {
                    throw reader.error(
                        node,
                        "'\(pattern)' is no date format: write it with yyyy, MM or M, dd or d, HH or H, mm, ss, such as yyyy-MM-dd HH:mm:ss"
                    )
                }
                return format
            }
        }
        let names = kind.columns.map(\.name)
        if let node = top["columns"] { columns = try reader.textObject(node, "columns", keys: names) }
        if let node = top["constants"] { constants = try reader.textObject(node, "constants", keys: names) }
        if let node = top["upper_case"] { upperCase = Set(try reader.texts(node, "upper_case")) }
        if let node = top["rules"] {
            guard let sequence = node.sequence else { throw reader.error(node, "rules must be a list") }
            rules = try sequence.map { try reader.rule($0, columns: names) }
        }
    }
}

/// Reads the nodes of a mapping file, and says where one is wrong.
private struct MappingReader {
    let file: String

    static var kinds: String { IntakeKind.allCases.map(\.rawValue).joined(separator: ", ") }

    func error(_ node: Node, _ reason: String) -> IntakeError {
        IntakeError.mapping(file: file, line: node.mark?.line, reason: reason)
    }

    func object(_ node: Node, _ name: String, keys: [String]?) throws -> [String: Node] {
        guard let mapping = node.mapping else { throw error(node, "\(name) must be a set of keys and values") }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            let key = (text: key.string ?? "", node: key)
            if let keys, !keys.contains(key.text) {
                throw error(
                    key.node, "\(name) has no key \(key.text); the valid ones are \(keys.joined(separator: ", "))")
            }
            values[key.text] = value
        }
        return values
    }

    func text(_ node: Node, _ name: String) throws -> String {
        guard let scalar = node.scalar else { throw error(node, "\(name) must be a single value") }
        return scalar.string
    }

    func byte(_ node: Node, _ name: String) throws -> UInt8 {
        let text = try text(node, name)
        guard text.utf8.count == 1, let byte = text.utf8.first else {
            throw error(node, "\(name) must be one character")
        }
        return byte
    }

    /// A list of texts, or a single one.
    func texts(_ node: Node, _ name: String) throws -> [String] {
        guard let sequence = node.sequence else { return [try text(node, name)] }
        return try sequence.map { try text($0, name) }
    }

    func textObject(_ node: Node, _ name: String, keys: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for (key, value) in try object(node, name, keys: keys) { values[key] = try text(value, "\(name).\(key)") }
        return values
    }

    func rule(_ node: Node, columns: [String]) throws -> IntakeMapping.Rule {
        let values = try object(node, "a rule", keys: ["when", "set", "reject"])
        guard let when = values["when"] else { throw error(node, "a rule needs the key when") }
        guard values["set"] != nil || values["reject"] != nil else {
            throw error(node, "a rule needs the key set or the key reject")
        }
        let conditions = try (when.sequence.map { Array($0) } ?? [when]).map(condition)
        guard !conditions.isEmpty else { throw error(when, "a rule needs at least one condition") }
        return IntakeMapping.Rule(
            conditions: conditions,
            set: try values["set"].map { try textObject($0, "set", keys: columns) } ?? [:],
            reject: try values["reject"].map { try text($0, "reject") })
    }

    private func condition(_ node: Node) throws -> IntakeMapping.Condition {
        let tests = [
            "starts_with", "ends_with", "equals", "one_of", "less_than", "greater_than", "empty", "starts_with_letter",
        ]
        let values = try object(node, "a condition", keys: ["column"] + tests)
        guard let column = values["column"] else { throw error(node, "a condition needs the key column") }
        var condition = IntakeMapping.Condition(column: try text(column, "column"), tests: [])
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where name != "column" {
            switch name {
            case "starts_with": condition.tests.append(.startsWith(Array(try text(value, name).utf8)))
            case "ends_with": condition.tests.append(.endsWith(Array(try text(value, name).utf8)))
            case "equals", "one_of":
                condition.tests.append(.oneOf(Set(try texts(value, name).map { Array($0.utf8) })))
            case "empty": condition.tests.append(.isEmpty(try boolean(value, name)))
            case "starts_with_letter": condition.tests.append(.startsWithLetter(try boolean(value, name)))
            default:
                guard let number = Double(try text(value, name)) else { throw error(value, "\(name) must be a number") }
                condition.tests.append(name == "less_than" ? .lessThan(number) : .greaterThan(number))
            }
        }
        guard !condition.tests.isEmpty else {
            throw error(node, "a condition needs one of \(tests.joined(separator: ", "))")
        }
        return condition
    }

    private func boolean(_ node: Node, _ name: String) throws -> Bool {
        guard let value = Bool.construct(from: node.scalar ?? Node.Scalar("")) else {
            throw error(node, "\(name) must be true or false")
        }
        return value
    }
}
