public import TimeSeries

/// Turns one grain's dated demand and stock into a series of consecutive buckets.
///
/// The rules, in order: zeros run from the item's introduction (else its first demand) to the cut-off, not to the last
/// sale, and from no earlier than the site's first order of anything, before which nothing is known; an item that was
/// discontinued by the cut-off has no series, since there is nothing left to forecast; a bucket in which the item was
/// out of stock on most of the days counted, or for most of its time where movements tell, is missing, not zero, unless
/// it was so all along and was ordered all the same; where it was out for less of it, demand is scaled up to the whole
/// bucket; a last bucket that has not arrived completely is dropped, and where that is so of one site only, missing.
public struct SeriesBuilder: Sendable {
    /// How long a bucket is.
    public var frequency: Frequency
    /// The last local day whose demand has arrived completely.
    public var dataThrough: CivilDate
    /// Sites whose demand has arrived only through an earlier day.
    public var lateSites: [String: CivilDate]
    /// Buckets to keep at most, the latest ones; `nil` means all.
    public var historyLimit: Int?
    /// What is known to move demand.
    public var events: EventBook

    /// A builder for one portfolio.
    public init(
        frequency: Frequency, dataThrough: CivilDate, lateSites: [String: CivilDate] = [:], historyLimit: Int? = nil,
        events: EventBook = EventBook([])
    ) {
        self.frequency = frequency
        self.dataThrough = dataThrough
        self.lateSites = lateSites
        self.historyLimit = historyLimit
        self.events = events
    }

    /// The last bucket that has arrived completely: the one that holds `dataThrough` if that is its last day, else the
    /// one before.
    public var lastCompleteBucket: Bucket {
        let holding = Bucket(frequency: frequency, containing: dataThrough, hour: 23)
        return holding.advanced(by: 1).firstDay.daysSinceEpoch == dataThrough.daysSinceEpoch + 1
            ? holding : holding.advanced(by: -1)
    }

    /// The series of a grain, or `nil` where it has no demand and no introduction up to the cut-off, or could last be
    /// ordered by then. One that is introduced later and is like another has a series without a value.
    public func build(_ history: DemandHistory) -> BuiltSeries? {
        let cutOff = lastCompleteBucket
        if let discontinued = history.discontinued, discontinued <= dataThrough { return nil }
        var first: Bucket?
        if let instant = history.instants.first { first = bucket(at: instant) }
        if let introduced = history.introduced {
            let known = max(introduced, history.opened ?? introduced)
            let bucket = Bucket(frequency: frequency, containing: known)
            first = min(first ?? bucket, bucket)
        }
        guard var start = first else { return nil }
        if start > cutOff {
            // Nothing to learn from, unless it is like something.
            guard history.isLike, history.instants.isEmpty else { return nil }
            let next = cutOff.advanced(by: 1)
            return BuiltSeries(
                series: DemandSeries(
                    key: history.key, start: next, values: [], events: events.events(of: history.key)),
                raw: [], adjustments: [], category: history.category, bucketsBefore: start.ordinal - next.ordinal)
        }
        if let historyLimit { start = max(start, cutOff.advanced(by: 1 - historyLimit)) }
        let count = cutOff.ordinal - start.ordinal + 1

        var raw = [Double](repeating: 0, count: count)
        for (instant, quantity) in zip(history.instants, history.quantities) {
            let place = bucket(at: instant).ordinal - start.ordinal
            if place >= 0 && place < count { raw[place] += quantity }
        }
        var adjusted = raw
        var adjustments = [BuiltSeries.Adjustment](repeating: .none, count: count)
        let shares =
            inStockShare(history, start: start, count: count)
            + shareBesidesOutages(history, start: start, count: count)
        // Where orders come in while there is nothing, nothing is lost when it runs out.
        let losesDemand = !shares.contains { $0.share == 0 && raw[$0.place] > 0 }
        let isWhole = raw.allSatisfy { $0 == $0.rounded() }
        for (place, share, isMeasured) in shares where share < 1 {
            if share >= SeriesBuilder.smallestShare {
                guard losesDemand, isMeasured, raw[place] > 0 else { continue }
                let whole = raw[place] / share
                adjusted[place] = isWhole ? whole.rounded() : whole
                adjustments[place] = .partlyOut
                continue
            }
            // Demand that was ordered although nothing was on the shelf is demand all the same.
            if share == 0 && raw[place] > 0 { continue }
            adjusted[place] = .nan
            adjustments[place] = .outOfStock
        }
        if let site = history.key.site, let arrived = lateSites[site] {
            for place in (0..<count).reversed() {
                guard start.advanced(by: place).lastDay > arrived else { break }
                adjusted[place] = .nan
                adjustments[place] = .immature
            }
        }
        return BuiltSeries(
            series: DemandSeries(
                key: history.key, start: start, values: adjusted, events: events.events(of: history.key)),
            raw: raw, adjustments: adjustments, category: history.category)
    }

