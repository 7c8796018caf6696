/// What is measured, in the words of Prometheus.
public struct Metric: Sendable, Hashable {
    /// How its values behave.
    public enum Kind: Sendable, Hashable {
        /// Only grows, from zero at the start of the process.
        case counter
        /// Goes up and down.
        case gauge
        /// Observations, counted up to each of these bounds, which ascend.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// Its name, with its unit; a counter's ends in `_total`.
    public let name: String
    /// One sentence.
    public let help: String
    /// How its values behave.
    public let kind: Kind
    /// Names of its labels.
    public let labels: [String]

    /// A metric.
    public init(_ name: String, _ kind: Kind, _ labels: [String] = [], help: String) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
    }
}
