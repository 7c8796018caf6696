import Foundation
import SeriesFiles
import Testing
import TimeSeries

/// Numbers in files are the nearest there are to what is written.
@Suite struct FileNumberTests {
    /// The value a file gives for a `y`; `nil` where the row is put aside.
    private func value(_ written: String) throws -> Double? {
        try TemporaryFile.with("unique_id,ds,y\na,2026-01-01,\(written)\n") { path in
            try SeriesFile(path: path, frequency: .daily).series.first?.values.first
        }
    }

    /// The standard library's own parser is the independent source.
    @Test func randomDecimalsAreReadToTheLastBit() throws {
        var random = Seeded(11)
        var written: [String] = ["-0", "0.1", "999999999999999", "1234567890123456", "1e-300", "-1e300", "00.50", ".5"]
        for _ in 0..<400 {
            let digits = String(
                (0..<Int.random(in: 1...18, using: &random)).map { _ in
                    Character("\(Int.random(in: 0...9, using: &random))")
                })
            let point = Int.random(in: 0...digits.count, using: &random)
            let text = digits.prefix(point) + (point < digits.count ? "." : "") + digits.dropFirst(point)
            written.append((Bool.random(using: &random) ? "-" : "") + text)
        }
        for text in written { #expect(try value(text)?.bitPattern == Double(text)?.bitPattern, "\(text)") }
    }

    @Test(arguments: ["1.2.3", "--1", "1-2", "-", ".", "1_000", "١", "1 2", "0x1p3", "infinity", "1e"])
    func whatIsNoNumberIsPutAside(written: String) throws {
        #expect(try value(written) == nil)
    }
}
