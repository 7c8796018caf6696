/// What a challenger must show before it takes the champion's place: `gate:` in a job's spec.
public struct GateRules: Sendable, Hashable {
    /// Whether there is a gate at all; without it every retrain is published.
    public var isOff = false
    /// How much worse in WAPE, as a share of the champion's, a challenger may be at most, overall: 0.02 is 2 %.
    public var margin = 0.02
    /// The same for a segment, beyond doubt.
    public var segmentMargin = 0.05
    /// Series a segment needs to be judged by itself.
    public var smallestSegment = 20
    /// The size of the bias, as a share of demand, that a challenger may have without being asked how the champion does.
    public var bias = 0.1
    /// How far the share of actuals inside the 80 % interval may lie from 0.8.
    public var coverage = 0.15
    /// Probability of refusing a challenger over a segment in which it is no worse, over all segments together, and of
    /// letting one pass that is worse than the margin.
    public var significance = 0.05
    /// Closed buckets for which a challenger that passes runs in the champion's shadow, forecast but not published, before it is
    /// judged once more on what came; 0 is none.
    public var shadow = 0
    /// Bootstrap samples.
    public var samples = 1000

    /// The usual rules.
    public init() {}
}
