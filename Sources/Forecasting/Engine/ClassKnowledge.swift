/// What the series of a batch tell about each other, by class.
///
/// Pooling depends on which series are forecast together and on nothing else: evidence is taken in the order of the batch,
/// so that neither threads nor the way work is divided change a bit of it. A series alone gets what its own backtest
/// tells, drawn far towards what is assumed of any series.
struct ClassKnowledge: Sendable {
    /// What is known about the quantiles of one class.
    struct Quantiles: Sendable {
        /// Errors of each step.
        var shape = ErrorShape.assumed
        /// Errors of sums over steps.
        var cumulativeShape = ErrorShape.assumed
        /// The share of past demand in quantiles.
        var demandShare = 0.0
    }

    private var quantiles: [DemandClass: Quantiles] = [:]
    private var stacked: [CandidateErrors.Group: StackedShares] = [:]

    /// Pools what the series of a batch tell, in the order of the batch.
    init(candidates: [CandidateErrors], evidence: [(demandClass: DemandClass, evidence: QuantileEvidence)]) {
        for (group, errors) in Dictionary(grouping: candidates, by: \.group) { stacked[group] = StackedShares(errors) }
        for (demandClass, members) in Dictionary(grouping: evidence, by: \.demandClass) {
            var known = Quantiles()
            known.shape = ErrorShape(members.map(\.evidence.shape))
            known.cumulativeShape = ErrorShape(members.compactMap(\.evidence.cumulativeShape))
            known.demandShare = ClassKnowledge.demandShare(members.compactMap(\.evidence.trial), shape: known.shape)
            quantiles[demandClass] = known
        }
    }

    /// What is known about a class's quantiles.
    subscript(demandClass: DemandClass) -> Quantiles { quantiles[demandClass] ?? Quantiles() }

    /// The shares that do best over a group; `nil` for a group no series told about.
    func shares(_ group: CandidateErrors.Group) -> StackedShares? { stacked[group] }

    /// Which of so many series to take evidence from: all of a small class, evenly spread ones of a large class, in order.
    static func sample(_ classes: [DemandClass?]) -> [Int] {
        var members: [DemandClass: [Int]] = [:]
        for (index, demandClass) in classes.enumerated() {
            if let demandClass { members[demandClass, default: []].append(index) }
        }
        return members.values.flatMap { all in
            all.count <= sampleSize ? all : (0..<sampleSize).map { all[$0 * all.count / sampleSize] }
        }.sorted()
    }

    /// Enough series that a class's 97.5 % quantile is known to a few percent.
    private static let sampleSize = 256

    /// Losses that differ by less than this, relatively, are taken as equal.
    private static let indifference = 0.0025

    /// Of the shares with the least loss over the class, or near it, the one closest to one half: an average errs less than
    /// either part where little speaks for one of them.
    private static func demandShare(_ trials: [DemandTrial], shape: ErrorShape) -> Double {
        guard !trials.isEmpty else { return 0 }
        var losses = [Double](repeating: 0, count: DemandTrial.shares.count)
        for trial in trials {
            for (index, loss) in trial.losses(shape).enumerated() { losses[index] += loss }
        }
        let least = losses.min() ?? 0
        var best = 0.0
        var distance = Double.infinity
        for (share, loss) in zip(DemandTrial.shares, losses) where loss <= least * (1 + indifference) {
            if (share - 0.5).magnitude < distance {
                best = share
                distance = (share - 0.5).magnitude
            }
        }
        return best
    }
}
