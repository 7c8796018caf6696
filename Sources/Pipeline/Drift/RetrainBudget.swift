/// How much work incidents may make: a storm of them must not keep the machine from what is due.
///
/// All incident retrains of the last day count, of whatever portfolio, because they share the machine.
public struct RetrainBudget: Sendable {
    /// A retrain that an incident asked for.
    public struct Spent: Sendable {
        /// Seconds since it began; negative where it is still to begin.
        public var ago: Double
        /// Seconds it took, or is expected to.
        public var seconds: Double

        /// A retrain.
        public init(ago: Double, seconds: Double) {
            self.ago = ago
            self.seconds = seconds
        }
    }

    /// When another retrain may run.
    public enum Answer: Sendable, Hashable {
        /// At once.
        case now
        /// After so many seconds, when earlier ones no longer count.
        case later(Double)
        /// Not at all: it takes longer than a day's budget.
        case never
    }

    /// Seconds that a day may take.
    public var seconds: Double

    private static let day = 86_400.0

    /// A budget of so many seconds a day.
    public init(seconds: Double) { self.seconds = seconds }

    /// When a retrain that is expected to take so many seconds may run, after those that were asked for.
    public func answer(expected: Double, after spent: [Spent]) -> Answer {
        guard seconds > 0, expected <= seconds else { return .never }
        let counted = spent.filter { $0.ago < RetrainBudget.day }.sorted { $0.ago > $1.ago }
        var sum = counted.reduce(0) { $0 + $1.seconds }
        if sum + expected <= seconds { return .now }
        // The oldest are the first that no longer count.
        for one in counted {
            sum -= one.seconds
            if sum + expected <= seconds { return .later(RetrainBudget.day - one.ago) }
        }
        return .never
    }
}
