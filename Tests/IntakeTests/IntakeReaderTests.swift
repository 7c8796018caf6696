import Foundation
import Intake
import TabularText
import Testing

@Suite struct IntakeReaderTests {
    /// Reads a file's bytes and returns the staged rows as fields, with the reader that read them.
    private func read(
        _ bytes: [UInt8], kind: IntakeKind = .orders, mapping: String? = nil
    ) throws -> (rows: [[String]], reader: IntakeReader) {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        let plan = try IntakePlan(kind: kind, mapping: mapping.map { try IntakeMapping(yaml: $0, file: "m.yaml") })
        var reader = try IntakeReader(path: path, plan: plan)
        var text: [UInt8] = []
        while let rows = try reader.next() { text += rows }
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(rows.allSatisfy { $0.count == plan.stagingColumns.count })
        #expect(reader.accepted + reader.rejected == rows.count)
        return (rows, reader)
    }

    private let header = "order_id,item_id,site_id,ordered_at,quantity,item_name\n"

    @Test func aPlainFileIsTaken() throws {
        let (rows, reader) = try read(Array((header + "1,A,ICN,2026-01-02T09:15:00+09:00,5,사과\n").utf8))
        #expect(reader.accepted == 1)
        #expect(rows[0][4] == "1")
        #expect(rows[0].contains("2026-01-02 09:15:00+09:00"))
        #expect(rows[0].last == "사과")
    }

    @Test func byteOrderMarkLineEndsAndQuotesAreUnderstood() throws {
        let text =
            "\u{feff}" + header.dropLast()
            + "\r\n1,A,ICN,2026-01-02,5,\"a \"\"b\"\",\nc\"\r\n\r\n2,B,ICN,2026-01-02,1,🍎\r\n"
        let (rows, reader) = try read(Array(text.utf8))
        #expect(reader.accepted == 2)
        #expect(reader.blankLines == 1)
        #expect(rows[0].last == "a \"b\",\\nc")
        #expect(rows[1][0] == "5")
    }

    /// What is decomposed, and what it is the same as.
    @Test(arguments: [
        ("\u{110E}\u{1161}\u{11BC}\u{1100}\u{1169}-1", "창고-1"), ("e\u{301}te\u{301}", "été"),
        ("か\u{3099}", "が"), ("사과", "사과"), ("🍎 Ω ☂", "🍎 Ω ☂"),
    ])
    func aCodeIsTheSameWhicheverProgramWroteIt(written: String, kept: String) throws {
        let (rows, _) = try read(Array((header + "1,\(written),ICN,2026-01-02,5,x\n").utf8))
        // Swift's own comparison takes both for the same.
        #expect(rows[0].contains { Array($0.utf8) == Array(kept.utf8) }, "\(rows[0])")
    }

    @Test(arguments: [
        ("1,A,ICN,2026-01-02,NaN,x", "quantity"), ("1,A,ICN,2026-01-02,1e300,x", "quantity"),
        ("1,A,ICN,2026-01-02,-3,x", "quantity"), ("1,A,ICN,2026-02-30,3,x", "ordered_at"),
        ("1,A,ICN,1969-12-31,3,x", "ordered_at"), ("1,,ICN,2026-01-02,3,x", "item_id"),
    ])
    func aBadValueIsRejectedByColumn(line: String, column: String) throws {
        let (rows, reader) = try read(Array((header + line + "\n2,B,ICN,2026-01-02,1,y\n").utf8))
        #expect(reader.rejected == 1)
        #expect(reader.accepted == 1)
        #expect(rows[0][1] == column)
        #expect(rows[0][0] == "2")
    }

    @Test(arguments: ["1,A,ICN", "1,A,ICN,2026-01-02,1,x,y", "1,A,\u{0}ICN,2026-01-02,1,x"])
    func aRaggedOrBrokenRecordIsRejectedAndTheNextTaken(line: String) throws {
        let (_, reader) = try read(Array((header + line + "\n2,B,ICN,2026-01-02,1,y\n").utf8))
        #expect(reader.rejected == 1)
        #expect(reader.accepted == 1)
    }

    @Test func aQuoteThatIsNeverClosedNamesItsLine() throws {
        let (rows, _) = try read(Array((header + "1,\"A,ICN,2026-01-02,1,x\n2,B,ICN,2026-01-02,1,y\n").utf8))
        #expect(rows.contains { $0[3].contains("line 2") })
    }

