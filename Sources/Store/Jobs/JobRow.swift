internal import Foundation
internal import Scheduling

/// How a job's definition stands in its `jsonb` column: the spec as an object, so that SQL can look into it.
enum JobRow {
    /// The column as `JSONDecoder` wants it: with the spec as text.
    static let definitionSQL =
        "(j.definition || pg_catalog.jsonb_build_object('spec', (j.definition -> 'spec')::text))::text"

    static func definition(_ text: String) throws -> JobDefinition {
        try JSONDecoder().decode(JobDefinition.self, from: Data(text.utf8))
    }

    /// The definition without its spec, as JSON with sorted keys.
    static func json(_ definition: JobDefinition) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(definition), as: UTF8.self)
    }
}
