package import Monitoring
package import TimeSeries

/// Demand of a portfolio's totals, like for like: as a percentage of what is usual for the series whose demand is known.
///
/// x = 100 · Σ y / Σ w over the series whose demand y is known in a bucket, the weight w of a series being its mean
/// demand per known bucket of the reference. Items come and go, are out of stock or promoted: a plain sum would take all
/// that for a change of demand. Where the series known have less than half the weight of those of the last bucket, the
/// index is not known.
package struct DemandIndex: Sendable {
    /// One total's index.
    package struct Total: Sendable {
        /// The first bucket in which it is known.
        package var start: Bucket
        /// What is known of each bucket from there on, in percent.
        package var observations: [Observation]
        /// Usual demand, in base units, of all the series there are in each of these buckets.
        package var usual: [Double]

        /// What a forecast of the total makes the index of a bucket; `nil` where there is nothing to hold it against.
        package func prediction(_ forecast: Prediction, of bucket: Bucket) -> Prediction? {
            let place = bucket.ordinal - start.ordinal
            guard usual.indices.contains(place), usual[place] > 0 else { return nil }
            let scale = 100 / usual[place]
            return Prediction(
                mean: scale * forecast.mean, lower: scale * forecast.interval.lowerBound,
                upper: scale * forecast.interval.upperBound)
        }
    }

    private struct Sum: Sendable {
        var series = 0
        var demand: [Double]
        /// Weights of all series that there are in a bucket, of those known, and of those that are not to be judged.
        var all: [Double]
        var known: [Double]
        var masked: [Double]

        init(_ count: Int) {
            demand = [Double](repeating: 0, count: count)
            (all, known, masked) = (demand, demand, demand)
        }

        /// Makes room for `count` buckets before the first.
        mutating func extend(by count: Int) {
            let room = [Double](repeating: 0, count: count)
            demand = room + demand
            all = room + all
            known = room + known
            masked = room + masked
        }
    }

    private static let smallestShare = 0.5

    private let last: Bucket
    private let weighedThrough: Bucket
    private var sums: [TotalKey: Sum] = [:]

    /// Totals up to a bucket, with weights by what was demanded up to an earlier one; a series that begins later is weighed
    /// by all there is of it.
    package init(through last: Bucket, weighedThrough: Bucket) {
        self.last = last
        self.weighedThrough = weighedThrough
    }

    /// Adds a series, with what monitors are told of each of its buckets from `start` on, to every total it is part of.
    ///
    /// One without demand has no weight, and adds nothing.
    package mutating func add(
        _ series: SeriesKey, category: String?, start: Bucket, _ observations: [Observation]
    ) {
        let weight = weight(start, observations)
        let age = last.ordinal - start.ordinal
        guard weight > 0, age >= 0 else { return }
        for key in TotalKey.all(of: series, category: category) {
            // Taken out, so that it is changed in place.
            var sum = sums.removeValue(forKey: key) ?? Sum(age + 1)
            if sum.demand.count <= age { sum.extend(by: age + 1 - sum.demand.count) }
            let first = sum.demand.count - 1 - age
            sum.series += 1
            for (place, observation) in observations.enumerated() where first + place < sum.demand.count {
                sum.all[first + place] += weight
                switch observation {
                case .known(let value):
                    sum.demand[first + place] += value
                    sum.known[first + place] += weight
                case .masked: sum.masked[first + place] += weight
                case .missing: break
                }
            }
            sums[key] = sum
        }
    }

    private func weight(_ start: Bucket, _ observations: [Observation]) -> Double {
        func mean(_ part: some Sequence<Observation>) -> Double {
            let values = part.map(\.value).filter(\.isFinite)
            return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
        let before = mean(observations.prefix(max(weighedThrough.ordinal - start.ordinal + 1, 0)))
        return before > 0 ? before : mean(observations)
    }

    /// Every total of two series or more, in ascending order, without those that are the same as a larger one: where there
    /// is one site, it is the company, and so on.
    package var totals: [(key: TotalKey, total: Total)] {
        let sites = sums.keys.count { $0.level == .site }
        let categories = sums.keys.count { $0.level == .category }
        let watched = sums.filter { key, sum in
            guard sum.series > 1 else { return false }
            return switch key.level {
            case .company: true
            case .site: sites > 1
            case .category: categories > 1
            case .siteCategory: sites > 1 && categories > 1
            }
        }
        return watched.sorted { $0.key < $1.key }.compactMap { key, sum in total(sum).map { (key, $0) } }
    }

    /// `nil` where nothing is known.
    private func total(_ sum: Sum) -> Total? {
        let needed = DemandIndex.smallestShare * (sum.all.last ?? 0)
        let isKnown = sum.known.map { $0 > 0 && $0 >= needed }
        guard let first = isKnown.firstIndex(of: true) else { return nil }
        let places = first..<sum.known.count
        return Total(
            start: last.advanced(by: 1 + first - sum.known.count),
            observations: places.map { place in
                isKnown[place]
                    ? .known(100 * sum.demand[place] / sum.known[place]) : sum.masked[place] > 0 ? .masked : .missing
            },
            usual: Array(sum.all[places]))
    }
}
