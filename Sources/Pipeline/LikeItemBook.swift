internal import Forecasting
public import TimeSeries

/// The history of an item that a new one is like.
public struct LikeItemHistory: Sendable {
    /// The new item.
    public var item: String
    /// How much the new item is expected to sell for each base unit of the other.
    public var factor: Double
    /// The other's history, at one of the places where it sold; a new item is like it at the same place.
    public var history: DemandHistory

    /// A history.
    public init(item: String, factor: Double, history: DemandHistory) {
        self.item = item
        self.factor = factor
        self.history = history
    }
}

/// A series that another is forecast by, as built.
public struct LikeSeries: Sendable {
    /// The series, in the like item's own units.
    public var series: DemandSeries
    /// SHA-256 of its content.
    public var contentHash: String
    /// How much is expected to be sold for each unit of it.
    public var factor: Double

    /// A series to go by.
    public init(series: DemandSeries, contentHash: String, factor: Double) {
        self.series = series
        self.contentHash = contentHash
        self.factor = factor
    }

    /// The series at the height that is expected.
    var scaled: DemandSeries {
        var scaled = series
        if factor != 1 { for place in scaled.values.indices { scaled.values[place] *= factor } }
        return scaled
    }
}

/// What the new series of a portfolio are like.
struct LikeItemBook: Sendable {
    private var series: [SeriesKey: [LikeSeries]] = [:]

    /// A book of histories, in an order that is always the same.
    init(_ histories: [LikeItemHistory], builder: SeriesBuilder) {
        var built: [SeriesKey: (series: DemandSeries, hash: String)] = [:]
        for one in histories {
            if built[one.history.key] == nil {
                var history = one.history
                // What is no longer sold has nothing to be forecast, and a history all the same.
                history.discontinued = nil
                history.isLike = false
                built[one.history.key] = builder.build(history).map { ($0.series, $0.contentHash) }
            }
            guard let like = built[one.history.key] else { continue }
            var key = one.history.key
            key.item = one.item
            series[key, default: []].append(
                LikeSeries(series: like.series, contentHash: like.hash, factor: one.factor))
        }
    }

    /// What a series is like; empty for one that is like none.
    subscript(key: SeriesKey) -> [LikeSeries] { series[key] ?? [] }

    var isEmpty: Bool { series.isEmpty }
}

extension LikeHistories {
    /// What a series is forecast by.
    init(_ like: [LikeSeries], stepsBefore: Int) {
        self.init(like.map(\.scaled), stepsBefore: stepsBefore)
    }
}
