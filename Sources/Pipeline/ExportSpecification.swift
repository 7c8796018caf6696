internal import Foundation

/// What a job of kind `export` writes, and where to.
public struct ExportSpecification: Sendable, Codable, Hashable {
    /// How rows are written.
    public enum Format: String, Sendable, CaseIterable, Codable {
        /// A header and comma-separated rows, with the columns of `forecast.current`.
        case csv
        /// One array of objects of the same.
        case json
        /// One object a line.
        case jsonl
        /// A header and comma-separated rows, with the columns of `forecast.planning_schedule`.
        case schedule

        /// What ends the name of a file of it.
        public var fileExtension: String { self == .schedule ? "schedule.csv" : rawValue }
    }

    /// The folder, by its whole path.
    public var folder: String
    /// In which form.
    public var format = Format.csv
    /// Only this portfolio; `nil` for all of them.
    public var portfolio: String?
    /// Only this site; `nil` for all of them.
    public var site: String?

    enum CodingKeys: String, CodingKey, CaseIterable { case folder, format, portfolio, site }

    /// The keys a spec may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Everything, into a folder.
    public init(folder: String) { self.folder = folder }

    /// Reads a specification in which everything but the folder may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        folder = try container.decode(String.self, forKey: .folder)
        portfolio = try container.decodeIfPresent(String.self, forKey: .portfolio)
        site = try container.decodeIfPresent(String.self, forKey: .site)
        guard folder.hasPrefix("/") else {
            throw PipelineError.invalidSpecification(
                "folder is '\(folder)'; it takes a whole path, since a job runs wherever a daemon does")
        }
        if let name = try container.decodeIfPresent(String.self, forKey: .format) {
            guard let known = Format(rawValue: name) else {
                throw PipelineError.invalidSpecification(
                    "format is '\(name)'; it takes \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            format = known
        }
    }

    /// Reads a job's `spec`.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` that names the key, and what it takes.
    public init(json: String) throws {
        self = try SpecificationJSON.read(
            ExportSpecification.self, json, keys: ExportSpecification.keys,
            takes: "kind export takes folder (a whole path), and may take format, portfolio and site")
    }
}
