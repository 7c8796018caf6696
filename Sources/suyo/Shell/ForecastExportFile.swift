import Foundation
import Pipeline
import Store
import TabularText

/// Lets the pieces of an export be written from the connection's thread, one after another.
///
/// `@unchecked` because the lock guards the writer.
final class ForecastExportFile: @unchecked Sendable {
    private let lock = NSLock()
    private let writer: DelimitedWriter

    init(_ writer: DelimitedWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) throws { try lock.withLock { try writer.write(bytes) } }
    func finish() throws { try lock.withLock { try writer.finish() } }
}

/// A folder with a file for each publication, under a name that the publication alone decides.
///
/// `@unchecked` because the lock guards what changes.
final class ForecastExportFolder: @unchecked Sendable {
    private let lock = NSLock()
    private let folder: String
    private let format: ForecastExport.Format
    private var current: (file: ForecastExportFile, path: String)?
    private var finished: [String] = []

    init(_ folder: String, _ format: ForecastExport.Format) {
        self.folder = folder
        self.format = format
    }

    /// Paths of the files that were written whole.
    var written: [String] { lock.withLock { finished } }

    /// Writes the file of each publication that is current.
    func write(_ export: ForecastExport, _ scope: ForecastExport.Scope) async throws {
        try await export.writeEach(
            format, scope,
            begin: { publication in
                let file = try self.begin(publication)
                return { try file.write($0) }
            }, end: { _ in try self.end() })
    }

    /// Opens the file of a publication beside its place.
    private func begin(_ publication: ForecastExport.Publication) throws -> ForecastExportFile {
        let directory = "\(folder)/portfolio=\(ForecastExportFolder.escaped(publication.portfolio))"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw TabularError.file(path: directory, reason: error.localizedDescription)
        }
        let path = "\(directory)/forecast-\(publication.publicationID).\(format.fileExtension).gz"
        let file = ForecastExportFile(try DelimitedWriter(path: path))
        lock.withLock { current = (file, path) }
        return file
    }

    /// Moves it there.
    private func end() throws {
        try lock.withLock {
            guard let current else { return }
            try current.file.finish()
            finished.append(current.path)
            self.current = nil
        }
    }

    /// A name as Hive writes it: what could mean something to a path or a pattern as % and two digits.
    private static func escaped(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
