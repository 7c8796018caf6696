internal import ContentHash
public import TimeSeries

/// A series as built from orders and stock: raw and adjusted side by side, with the reason of each adjustment.
public struct BuiltSeries: Sendable {
    /// Why a bucket's adjusted value differs from its raw one.
    public enum Adjustment: UInt8, Sendable {
        /// As it came.
        case none = 0x2e
        /// Nothing on the shelf, so nothing could be ordered: missing demand, not zero demand.
        case outOfStock = 0x53
        /// Nothing on the shelf for at most half of it: what came is taken for as much of the demand as the time in which
        /// there was something is of the bucket.
        case partlyOut = 0x50
        /// The bucket has not arrived completely.
        case immature = 0x49
    }

    /// Demand as the models see it; NaN is missing.
    public var series: DemandSeries
    /// Quantity ordered per bucket, as it came in; same count as `series.values`.
    public var raw: [Double]
    /// The reason of each bucket; same count as `series.values`.
    public var adjustments: [Adjustment]

    /// The item's category, where known.
    public var category: String?
    /// Buckets from the first one after the series to the first in which the item can be ordered; 0 where it can be by then.
    public var bucketsBefore = 0

    /// One letter per bucket: `.` as it came, `S` out of stock, `P` partly, `I` immature.
    public var reasonLetters: String { String(decoding: adjustments.map(\.rawValue), as: UTF8.self) }

    /// SHA-256 of key, first bucket, adjusted values and events, in hexadecimal: equal exactly where the training data is.
    public var contentHash: String {
        var hash = SHA256()
        // Lengths first, so that ("ab", "c") and ("a", "bc") differ.
        for part in [series.key.item, series.key.site, series.key.customer, series.start.frequency.rawValue] {
            // No site is another thing than a site without a name.
            hash.update(Array((part.map { "\($0.utf8.count):\($0)" } ?? "-").utf8))
        }
        hash.update(Array("\(series.start.ordinal)".utf8))
        for value in series.values { hash.update(value) }
        for event in series.events {
            let known = event.knownFrom?.description ?? "-"
            hash.update(
                Array("\(event.kind.rawValue) \(event.firstDay) \(event.lastDay) \(known) \(event.name)\n".utf8))
            hash.update(event.value ?? .nan)
        }
        return hash.finish()
    }
}
