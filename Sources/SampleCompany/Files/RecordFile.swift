internal import TabularText

/// A comma-separated file being written, that counts its records.
final class RecordFile {
    private let kind: String
    private let path: String
    private let writer: DelimitedWriter
    private var records = 0

    /// Opens the file of a kind in a folder and writes its header.
    init(_ kind: String, in folder: String, columns: [String]) throws {
        self.kind = kind
        path = "\(folder)/\(kind).csv"
        writer = try DelimitedWriter(path: path)
        for column in columns { writer.field(column) }
        try writer.endRecord()
    }

    /// Adds a record.
    func write(_ fields: [String]) throws {
        for field in fields { writer.field(field) }
        try writer.endRecord()
        records += 1
    }

    /// Puts the file in its place.
    func finish() throws -> SampleFile {
        try writer.finish()
        return SampleFile(kind: kind, path: path, records: records)
    }
}
