import Foundation
import Pipeline
import Testing
import TimeSeries

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// One page about a version.
@Suite struct ModelCardTests {
    private func card(_ series: [ModelCard.Series], reason: String = "retrained") -> ModelCard {
        ModelCard(
            versionID: 12, portfolio: "nightly <A&B>", isChampion: true,
            specification: PortfolioSpecification(frequency: .daily, horizon: 28),
            lineage: [(name: "seed", value: "1")], dataFrom: "2024-01-01", dataThrough: "2026-03-01",
            notes: ["7 buckets were out of stock."], series: series, verdict: ["Not worse."],
            promotions: [["2026-03-02", "promote of 12", "suyo", reason]],
            matured: [["model", "10", "20.0 %", "1.0 %"]], shadow: ["In the shadow of version 11: passed."],
            drift: ["Check 7: 4 of 60 series had changed."],
            incidents: [["2026-02-20", "3: level up", "resolved; its retrain made this version"]],
            overrides: [["2026-03-03", "kim", "A1 absolute 50", "fair | *big*"]])
    }

    private let series = (0..<60).map { index in
        ModelCard.Series(
            site: "ICN", demandClass: index < 25 ? "smooth" : "lumpy", model: "theta", scored: 10, actual: 100,
            error: index < 25 ? 10 : 50, naiveError: 40, coverage80: 0.8, coverage95: 0.95, stepErrors: [0.5, 0.75])
    }

    @Test func itSaysWhatIsAskedOfIt() throws {
        let page = card(series).document.markdown
        for expected in [
            "# Model card: version 12 of nightly \\<A&B\\>", "daily demand of each item at each site, 28 steps ahead",
            "Demand from 2024-01-01 through 2026-03-01.", "7 buckets were out of stock.",
            "| theta | 60 | 100.0 % | 33.3 % |",
            "WAPE 33.3 %, seasonal naive 40.0 %", "differs from the naive's by -16.7 %",
            "0.50 at step 1, 0.75 at step 2",
            "The 80 % interval held 80.0 %", "| 2026-03-02 | promote of 12 | suyo | retrained |",
            "fair \\| \\*big\\* |", "In the shadow of version 11: passed.", "Check 7: 4 of 60 series had changed.",
            "| 2026-02-20 | 3: level up | resolved; its retrain made this version |", "| model | 10 | 20.0 % | 1.0 % |",
        ] {
            #expect(page.contains(expected), "\(expected) is not in \(page)")
        }
        // Lumpy demand is forecast worse than by the naive, and that is said first.
        #expect(page.contains("Not shown to be better than the seasonal naive: "))
        let lumpy = try #require(page.range(of: "| A lumpy ICN"))
        let smooth = try #require(page.range(of: "| A smooth ICN"))
        #expect(lumpy.lowerBound < smooth.lowerBound)
    }

    @Test func thePageIsWellFormedWhateverPeopleWrote() throws {
        let page = card(series, reason: "<script>alert(\"1\")</script> & more").document.html
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more"))
        #expect(page.contains("<svg "))
        // Every tag that opens closes, so that what parses XML reads it but for the tags HTML never closes.
        let start = try #require(page.range(of: "<body>")).lowerBound
        let end = try #require(page.range(of: "</body>")).upperBound
        let parser = XMLParser(data: Data(page[start..<end].utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }

    @Test func aVersionWithoutABacktestHasACardToo() {
        let short = ModelCard.Series(
            site: nil, demandClass: "none", model: "naive", scored: 0, actual: 0, error: 0, naiveError: 0,
            coverage80: 0,
            coverage95: 0, stepErrors: [])
        let page = card([short]).document.markdown
        #expect(page.contains("No series was long enough for a backtest."))
        #expect(page.contains("1 series were too short for a backtest"))
        #expect(card([]).document.html.contains("It covers 0 series"))
    }
}
