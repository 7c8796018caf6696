import Terminal
import Testing

/// Tables for people, JSON and CSV for programs.
@Suite struct ReportTests {
    private let report = Report(
        columns: ["item_id", "name", "count", "gone"],
        rows: [
            [.text("A1"), .text("사과 주스"), .number("12"), .null],
            [.text("B2"), .text("a \"b\", c"), .number("3.5"), .boolean(true)],
        ])

    @Test func aTableIsAlignedByWhatTheTerminalShows() {
        #expect(
            report.rendered(.table) == """
                item id  name       count  gone
                ───────  ─────────  ─────  ────
                A1       사과 주스     12
                B2       a "b", c     3.5  yes

                """)
    }

    @Test func jsonKeepsTypesAndEscapes() {
        #expect(
            report.rendered(.json) == #"""
                [
                  {"item_id": "A1", "name": "사과 주스", "count": 12, "gone": null},
                  {"item_id": "B2", "name": "a \"b\", c", "count": 3.5, "gone": true}
                ]

                """#)
        #expect(Report(columns: ["a"], rows: []).rendered(.json) == "[]\n")
        #expect(Report(columns: ["a"], rows: [[.text("\u{1}\n")]]).rendered(.json).contains(#""\u0001\n""#))
    }

    @Test func csvQuotesWhatNeedsIt() {
        #expect(
            report.rendered(.csv) == "item_id,name,count,gone\nA1,사과 주스,12,\nB2,\"a \"\"b\"\", c\",3.5,yes\n")
    }

    @Test(arguments: 30...60) func aTableFitsTheTerminal(width: Int) {
        let wide = Report(
            columns: ["job", "next", "note"],
            rows: [[.text("nightly"), .text("11-26 02:30"), .text(String(repeating: "매우 긴 설명 ", count: 9))]])
        let lines = wide.rendered(.table, width: width).split(separator: "\n")
        let plain = lines.map { $0.replacing("\u{1b}[1m", with: "").replacing("\u{1b}[0m", with: "") }
        #expect(plain.allSatisfy { displayWidth($0) <= width }, "\(plain)")
        // What names the row and when it happens stay whole.
        #expect(plain[2].contains("nightly  11-26 02:30"))
        #expect(plain[2].hasSuffix("…"))
    }

    @Test func columnsWithoutAValueAreLeftOutOnATerminal() {
        let sparse = Report(columns: ["a", "b"], rows: [[.text("x"), .null]])
        #expect(!sparse.rendered(.table, width: 80).contains("b"))
        #expect(sparse.rendered(.table).contains("b"))
    }

    @Test func aChartShowsHistoryMissingBucketsAndTheForecast() {
        let chart = SeriesChart(
            history: [1, 4, .nan, 8], mean: [6, 6], band: [(lower: 2, upper: 8), (lower: 2, upper: 8)]
        ).drawn(width: 40, height: 4)
        let lines = chart.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("      8 │"))
        #expect(lines[3].hasPrefix("      0 │") && lines[3].contains("·"))
        #expect(chart.contains("━") && chart.contains("░"))
    }
}
