internal import Foundation
internal import Monitoring
internal import TimeSeries

/// An incident in a sentence.
enum DriftSummary {
    /// What changed, where, since when and how sure that is; `nil` where no series is named.
    static func sentence(_ series: [SeriesDrift]) -> String? {
        let named = series.filter { $0.standing == .drifting }
        guard let strongest = named.max(by: { evidence($0) < evidence($1) }), let finding = strongest.finding else {
            return nil
        }
        var metrics: [String: Int] = [:]
        for one in named { if let metric = one.finding?.detector.name { metrics[metric, default: 0] += 1 } }
        let counted = metrics.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
        let site = strongest.key.site.map { " at \($0)" } ?? ""
        let since = Bucket(frequency: strongest.through.frequency, ordinal: finding.since)
        return
            "\(named.count) of \(series.count) series changed (\(counted.joined(separator: ", "))); most surely \(strongest.key.item)\(site), \(finding.detector.name)\(finding.isForecast ? " in forecast errors" : "") since \(since), such as comes once in \(years(finding)) years of a series that does not change."
    }

    private static func evidence(_ series: SeriesDrift) -> Double { series.finding?.evidence ?? -.infinity }

    private static func years(_ finding: SeriesMonitor.Finding) -> String {
        let years = exp(min(finding.evidence, 13.8))
        return years >= 1e6 * 0.98
            ? "a million" : years >= 10 ? "\(Int(years.rounded()))" : "\((years * 10).rounded() / 10)"
    }
}
