/// Compares two ways to forecast on the same series, overall and by segment, and says how sure one can be.
public struct PairedComparison: Sendable {
    private let rules: GateRules
    private let seed: UInt64

    /// A comparison; of the rules it takes the smallest segment, the significance and the number of samples.
    public init(rules: GateRules = GateRules(), seed: UInt64) {
        self.rules = rules
        self.seed = seed
    }

    /// All series together first, then each segment that is large enough, the one with the largest difference first.
    ///
    /// The bounds of all series together hold one by one; those of the segments for all segments at once (Bonferroni).
    /// Empty without series.
    public func compare(_ series: [PairedSeries]) -> [GateVerdict.Comparison] {
        guard !series.isEmpty else { return [] }
        let segments = Segments(series, smallest: rules.smallestSegment)
        let bootstrap = PairedBootstrap(
            series, memberships: segments.memberships, groups: segments.names.count, samples: rules.samples, seed: seed)
        let each = rules.significance / Double(max(segments.names.count - 1, 1))
        let sums = sums(series, segments)
        let comparisons = segments.names.indices.map { group in
            comparison(
                segments.names[group], sums[group], bootstrap, group: group,
                tail: group == 0 ? rules.significance : each)
        }
        return [comparisons[0]]
            + comparisons.dropFirst().sorted { ($1.difference, $0.name) < ($0.difference, $1.name) }
    }

    /// What adds up in a group.
    private struct Sums {
        var series = 0
        var champion = 0.0
        var challenger = 0.0
        var actual = 0.0
    }

    private func sums(_ series: [PairedSeries], _ segments: Segments) -> [Sums] {
        var sums = [Sums](repeating: Sums(), count: segments.names.count)
        for (one, memberships) in zip(series, segments.memberships) {
            for group in memberships {
                sums[group].series += 1
                sums[group].actual += one.actual
                for origin in one.origins {
                    sums[group].champion += origin.champion
                    sums[group].challenger += origin.challenger
                }
            }
        }
        return sums
    }

    private func comparison(
        _ name: String, _ sums: Sums, _ bootstrap: PairedBootstrap, group: Int, tail: Double
    ) -> GateVerdict.Comparison {
        // A champion without any error is as good as can be: whatever the challenger errs is too much.
        let difference =
            sums.champion > 0 ? sums.challenger / sums.champion - 1 : sums.challenger > 0 ? 1 : 0
        return GateVerdict.Comparison(
            name: name, series: sums.series, championWAPE: sums.actual > 0 ? sums.champion / sums.actual : nil,
            challengerWAPE: sums.actual > 0 ? sums.challenger / sums.actual : nil, difference: difference,
            lower: bootstrap.quantile(tail, group: group) ?? difference,
            upper: bootstrap.quantile(1 - tail, group: group) ?? difference)
    }
}
