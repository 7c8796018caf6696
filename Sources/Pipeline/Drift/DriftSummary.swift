internal import Foundation
internal import Monitoring
internal import TimeSeries

/// An incident in a sentence.
enum DriftSummary {
    /// What changed, where, since when and how sure that is; `nil` where nothing is named.
    static func sentence(_ series: [Drift<SeriesKey>], _ totals: [Drift<TotalKey>]) -> String? {
        let ofSeries = sentence(series, called: "series") { key in
            "\(key.item)\(key.site.map { " at \($0)" } ?? "")"
        }
        let ofTotals = sentence(totals, called: "totals") { "\($0)" }
        guard let ofSeries else {
            return ofTotals.map { "No single series stands out, but \($0)" }
        }
        return ofTotals.map { "\(ofSeries) Of sites, categories and the whole, \($0)" } ?? ofSeries
    }

    private static func sentence<Key>(_ watched: [Drift<Key>], called: String, _ name: (Key) -> String) -> String? {
        let named = watched.filter { $0.standing == .drifting }
        guard let strongest = named.max(by: { evidence($0) < evidence($1) }), let finding = strongest.finding else {
            return nil
        }
        var metrics: [String: Int] = [:]
        for one in named { if let metric = one.finding?.detector.name { metrics[metric, default: 0] += 1 } }
        let counted = metrics.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
        let since = Bucket(frequency: strongest.through.frequency, ordinal: finding.since)
        return
            "\(named.count) of \(watched.count) \(called) changed (\(counted.joined(separator: ", "))); most surely \(name(strongest.key)), \(finding.detector.name)\(finding.isForecast ? " in forecast errors" : "") since \(since), such as comes once in \(years(finding)) years of one that does not change."
    }

    private static func evidence<Key>(_ one: Drift<Key>) -> Double { one.finding?.evidence ?? -.infinity }

    private static func years(_ finding: SeriesMonitor.Finding) -> String {
        let years = exp(min(finding.evidence, 13.8))
        return years >= 1e6 * 0.98
            ? "a million" : years >= 10 ? "\(Int(years.rounded()))" : "\((years * 10).rounded() / 10)"
    }
}
