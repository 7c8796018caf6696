import Foundation
import Terminal
import Testing

@Suite struct ReportTests {
    private let report = Report(
        columns: ["item_id", "name", "mean", "is_new"],
        rows: [
            [.text("A1"), .text("사과"), .number("12.5"), .boolean(true)],
            [.text("B-1002"), .text("Pear, green"), .number("3"), .boolean(false)],
            [.text("C"), .null, .null, .null],
        ])

    // MARK: Table

    @Test func textIsAlignedLeftAndNumbersRightByDisplayWidth() {
        #expect(
            report.rendered(.table) == """
                item id  name         mean  is new
                ───────  ───────────  ────  ──────
                A1       사과         12.5  yes
                B-1002   Pear, green     3  no
                C

                """)
    }

    @Test func everyColumnBeginsAtTheSameTerminalColumn() {
        let names = ["사과", "りんご", "apple", "é", "e\u{301}", "ㄱ", "한a글b", "🍎", "ｱ", "＊", ""]
        let table = Report(columns: ["name", "end"], rows: names.map { [.text($0), .text("|")] }).rendered(.table)
        let ends = table.split(separator: "\n").dropFirst(2).map { line in
            displayWidth(line.prefix { $0 != "|" })
        }
        #expect(ends.count == names.count)
        #expect(Set(ends).count == 1, "\(ends)")
    }

    @Test func anEmptyReportIsItsHeader() {
        let empty = Report(columns: ["a", "b_c"], rows: [])
        #expect(empty.rendered(.table) == "a  b c\n─  ───\n")
        #expect(empty.rendered(.json) == "[]\n")
        #expect(empty.rendered(.csv) == "a,b_c\n")
    }

    @Test func lineBreaksAndControlCharactersCannotSpoilATable() {
        let table = Report(
            columns: ["reason"],
            rows: [[.text("one\ntwo\r\nthree")], [.text("\u{1b}[31mred\u{7}")], [.text("a\tb")]]
        ).rendered(.table)
        #expect(
            table == "reason\n─────────────\none two three\n\u{fffd}[31mred\u{fffd}\na b\n", "\(table.debugDescription)"
        )
    }

    @Test(arguments: 12...60) func aTableForATerminalFitsIt(width: Int) {
        let report = Report(
            columns: ["id", "what_it_is", "n"],
            rows: [
                [.text("1"), .text("가나다라마바사아자차카타파하 hello"), .number("1234")],
                [.text("two"), .text("short"), .number("5")],
            ])
        // Names of three letters, numbers of four and eight columns of text are the least there is.
        let least = 3 + 2 + 8 + 2 + 4
        for line in report.rendered(.table, width: width).split(separator: "\n") {
            let shown = line.split(separator: "\u{1b}[1m").joined().split(separator: "\u{1b}[0m").joined()
            #expect(displayWidth(shown) <= max(width, least), "\(shown)")
        }
    }

    @Test func whatIsCutSaysSo() {
        let report = Report(
            columns: ["name", "n"],
            rows: [[.text("가나다라마바사"), .number("123456")], [.text("abcdefghijkl"), .number("1")]])
        let lines = report.rendered(.table, width: 17).split(separator: "\n")
        #expect(lines[0] == "\u{1b}[1mname            n\u{1b}[0m")
        // A wide character that would stand half outside is left out.
        #expect(lines[2] == "가나다라…  123456")
        #expect(lines[3] == "abcdefgh…       1")
        // Numbers are never cut: a part of a number is another number.
        #expect(report.rendered(.table, width: 5).contains("123456"))
    }

    @Test(arguments: 24...60) func aSentenceGoesOnOnFurtherLines(width: Int) {
        let sentence = "요청이 너무 많다 and nobody knows why it is so"
        var report = Report(
            columns: ["n", "name", "why"],
            rows: [[.number("1"), .text("first"), .text(sentence)], [.number("2"), .text("b"), .null]])
        report.wrapsLastColumn = true
        let lines = report.rendered(.table, width: width).split(separator: "\n").dropFirst(2)
        #expect(lines.allSatisfy { displayWidth($0) <= width }, "\(lines)")
        #expect(lines.first?.hasPrefix("1  first  요청이") == true)
        #expect(lines.last == "2  b")
        let told = lines.dropLast().map { $0.dropFirst(10) }.joined(separator: " ")
        #expect(told == sentence)
        // A file or a pipe gets it on one line.
        #expect(report.rendered(.table).contains(sentence))
    }

    @Test(arguments: 30...60) func whatNamesTheRowAndWhenStayWhole(width: Int) {
        let wide = Report(
            columns: ["job", "next", "note"],
            rows: [[.text("nightly-retrain"), .text("11-26 02:30"), .text(String(repeating: "매우 긴 설명 ", count: 9))]])
        let lines = wide.rendered(.table, width: max(width, 38)).split(separator: "\n")
        #expect(lines[2].contains("nightly-retrain  11-26 02:30"))
        #expect(lines[2].hasSuffix("…"))
    }

    @Test func columnsWithoutAValueAreLeftOutOnATerminal() {
        let sparse = Report(columns: ["a", "b"], rows: [[.text("x"), .null]])
        #expect(!sparse.rendered(.table, width: 80).contains("b"))
        #expect(sparse.rendered(.table).contains("b"))
    }

    // MARK: JSON

    @Test func jsonIsReadBackAsItWas() throws {
        let texts = [
            "plain", "\"quoted\"", "back\\slash", "tab\tline\nreturn\r", "\u{0}\u{1}\u{1f}\u{7f}", "사과 🍎", "</script>",
        ]
        let report = Report(columns: ["text", "n\"ame"], rows: texts.map { [.text($0), .number("-1.5e-3")] })
        let rows = try #require(
            JSONSerialization.jsonObject(with: Data(report.rendered(.json).utf8)) as? [[String: Any]])
        #expect(rows.map { $0["text"] as? String } == texts)
        #expect(rows.allSatisfy { $0["n\"ame"] as? Double == -0.0015 })
    }

    @Test func jsonKeepsTypes() throws {
        let report = Report(
            columns: ["none", "yes", "spec", "list", "nan", "infinite"],
            rows: [[.null, .boolean(true), .json("{\"a\": 1}"), .json("[1]"), .number("NaN"), .number("Infinity")]])
        let row = try #require(
            (JSONSerialization.jsonObject(with: Data(report.rendered(.json).utf8)) as? [[String: Any]])?.first)
        #expect(row["none"] is NSNull)
        #expect(row["yes"] as? Bool == true)
        #expect((row["spec"] as? [String: Int]) == ["a": 1])
        #expect((row["list"] as? [Int]) == [1])
        // JSON has neither.
        #expect(row["nan"] is NSNull)
        #expect(row["infinite"] is NSNull)
    }

    // MARK: CSV

    @Test func csvQuotesWhatNeedsIt() {
        let report = Report(
            columns: ["a", "b"],
            rows: [
                [.text("plain"), .text("with, comma")], [.text("\"quoted\""), .text("two\nlines")],
                [.text("dos\r\nlines"), .text(" spaces ")], [.null, .text("")], [.number("1.5"), .boolean(false)],
                [.json("{\"a\":1}"), .text("사과")],
            ])
        #expect(
            report.rendered(.csv)
                == "a,b\nplain,\"with, comma\"\n\"\"\"quoted\"\"\",\"two\nlines\"\n\"dos\r\nlines\", spaces \n,\n1.5,no\n\"{\"\"a\"\":1}\",사과\n"
        )
    }

    @Test func csvOfOneEmptyValueIsNoBlankLine() {
        #expect(Report(columns: ["a"], rows: [[.null], [.text("x")]]).rendered(.csv) == "a\n\"\"\nx\n")
    }

    // MARK: Width and chart

    @Test(arguments: [
        ("", 0), ("abc", 3), ("한글", 4), ("日本", 4), ("カナ", 4), ("ｶﾅ", 2), ("é", 1), ("e\u{301}", 1), ("🍎", 2),
        ("👩‍👩‍👧", 2), ("🇰🇷", 2), ("한", 2), ("\u{1112}\u{1161}\u{11ab}", 2), ("…─█", 3), ("，", 2), ("Ａ", 2),
    ]) func widthInTerminalColumns(text: String, width: Int) {
        #expect(displayWidth(text) == width)
    }

    @Test(arguments: [20, 40, 79]) func aChartKeepsToItsWidthAndHeight(width: Int) {
        let history = (0..<100).map { $0 % 9 == 0 ? Double.nan : Double($0) }
        let chart = SeriesChart(
            history: history, mean: Array(repeating: 50, count: 30), band: Array(repeating: (40, 60), count: 30))
        let lines = chart.drawn(width: width, height: 8).split(separator: "\n")
        #expect(lines.count == 9)
        for line in lines { #expect(displayWidth(line) <= width, "\(line)") }
        // On twenty columns there is place for the forecast only.
        #expect(lines.contains { $0.contains("·") } == (width > 20))
        #expect(lines.contains { $0.contains("━") })
        #expect(lines.contains { $0.contains("░") })
        // Nothing known at all is a chart, too.
        let empty = SeriesChart(history: [.nan], mean: [0], band: [(0, 0)])
        #expect(empty.drawn(width: width, height: 3).split(separator: "\n").count == 4)
    }
}
