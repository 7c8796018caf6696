/// Why a file cannot be taken in at all.
public enum IntakeError: Error, Sendable, CustomStringConvertible {
    /// The header lacks columns that are needed.
    case missingColumns(file: String, missing: [String], found: [String], advice: String)
    /// The mapping file is wrong.
    case mapping(file: String, line: Int?, reason: String)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .missingColumns(let file, let missing, let found, let advice):
            "\(file) has no column \(missing.joined(separator: ", ")); it has \(found.joined(separator: ", ")). \(advice)"
        case .mapping(let file, let line, let reason):
            "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
        }
    }
}