    @Test func koreanEncodingSemicolonsAndDecimalCommas() throws {
        let mapping = """
            kind: orders
            source: erp
            encoding: cp949
            delimiter: ";"
            decimal: ","
            thousands: "."
            date_format: [yyyyMMdd, d.M.yyyy]
            columns: {order_id: "no", item_id: code, item_name: name, quantity: qty, ordered_at: day}
            constants: {site_id: ICN}
            """
        // 사과 in CP949 is BB E7 B0 FA.
        let bytes =
            Array("no;code;name;qty;day\n1;A;".utf8) + [0xbb, 0xe7, 0xb0, 0xfa]
            + Array(";1.234,5;20260102\n2;B;x;2;3.1.2026\n".utf8)
        let (rows, reader) = try read(bytes, mapping: mapping)
        #expect(reader.accepted == 2)
        #expect(rows[0].last == "사과")
        #expect(rows[0].contains("1234.5"))
        #expect(rows[1].contains("2026-01-03 00:00:00"))
    }

    @Test func bytesThatAreNoTextInTheDeclaredEncodingRejectJustTheirRecord() throws {
        let mapping = """
            kind: orders
            source: erp
            encoding: cp949
            columns: {order_id: "no", item_id: code, quantity: qty, ordered_at: day}
            constants: {site_id: ICN}
            """
        // In CP949 no character begins with FF, and B0 alone is half of one.
        for broken: [UInt8] in [[0xff, 0xff], [0xb0]] {
            let bytes = Array("no,code,qty,day\n1,".utf8) + broken + Array(",1,2026-01-02\n2,B,1,2026-01-02\n".utf8)
            let (_, reader) = try read(bytes, mapping: mapping)
            #expect(reader.rejected == 1)
            #expect(reader.accepted == 1)
        }
    }

    @Test func bytesThatAreNoTextRejectJustTheirRecord() throws {
        let bytes =
            Array((header + "1,A,ICN,2026-01-02,1,").utf8) + [0xff, 0xfe] + Array("\n2,B,ICN,2026-01-02,1,y\n".utf8)
        let (_, reader) = try read(bytes)
        #expect(reader.rejected == 1)
        #expect(reader.accepted == 1)
    }

    @Test func rulesDecideStatus() throws {
        let mapping = """
            kind: orders
            source: shop
            time_zone: Europe/London
            columns: {order_id: invoice, item_id: code, quantity: quantity, ordered_at: at}
            constants: {site_id: UK}
            rules:
              - when: {column: code, equals: POST}
                reject: not a product
              - when: {column: invoice, starts_with: C}
                set: {status: cancelled, cancel_reason: customer}
              - when: {column: quantity, less_than: 0}
                set: {status: internal}
            """
        let text = """
            invoice,code,quantity,at
            1,A,5,2011-07-01 10:00
            C2,A,-5,2011-07-02 10:00
            3,A,-7,2011-12-02 10:00
            4,POST,1,2011-12-02 10:00

            """
        let (rows, reader) = try read(Array(text.utf8), mapping: mapping)
        #expect(reader.accepted == 3)
        #expect(rows.contains { $0[3] == "not a product" })
        #expect(rows[0].contains("2011-07-01 10:00:00+01:00"))
        #expect(rows[1].contains("cancelled"))
        #expect(rows[2].contains("internal"))
        #expect(rows[2].contains("2011-12-02 10:00:00+00:00"))
    }

    @Test func aMissingColumnIsNamedWithThoseThereAre() throws {
        let error = #expect(throws: IntakeError.self) { try read(Array("a,b\n1,2\n".utf8)) }
        #expect(error?.description.contains("order_id") == true)
        #expect(error?.description.contains("a, b") == true)
    }

    @Test(arguments: [
        ("kind: orders\nsource: x\ncolums: {}\n", "m.yaml:3", "columns"),
        ("kind: order\nsource: x\n", "m.yaml:1", "orders"),
        ("kind: orders\nsource: x\ntime_zone: Mars/Base\n", "m.yaml:3", "Asia/Seoul"),
        (
            "kind: orders\nsource: x\nrules:\n  - when: {column: a, begins: b}\n    reject: no\n", "m.yaml:4",
            "starts_with"
        ),
    ])
    func aWrongMappingNamesLineAndChoices(yaml: String, place: String, choice: String) {
        let error = #expect(throws: IntakeError.self) { try IntakeMapping(yaml: yaml, file: "m.yaml") }
        #expect(error?.description.contains(place) == true, "\(String(describing: error))")
        #expect(error?.description.contains(choice) == true, "\(String(describing: error))")
    }

    @Test func everyRecordOfGarbageIsAccountedFor() throws {
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = ["1", "A", ",", "\n", "\"", "2026-01-02", "-5", "é", "\r\n", ",ICN,", "🍎", "\t", "1e9"]
        for _ in 0..<200 {
            var text = header
            for _ in 0..<random(200) { text += pieces[random(pieces.count)] }
            _ = try read(Array(text.utf8))
        }
    }
}
