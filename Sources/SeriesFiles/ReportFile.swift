internal import Foundation
internal import TabularText

/// Writes a report in JSON, entry after entry: `{"NAME":[…],"accepted":…,"rejected":…,"rejected_rows":[…]}`.
struct ReportFile {
    private let writer: DelimitedWriter
    private let encoder = JSONEncoder()
    private var isFirst = true

    /// Opens a file; `-` is standard output, `.gz` is packed.
    ///
    /// - Parameter list: the name the entries stand under.
    init(path: String, list: String) throws {
        writer = try DelimitedWriter(path: path)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.write(Array("{\"\(list)\":[".utf8))
    }

    /// Adds an entry, on a line of its own.
    mutating func add(_ entry: some Encodable) throws {
        try writer.write((isFirst ? [0x0a] : [0x2c, 0x0a]) + encoder.encode(entry))
        isFirst = false
    }

    /// Adds what became of the rows and puts the file in its place.
    func finish(_ tally: SeriesTally) throws {
        try writer.write(
            Array("\n],\"accepted\":\(tally.accepted),\"rejected\":\(tally.rejected),\"rejected_rows\":".utf8))
        try writer.write(Array(encoder.encode(tally.rejectedRows)) + Array("}\n".utf8))
        try writer.finish()
    }
}
