internal import Foundation

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
        let reader = MappingReader(file: file)
        let node = try reader.document(text)
        let keys = [
            "kind", "source", "encoding", "delimiter", "decimal", "thousands", "time_zone", "date_format", "columns",
            "constants", "upper_case", "rules",
        ]
        let top = try reader.object(node, "the mapping", keys: keys)
        let kind = try reader.kind(top, of: node)
        guard let sourceNode = top["source"] else {
            throw reader.error(node, "there is no key source: name the system the file comes from")
        }
        self.init(kind: kind, source: try reader.text(sourceNode, "source"))
        try reader.fill(&self, from: top)
    }
}
