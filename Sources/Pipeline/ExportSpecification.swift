internal import Foundation

/// What a job of kind `export` writes, and where to.
public struct ExportSpecification: Sendable, Codable, Hashable {
    /// The folder, by its whole path.
    public var folder: String
    /// In which form: one of ``formats``.
    public var format = "csv"
    /// Only this portfolio; `nil` for all of them.
    public var portfolio: String?
    /// Only this site; `nil` for all of them.
    public var site: String?

    enum CodingKeys: String, CodingKey, CaseIterable { case folder, format, portfolio, site }

    /// The keys a spec may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }
    /// The forms there are.
    public static let formats = ["csv", "json", "jsonl", "schedule"]

    /// Everything, into a folder.
    public init(folder: String) { self.folder = folder }

    /// Reads a specification in which everything but the folder may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        folder = try container.decode(String.self, forKey: .folder)
        format = try container.decodeIfPresent(String.self, forKey: .format) ?? format
        portfolio = try container.decodeIfPresent(String.self, forKey: .portfolio)
        site = try container.decodeIfPresent(String.self, forKey: .site)
        guard folder.hasPrefix("/") else {
            throw PipelineError.invalidSpecification(
                "folder is '\(folder)'; it takes a whole path, since a job runs wherever a daemon does")
        }
        guard ExportSpecification.formats.contains(format) else {
            throw PipelineError.invalidSpecification(
                "format is '\(format)'; it takes \(ExportSpecification.formats.joined(separator: ", "))")
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
