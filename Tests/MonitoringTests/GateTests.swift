import Monitoring
import Testing

@Suite struct GateTests {
    /// A portfolio whose sizes differ as sizes do, whose errors are alike within a series, within a day and between the two
    /// models; the challenger's errors are `factor` times what they were.
    private func portfolio(series: Int, origins: Int, factor: Double, own: Double, _ random: inout RandomStream)
        -> [PairedSeries]
    {
        func normal() -> Double { random.normal() }
        let days = (0..<origins).map { _ in 0.1 * normal() }
        return (0..<series).map { index in
            let size = 1 + 20 * random.uniform() * random.uniform() * random.uniform()
            let lean = 0.015 * normal()
            var championSigned = 0.0
            var challengerSigned = 0.0
            let pairs = (0..<origins).map { origin in
                var champion = 0.0
                var challenger = 0.0
                for _ in 0..<7 {
                    // What nobody could foresee is common; the rest is each model's own.
                    let surprise = normal() + 5 * days[origin]
                    let first = size * (surprise + own * normal())
                    let second = size * factor * (surprise + own * normal() + lean)
                    champion += first.magnitude
                    challenger += second.magnitude
                    championSigned += first
                    challengerSigned += second
                }
                return PairedSeries.Origin(champion: champion, challenger: challenger)
            }
            return PairedSeries(
                site: ["ICN", "PUS"][index % 2], demandClass: ["smooth", "lumpy", "erratic"][index % 3],
                actual: 35 * size * Double(origins), championSigned: championSigned, challengerSigned: challengerSigned,
                origins: pairs)
        }
    }

    /// How many of 100 challengers pass whose errors are `factor` times what they were.
    private func promoted(factor: Double) async -> Int {
        var random = RandomStream(seed: 7, number: 0)
        var rules = GateRules()
        rules.samples = 400
        var promoted = 0
        for trial in 0..<100 {
            let series = portfolio(series: 500, origins: 8, factor: factor, own: 0.4, &random)
            if Gate(rules: rules, seed: UInt64(trial)).judge(series).isPromoted { promoted += 1 }
            // Other tests want to get on as well.
            await Task.yield()
        }
        return promoted
    }

    @Test func anEqualChallengerIsHardlyEverRefused() async {
        let promoted = await promoted(factor: 1)
        #expect(promoted >= 95, "promoted \(promoted) of 100")
    }

    @Test func oneThatIsThreePercentWorseHardlyEverPasses() async {
        let promoted = await promoted(factor: 1.03)
        #expect(promoted <= 5, "promoted \(promoted) of 100")
    }

    private func pair(
        _ champion: Double, _ challenger: Double, demandClass: String = "smooth", signed: Double = 0
    ) -> PairedSeries {
        PairedSeries(
            site: nil, demandClass: demandClass, actual: 400, championSigned: 0, challengerSigned: signed,
            origins: [Double](repeating: 0, count: 4).map { _ in .init(champion: champion, challenger: challenger) })
    }

    @Test func aSegmentThatIsWorseBeyondDoubtIsEnoughToRefuse() throws {
        let fine = (0..<400).map { pair(20 + Double($0 % 7), 19.5 + Double($0 % 7)) }
        let worse = (0..<30).map { pair(10 + Double($0 % 7), 13 + Double($0 % 7), demandClass: "lumpy") }
        let verdict = Gate(rules: GateRules(), seed: 1).judge(fine + worse)
        #expect(!verdict.isPromoted)
        #expect(verdict.reasons.count == 1)
        #expect(verdict.reasons[0].contains("lumpy"), "\(verdict.reasons)")
        #expect(try #require(verdict.overall).upper < 0.02)
        #expect(verdict.segments.first?.name.contains("lumpy") == true)
        // The same in a segment too small to be judged decides nothing.
        #expect(Gate(rules: GateRules(), seed: 1).judge(fine + worse.prefix(3)).isPromoted)
    }

    @Test func biasAndCoverageHaveLimitsUnlessTheChampionDoesNoBetter() {
        let gate = Gate(rules: GateRules(), seed: 1)
        let biased = gate.judge((0..<30).map { _ in pair(20, 20, signed: 80) })
        #expect(!biased.isPromoted)
        #expect(biased.reasons == ["Its bias is 20.0 % of demand, the champion's 0.0 %."])
        var alike = pair(20, 20, signed: 80)
        alike.championSigned = 80
        #expect(gate.judge([PairedSeries](repeating: alike, count: 30)).isPromoted)

        let series = [PairedSeries](repeating: pair(20, 20), count: 30)
        #expect(!gate.judge(series, coverage: (0.8, 0.6)).isPromoted)
        #expect(gate.judge(series, coverage: (0.59, 0.6)).isPromoted)
        #expect(gate.judge(series, coverage: (nil, 0.75)).isPromoted)
    }

    @Test func withoutAnythingToCompareTheChallengerPasses() {
        let verdict = Gate(rules: GateRules(), seed: 1).judge([], uncompared: 12)
        #expect(verdict.isPromoted)
        #expect(verdict.uncompared == 12)
        #expect(verdict.overall == nil)
    }

    @Test func whatIsBetterPassesAndAChampionWithoutErrorIsHardToBeat() {
        let gate = Gate(rules: GateRules(), seed: 1)
        #expect(gate.judge((0..<30).map { _ in pair(20, 10) }).isPromoted)
        #expect(gate.judge((0..<30).map { _ in pair(0, 0) }).isPromoted)
        #expect(!gate.judge((0..<30).map { _ in pair(0, 1) }).isPromoted)
        #expect(!gate.judge([pair(20, 30)]).isPromoted)
    }

    @Test func theSameSeedGivesTheSameVerdict() {
        var random = RandomStream(seed: 3, number: 0)
        let series = portfolio(series: 60, origins: 4, factor: 1, own: 0.4, &random)
        let gate = Gate(rules: GateRules(), seed: 9)
        #expect(gate.judge(series) == gate.judge(series))
        #expect(gate.judge(series).overall != Gate(rules: GateRules(), seed: 10).judge(series).overall)
    }
}
