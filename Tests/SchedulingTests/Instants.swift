import Foundation
import Scheduling
import Testing

/// Seconds since 1970 of an instant such as `2026-03-29T01:00:00Z`.
func instant(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> Int {
    let date = try #require(try? Date(text, strategy: .iso8601), "\(text)", sourceLocation: location)
    return Int(date.timeIntervalSince1970)
}

/// An instant as ``instant(_:_:)`` reads it.
func text(_ instant: Int) -> String {
    Date(timeIntervalSince1970: Double(instant)).formatted(.iso8601)
}

/// The schedule of an expression in a zone.
func schedule(
    _ cron: String, _ zone: String = "UTC", gap: Schedule.Gap = .firstAfter, fold: Schedule.Fold = .first
) throws -> Schedule {
    try #require(Schedule(cron: try CronExpression(cron), zoneName: zone, gap: gap, fold: fold), "\(zone)")
}

extension Schedule {
    /// The next few instants.
    func ticks(after start: String, _ count: Int) throws -> [String] {
        var time = try instant(start)
        var found: [String] = []
        while found.count < count, let next = next(after: time) {
            found.append(text(next))
            time = next
        }
        return found
    }
}

/// The next few instants of an expression in a zone.
func ticks(_ cron: String, _ zone: String, after start: String, _ count: Int) throws -> [String] {
    try schedule(cron, zone).ticks(after: start, count)
}
