internal import Foundation
internal import Yams

/// Reads the nodes of a mapping file, and says where one is wrong.
struct MappingReader {
    let file: String

    static var kinds: String { IntakeKind.allCases.map(\.rawValue).joined(separator: ", ") }

    func error(_ node: Node, _ reason: String) -> IntakeError {
        IntakeError.mapping(file: file, line: node.mark?.line, reason: reason)
    }

    /// The document in a text, which is YAML or, being a part of it, JSON.
    func document(_ text: String) throws -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw IntakeError.mapping(file: file, line: nil, reason: "there is nothing in it")
            }
            return node
        } catch let error as YamlError {
            throw IntakeError.mapping(file: file, line: nil, reason: "this is not YAML: \(error)")
        }
    }

    /// What the key `kind` says.
    func kind(_ values: [String: Node], of node: Node) throws -> IntakeKind {
        guard let kindNode = values["kind"] else {
            throw error(node, "there is no key kind: say what the file holds (\(MappingReader.kinds))")
        }
        guard let kind = IntakeKind(rawValue: try text(kindNode, "kind")) else {
            throw error(kindNode, "kind must be one of \(MappingReader.kinds)")
        }
        return kind
    }

    /// Takes over every key that says how records are read, where it is there.
    func fill(_ mapping: inout IntakeMapping, from top: [String: Node]) throws {
        if let node = top["encoding"] { mapping.encoding = try text(node, "encoding") }
        if let node = top["delimiter"] {
            let text = try text(node, "delimiter")
            switch text {
            case "auto": mapping.delimiter = nil
            case "tab": mapping.delimiter = 0x09
            default: mapping.delimiter = try byte(node, "delimiter")
            }
        }
        if let node = top["decimal"] { mapping.decimal = try byte(node, "decimal") }
        if let node = top["thousands"] { mapping.thousands = try byte(node, "thousands") }
        if let node = top["time_zone"] { mapping.timeZone = try timeZone(node) }
        if let node = top["date_format"] {
            mapping.dateFormats = try texts(node, "date_format").map { pattern in
                guard let format = DateFormat(pattern) else {
                    throw error(
                        node,
                        "'\(pattern)' is no date format: write it with yyyy, MM or M, dd or d, HH or H, mm, ss, such as yyyy-MM-dd HH:mm:ss"
                    )
                }
                return format
            }
        }
        let names = mapping.kind.columns.map(\.name)
        if let node = top["columns"] { mapping.columns = try textObject(node, "columns", keys: names) }
        if let node = top["constants"] { mapping.constants = try textObject(node, "constants", keys: names) }
        if let node = top["upper_case"] { mapping.upperCase = Set(try texts(node, "upper_case")) }
        if let node = top["rules"] {
            guard let sequence = node.sequence else { throw error(node, "rules must be a list") }
            mapping.rules = try sequence.map { try rule($0, columns: names) }
        }
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

    /// The name of a time zone there is.
    func timeZone(_ node: Node) throws -> String {
        let name = try text(node, "time_zone")
        guard TimeZone(identifier: name) != nil else {
            throw error(node, "there is no time zone \(name): take an IANA name such as Asia/Seoul")
        }
        return name
    }

    /// A node's content, however it is written: the same for YAML and for JSON, in any order of keys.
    func canonical(_ node: Node) -> String {
        if let sequence = node.sequence { return "[" + sequence.map(canonical).joined(separator: ",") + "]" }
        guard let mapping = node.mapping else { return "\"\(node.scalar?.string ?? "")\"" }
        return "{" + mapping.map { canonical($0.key) + ":" + canonical($0.value) }.sorted().joined(separator: ",") + "}"
    }

    /// A whole number in a range.
    func integer(_ node: Node, _ name: String, in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(try text(node, name)), range.contains(number) else {
            throw error(node, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
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

    func boolean(_ node: Node, _ name: String) throws -> Bool {
        guard let value = Bool.construct(from: node.scalar ?? Node.Scalar("")) else {
            throw error(node, "\(name) must be true or false")
        }
        return value
    }
}
