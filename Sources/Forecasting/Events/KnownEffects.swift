/// The effects of holidays and events on one series, with their sizes.
///
/// A bucket's demand is its baseline times a factor of 0 or more: one plus the effects that touch it, times the share of
/// the bucket in which anything can be ordered.
struct KnownEffects: Sendable {
    private let design: EffectDesign
    private let effects: [Double]

    /// Effects of these sizes, one per column of the design.
    init(_ design: EffectDesign, effects: [Double]) {
        self.design = design
        self.effects = effects
    }

    /// The factor of each of `range`, as a forecast sees it that is made when `day` is the last day known; `nil` for all
    /// that was ever known. Ones where nothing touches.
    func factors(_ range: Range<Int>, knownOn day: Int?) -> [Double] {
        var result = [Double](repeating: 1, count: range.count)
        for row in design.rows(in: range) {
            result[row.time - range.lowerBound] = design.factor(row, effects: effects, knownOn: day)
        }
        return result
    }

    /// What holidays and what events add to one at each of `range`, by component; they add up to the factor less one.
    func shares(_ range: Range<Int>) -> [(component: String, values: [Double])] {
        var holiday = [Double](repeating: 0, count: range.count)
        var event = holiday
        for row in design.rows(in: range) {
            var sums = (holiday: 0.0, event: 0.0)
            for entry in row.entries {
                let amount = entry.amount * effects[entry.column]
                if design.keys[entry.column].component == "holiday" {
                    sums.holiday += amount
                } else {
                    sums.event += amount
                }
            }
            let factor = design.factor(row, effects: effects, knownOn: nil)
            // Held at 0 and closures: what is cut off counts to the events where there are any, else to the holidays.
            let rest = factor - 1 - sums.holiday - sums.event
            if sums.event != 0 || !row.closures.isEmpty { sums.event += rest } else { sums.holiday += rest }
            holiday[row.time - range.lowerBound] = sums.holiday
            event[row.time - range.lowerBound] = sums.event
        }
        return [("holiday", holiday), ("event", event)]
    }

    /// The values with the effects taken out: NaN where so little is left that it tells nothing of the rest.
    func removed(from values: [Double]) -> [Double] {
        design.withoutEffects(values, count: values.count, effects: effects)
    }
}

extension EffectDesign {
    /// The touched buckets in a range of places.
    func rows(in range: Range<Int>) -> ArraySlice<Row> {
        let first = firstIndex(range.lowerBound)
        return rows[first..<max(first, firstIndex(range.upperBound))]
    }

    private func firstIndex(_ time: Int) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// One plus the effects of a bucket, times the share of it that is open; 0 or more.
    ///
    /// - Parameter day: the last day known to who looks; an event known only later has no effect.
    func factor(_ row: Row, effects: [Double], knownOn day: Int?) -> Double {
        // Who forecasts after a day has ended has read the next morning's news.
        let known = day.map { $0 + 1 } ?? .max
        var sum = 1.0
        for entry in row.entries where entry.knownFrom <= known { sum += entry.amount * effects[entry.column] }
        var open = 1.0
        for closure in row.closures where closure.knownFrom <= known { open -= closure.share }
        return max(sum, 0) * max(open, 0)
    }

    /// The first `count` values over their factors; NaN where the factor is below a half.
    func withoutEffects(_ values: [Double], count: Int, effects: [Double]) -> [Double] {
        var result = Array(values[0..<count])
        for row in rows where row.time < count {
            let factor = factor(row, effects: effects, knownOn: nil)
            result[row.time] = factor >= 0.5 ? result[row.time] / factor : .nan
        }
        return result
    }
}
