import Foundation
import SeriesFiles
import TabularText
import Testing
import TimeSeries

@Suite struct SeriesFileTests {
    private func read(_ text: String, _ frequency: Frequency = .daily, bytes: [UInt8]? = nil) throws -> SeriesFile {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes ?? Array(text.utf8)).write(to: URL(fileURLWithPath: path))
        return try SeriesFile(path: path, frequency: frequency)
    }

    /// Values as text, so that missing ones compare.
    private func values(_ file: SeriesFile) -> [[String]] { file.series.map { $0.values.map { "\($0)" } } }

    @Test func rowsInAnyOrderBecomeSeriesInTheOrderOfTheirFirstRow() throws {
        let file = try read("unique_id,ds,y\nb,2026-01-03,3\na,2026-01-02,9\nb,2026-01-01,1\n")
        #expect(file.series.map(\.key.item) == ["b", "a"])
        #expect(values(file) == [["1.0", "nan", "3.0"], ["9.0"]])
        #expect(file.series[0].start.description == "2026-01-01")
        #expect(file.tally.accepted == 3)
        #expect(file.tally.rejected == 0)
    }

    @Test func columnsAreFoundByNameWhateverElseThereIs() throws {
        let file = try read("note,y,ds,unique_id\n\"a, b\",1.5,2026-01-01,가\n,2e1,2026-01-02,가\n")
        #expect(file.series.map(\.key.item) == ["가"])
        #expect(values(file) == [["1.5", "20.0"]])
    }

    @Test func aByteOrderMarkWindowsLinesAndNoLastLineBreakAreNoTrouble() throws {
        let file = try read("\u{feff}unique_id,ds,y\r\na,2026-01-01,1\r\n\r\na,2026-01-02,2")
        #expect(values(file) == [["1.0", "2.0"]])
        #expect(file.tally.rejected == 0)
    }

    @Test(arguments: ["", "NaN", "nan", "NA", "null", "NULL"]) func aMissingValueIsMissingAndNotZero(text: String)
        throws
    {
        let file = try read("unique_id,ds,y\na,2026-01-01,1\na,2026-01-02,\(text)\n")
        #expect(values(file) == [["1.0", "nan"]])
        #expect(file.tally.accepted == 2)
    }

    @Test func valuesOfOneBucketAreAddedAndTheRepetitionCounted() throws {
        let file = try read(
            "unique_id,ds,y\na,2026-01-05,1\na,2026-01-07,2\na,2026-01-09,\na,2026-01-12,4\nb,2026-01-05,7\n", .weekly)
        #expect(values(file) == [["3.0", "4.0"], ["7.0"]])
        #expect(file.contents.map(\.repeated) == [2, 0])
    }

    @Test(arguments: [
        ("a,2026-02-30,1", "ds"), ("a,01/02/2026,1", "ds"), ("a,,1", "ds"), (",2026-01-01,1", "unique_id"),
        ("a,2026-01-01,x", "y"), ("a,2026-01-01,inf", "y"), ("a,2026-01-01,1e999", "y"), ("a,2026-01-01,0x10", "y"),
        ("a,2026-01-01,\"1,5\"", "y"), ("a,2026-01-01T25:00,1", "ds"), ("a,2026-01-01 10:60,1", "ds"),
        ("a,2026-01-01 1:00,1", "ds"), ("a,2026-01-01Z,1", "ds"),
    ]) func aBadRowIsPutAsideWithLineColumnAndReason(row: String, column: String) throws {
        let file = try read("unique_id,ds,y\nok,2026-01-01,1\n\(row)\nok,2026-01-02,2\n")
        #expect(values(file) == [["1.0", "2.0"]])
        #expect(file.tally.accepted == 2)
        #expect(file.tally.rejected == 1)
        let rejected = try #require(file.tally.rejectedRows.first)
        #expect(rejected.line == 3)
        #expect(rejected.column == column)
        #expect(!rejected.reason.isEmpty)
    }

    @Test func onlyTheFirstHundredBadRowsAreListed() throws {
        let rows = (0..<150).map { "a,never,\($0)\n" }.joined()
        let file = try read("unique_id,ds,y\na,2026-01-01,1\n" + rows)
        #expect(file.tally.rejected == 150)
        #expect(file.tally.rejectedRows.count == 100)
    }

    @Test func aWrongYearDoesNotFillTheMemory() throws {
        let file = try read(
            "unique_id,ds,y\nlong,0001-01-01 00:00,1\nlong,9999-01-01 00:00,1\nok,2026-01-01 10:00,1\n", .hourly)
        #expect(file.series.map(\.key.item) == ["ok"])
        #expect(file.tally.accepted == 1)
        #expect(file.tally.rejected == 2)
        #expect(file.tally.rejectedRows.first?.value == "long")
    }

    @Test func hoursAreReadWithSpaceOrT() throws {
        let file = try read(
            "unique_id,ds,y\na,2026-01-01 22:00:00,1\na,2026-01-01T23:59,2\na,2026-01-02 00:00,3\n", .hourly)
        #expect(values(file) == [["1.0", "2.0", "3.0"]])
        #expect(file.series[0].start.description == "2026-01-01 22:00:00")
    }

    @Test(arguments: Frequency.allCases) func oneRowIsASeries(frequency: Frequency) throws {
        let file = try read("unique_id,ds,y\na,2026-01-31,5\n", frequency)
        #expect(values(file) == [["5.0"]])
        #expect(file.series[0].start.frequency == frequency)
    }

    @Test func aHeaderAloneIsNoSeries() throws {
        let file = try read("unique_id,ds,y\n")
        #expect(file.series.isEmpty)
    }

    @Test(arguments: ["id,ds,y", "unique_id,date,y", "unique_id,ds,value"]) func aMissingColumnIsNamed(header: String) {
        let error = #expect(throws: SeriesFileError.self) { try read(header + "\na,2026-01-01,1\n") }
        #expect(error?.description.contains("it needs unique_id, ds and y") == true)
    }

    @Test func anEmptyFileIsRefused() {
        #expect(throws: (any Error).self) { try read("") }
    }
}