    /// The share of a bucket in which something was on the shelf, and whether that is measured closely enough to tell what
    /// was missed in the rest.
    private typealias InStock = (place: Int, share: Double, isMeasured: Bool)

    /// Where there was something on the shelf for less of a bucket, its demand is missing.
    private static let smallestShare = 0.5

    /// Per bucket in which nothing was on the shelf for a time, the share of it in which something was.
    private func shareBesidesOutages(_ history: DemandHistory, start: Bucket, count: Int) -> [InStock] {
        var shares: [InStock] = []
        for outage in history.outages {
            var bucket = bucket(atDay: outage.lowerBound)
            while time(of: bucket) < outage.upperBound, bucket.ordinal - start.ordinal < count {
                let (begin, end) = (time(of: bucket), time(of: bucket.advanced(by: 1)))
                let out = (min(outage.upperBound, end) - max(outage.lowerBound, begin)) / (end - begin)
                let place = bucket.ordinal - start.ordinal
                if shares.last?.place == place {
                    shares[shares.count - 1].share -= out
                } else if place >= 0 {
                    shares.append((place, 1 - out, true))
                }
                bucket = bucket.advanced(by: 1)
            }
        }
        // Days as fractions leave something of nothing, and make half an hour less than half of one.
        return shares.map { ($0.place, ($0.share * 1e6).rounded() / 1e6, true) }
    }

    /// The local start of a bucket, in days since 1970-01-01.
    private func time(of bucket: Bucket) -> Double {
        frequency == .hourly ? Double(bucket.ordinal) / 24 : Double(bucket.firstDay.daysSinceEpoch)
    }

    private func bucket(atDay day: Double) -> Bucket {
        if frequency == .hourly { return Bucket(frequency: .hourly, ordinal: Int((day * 24).rounded(.down))) }
        return Bucket(frequency: frequency, containing: CivilDate(daysSinceEpoch: Int(day.rounded(.down))))
    }

    private func bucket(at instant: Int) -> Bucket {
        if frequency == .hourly { return Bucket(frequency: .hourly, ordinal: instant) }
        return Bucket(frequency: frequency, containing: CivilDate(daysSinceEpoch: instant))
    }

    /// Per bucket with stock counts, the share of counted days on which anything was on the shelf.
    private func inStockShare(_ history: DemandHistory, start: Bucket, count: Int) -> [InStock] {
        var shares: [InStock] = []
        var index = 0
        while index < history.stockDays.count {
            let place =
                Bucket(
                    frequency: frequency, containing: CivilDate(daysSinceEpoch: history.stockDays[index])
                ).ordinal - start.ordinal
            var counted = 0
            var inStock = 0
            while index < history.stockDays.count,
                Bucket(frequency: frequency, containing: CivilDate(daysSinceEpoch: history.stockDays[index])).ordinal
                    - start.ordinal == place
            {
                counted += 1
                if history.stock[index] > 0 { inStock += 1 }
                index += 1
            }
            guard place >= 0, place < count else { continue }
            // A daily count says nothing of single hours, so hourly demand is left as it came.
            guard frequency != .hourly else { continue }
            let bucket = start.advanced(by: place)
            let days = bucket.lastDay.daysSinceEpoch - bucket.firstDay.daysSinceEpoch + 1
            // Two counts in a month say whether there was stock, and not for how much of it.
            shares.append((place, Double(inStock) / Double(counted), 2 * counted >= days))
        }
        return shares
    }
}
