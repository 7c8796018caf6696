internal import Synchronization

/// The numbers one process keeps about itself, and their text for Prometheus.
///
/// A registry of one's own and not a global one, so that a test has its own numbers. Every value of a label makes a
/// line of its own that is kept for ever: labels are kinds, states and outcomes, never names that people make up.
public final class MetricRegistry: Sendable {
    private struct Series {
        var value = 0.0
        /// Observations up to each bound of a histogram, not cumulated; the last is above all bounds.
        var counts: [Int] = []
    }

    private let families = Mutex<[Metric: [[String]: Series]]>([:])

    /// An empty registry; the metrics named are shown from the start, with zero where they have no labels.
    public init(_ metrics: [Metric] = []) {
        families.withLock { families in
            for metric in metrics {
                families[metric] = metric.labels.isEmpty ? [[]: MetricRegistry.empty(metric)] : [:]
            }
        }
    }

    /// Adds to a counter.
    public func add(_ amount: Double = 1, to metric: Metric, _ labels: String...) {
        change(metric, labels) { $0.value += amount }
    }

    /// Sets a gauge.
    public func set(_ metric: Metric, _ labels: String..., to value: Double) {
        change(metric, labels) { $0.value = value }
    }

    /// Makes the lines of a gauge exactly these: what is not among them is gone.
    public func replace(_ metric: Metric, with values: [[String]: Double]) {
        families.withLock { $0[metric] = values.mapValues { Series(value: $0) } }
    }

    /// Adds an observation to a histogram.
    public func observe(_ value: Double, in metric: Metric, _ labels: String...) {
        guard case .histogram(let bounds) = metric.kind else { preconditionFailure("\(metric.name) is no histogram") }
        change(metric, labels) { series in
            series.value += value
            series.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        }
    }

    private static func empty(_ metric: Metric) -> Series {
        guard case .histogram(let bounds) = metric.kind else { return Series() }
        return Series(counts: Array(repeating: 0, count: bounds.count + 1))
    }

    private func change(_ metric: Metric, _ labels: [String], _ body: (inout Series) -> Void) {
        precondition(labels.count == metric.labels.count, "\(metric.name) has labels \(metric.labels)")
        families.withLock { families in
            body(&families[metric, default: [:]][labels, default: MetricRegistry.empty(metric)])
        }
    }

    /// Everything in Prometheus' text format, version 0.0.4, always in the same order.
    public func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (metric, lines) in families.sorted(by: { $0.key.name < $1.key.name }) {
            text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.name)\n"
            for (values, series) in lines.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let labels = Array(zip(metric.labels, values))
                guard case .histogram(let bounds) = metric.kind else {
                    text += line(metric.name, labels, series.value)
                    continue
                }
                var count = 0
                for (bound, observed) in zip(bounds.map(number) + ["+Inf"], series.counts) {
                    count += observed
                    text += line(metric.name + "_bucket", labels + [("le", bound)], Double(count))
                }
                text += line(metric.name + "_sum", labels, series.value)
                text += line(metric.name + "_count", labels, Double(count))
            }
        }
        return text
    }

    private func line(_ name: String, _ labels: [(String, String)], _ value: Double) -> String {
        let shown = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        return "\(name)\(shown.isEmpty ? "" : "{\(shown)}") \(number(value))\n"
    }

    private func number(_ value: Double) -> String {
        value.isNaN
            ? "NaN"
            : value.isInfinite
                ? (value < 0 ? "-Inf" : "+Inf")
                : value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
