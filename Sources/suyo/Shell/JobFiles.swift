import Foundation
import JobHandlers
import Jobs
import Scheduling

/// Job definitions from files.
enum JobFiles {
    /// Reads a file or every `.yaml` and `.yml` of a folder; without a path, the files that suyo brings.
    ///
    /// Throws for the first thing that is wrong, so that a mistake in one file leaves every job as it was.
    static func read(_ path: String?) throws -> [JobDefinition] {
        guard let path else {
            return try ShippedJobs.jobs.map { try read($0.yaml, file: $0.name) }
        }
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.noInput, "There is no file or folder \(path).")
        }
        var files = [path]
        if isFolder.boolValue {
            files = try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map { path + "/" + $0 }
            if files.isEmpty {
                throw Failure(.noInput, "The folder \(path) holds no .yaml file: jobs are declared one per file.")
            }
        }
        let definitions = try files.map { file in
            guard let contents = FileManager.default.contents(atPath: file) else {
                throw Failure(.noInput, "\(file) cannot be read.")
            }
            return try read(String(decoding: contents, as: UTF8.self), file: file)
        }
        var places: [String: String] = [:]
        for (definition, file) in zip(definitions, files) {
            if let other = places.updateValue(file, forKey: definition.name) {
                throw Failure(.configuration, "\(file) and \(other) both declare the job '\(definition.name)'.")
            }
        }
        return definitions
    }

    private static func read(_ yaml: String, file: String) throws -> JobDefinition {
        let definition = try JobDefinition(yaml: yaml, file: file)
        do {
            try JobSpecification.validate(definition)
            // A single instant may be over by now, and its file still stand there.
            if definition.at == nil, let schedule = try definition.schedule(),
                schedule.next(after: Int(Date().timeIntervalSince1970)) == nil
            {
                throw Failure(.configuration, "the schedule '\(schedule.timing)' is never due")
            }
        } catch {
            throw Failure(.configuration, "\(file): \(error)")
        }
        return definition
    }
}
