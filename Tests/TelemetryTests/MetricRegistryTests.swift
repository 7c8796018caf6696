import Telemetry
import Testing

/// The text is that of https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format".
@Suite struct MetricRegistryTests {
    private let fired = Metric("fired_total", .counter, help: "Ticks.")
    private let depth = Metric("depth", .gauge, ["state"], help: "Runs.")
    private let took = Metric("took_seconds", .histogram([0.5, 2]), ["kind"], help: "Time.")

    @Test func aCounterIsThereBeforeItCounts() {
        let registry = MetricRegistry([fired, depth])
        #expect(
            registry.text() == """
                # HELP depth Runs.
                # TYPE depth gauge
                # HELP fired_total Ticks.
                # TYPE fired_total counter
                fired_total 0

                """)
        registry.add(to: fired)
        registry.add(2.5, to: fired)
        #expect(registry.text().contains("\nfired_total 3.5\n"))
    }

    @Test func aHistogramCumulatesUpToItsBounds() {
        let registry = MetricRegistry()
        // A value on a bound belongs to it: "le" means less or equal.
        for seconds in [0.1, 0.5, 1, 3] { registry.observe(seconds, in: took, "retrain") }
        #expect(
            registry.text() == """
                # HELP took_seconds Time.
                # TYPE took_seconds histogram
                took_seconds_bucket{kind="retrain",le="0.5"} 2
                took_seconds_bucket{kind="retrain",le="2"} 3
                took_seconds_bucket{kind="retrain",le="+Inf"} 4
                took_seconds_sum{kind="retrain"} 4.6
                took_seconds_count{kind="retrain"} 4

                """)
    }

    @Test func whatIsReplacedIsGoneAndLabelsAreEscaped() {
        let registry = MetricRegistry()
        registry.set(depth, "available", to: 3)
        registry.replace(depth, with: [["a \"b\" \\ \n"]: 1])
        #expect(registry.text().contains("depth{state=\"a \\\"b\\\" \\\\ \\n\"} 1\n"))
        #expect(!registry.text().contains("available"))
    }
}
