/// Decides whether a challenger takes the champion's place.
///
/// It must be shown not to be worse than the margin overall; it must not be shown to be worse than the segment margin in any
/// segment that is large enough; and its bias and coverage must be in bounds, or no worse than the champion's. The
/// two rules ask for proof from opposite sides on purpose: with dozens of small segments, proof that none is worse could
/// never be had, and an equal challenger would always be refused.
///
/// Both chose their models on rolling origins, the challenger on those it is judged on and the champion on almost the same a
/// night earlier. Where the specification changed, the champion's choice is older, and that favours the challenger a little.
public struct Gate: Sendable {
    private let rules: GateRules
    private let seed: UInt64

    /// A gate; the same seed and evidence give the same verdict.
    public init(rules: GateRules, seed: UInt64) {
        self.rules = rules
        self.seed = seed
    }

    /// The verdict on a challenger.
    ///
    /// - Parameters:
    ///   - series: champion and challenger on each series that has both.
    ///   - uncompared: series of the challenger besides.
    ///   - coverage: the share of actuals inside the 80 % intervals in the backtests of both; `nil` where not known.
    public func judge(
        _ series: [PairedSeries], uncompared: Int = 0, coverage: (champion: Double?, challenger: Double?) = (nil, nil)
    ) -> GateVerdict {
        if rules.isOff { return GateVerdict(isPromoted: true, reasons: ["The gate is off."], uncompared: uncompared) }
        guard !series.isEmpty else {
            return GateVerdict(
                isPromoted: true, reasons: ["No series has both a champion and a backtest: nothing to compare."],
                uncompared: uncompared)
        }
        let comparisons = PairedComparison(rules: rules, seed: seed).compare(series)
        let overall = comparisons[0]
        let judged = comparisons.dropFirst()

        var refusals: [String] = []
        if overall.upper > rules.margin {
            let proven = overall.lower > rules.margin ? "It is worse" : "It may be worse"
            refusals.append(
                "\(proven) than the champion by more than \(percent(rules.margin)) overall: \(described(overall)).")
        }
        for segment in judged where segment.lower > rules.segmentMargin {
            refusals.append(
                "It is worse by more than \(percent(rules.segmentMargin)) in \(segment.name): \(described(segment)).")
        }
        refusals += biasRefusal(series) + coverageRefusal(coverage)
        return GateVerdict(
            isPromoted: refusals.isEmpty,
            reasons: refusals.isEmpty
                ? ["Not worse than the champion by more than \(percent(rules.margin)): \(described(overall))."]
                : refusals,
            overall: overall, segments: Array(judged), uncompared: uncompared)
    }

    private func biasRefusal(_ series: [PairedSeries]) -> [String] {
        let actual = series.reduce(0) { $0 + $1.actual }
        guard actual > 0 else { return [] }
        let challenger = series.reduce(0) { $0 + $1.challengerSigned } / actual
        let champion = series.reduce(0) { $0 + $1.championSigned } / actual
        guard challenger.magnitude > rules.bias, challenger.magnitude > champion.magnitude + rules.margin else {
            return []
        }
        return ["Its bias is \(percent(challenger)) of demand, the champion's \(percent(champion))."]
    }

    private func coverageRefusal(_ coverage: (champion: Double?, challenger: Double?)) -> [String] {
        guard let challenger = coverage.challenger else { return [] }
        let gap = (challenger - 0.8).magnitude
        guard gap > rules.coverage, gap > (coverage.champion.map { ($0 - 0.8).magnitude } ?? 0) + rules.margin else {
            return []
        }
        let champion = coverage.champion.map { ", the champion's \(percent($0))" } ?? ""
        return ["Its 80 % interval held \(percent(challenger)) of actuals\(champion)."]
    }

    private func described(_ comparison: GateVerdict.Comparison) -> String {
        "error \(signed(comparison.difference)), between \(signed(comparison.lower)) and \(signed(comparison.upper)), on \(comparison.series) series"
    }

    private func signed(_ share: Double) -> String { (share >= 0.0005 ? "+" : "") + percent(share) }

    /// A share in percent with one decimal, such as `-1.3 %`.
    private func percent(_ share: Double) -> String {
        guard share.isFinite, share.magnitude < 1e6 else { return "\(share)" }
        let tenths = Int((share * 1000).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10) %"
    }
}
