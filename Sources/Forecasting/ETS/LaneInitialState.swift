/// The starting states of eight series: seasons, then level and trend.
///
/// Seasons and a local trend are estimated in turns (backfitting, Hastie and Tibshirani 1990, section 4.4): the trend at a
/// time is a line through the seasonally adjusted values of the cycle around it, or what of it lies inside the history;
/// the season of a phase is the mean of the values less the trend, or over it. Unlike a centred moving average this loses
/// no value at the ends, so that two cycles suffice. Level and trend are an ordinary regression on the first
/// max(10, 2m) seasonally adjusted values (Hyndman et al. 2008, section 2.6.1).
struct LaneInitialState: ~Copyable {
    private let form: ETSForm
    private let season: Int
    /// The season of each phase, after `estimate`.
    let seasons: LaneBuffer
    /// The sum and the number of what the next seasons are the mean of.
    private let sums: LaneBuffer
    private let counts: LaneBuffer
    /// After five turns the seasons of two or three cycles hardly move any more.
    private static let rounds = 5

    init(_ form: ETSForm, season: Int) {
        self.form = form
        self.season = season
        seasons = LaneBuffer(count: season)
        sums = LaneBuffer(count: season)
        counts = LaneBuffer(count: season)
    }

    /// Estimates the state before the first value of each lane; the seasons go to `seasons`.
    func estimate(_ series: borrowing LaneSeries) -> (level: Lanes, trend: Lanes) {
        setFlatSeasons()
        for _ in 0..<(form.season == .none ? 0 : LaneInitialState.rounds) {
            if form.season == .multiplicative {
                sumAroundTrend(series, multiplicative: true)
            } else {
                sumAroundTrend(series, multiplicative: false)
            }
            average()
        }
        return line(series)
    }

    /// A state that any positive history allows: its mean, no trend, no season.
    func flat(_ series: borrowing LaneSeries) -> Lanes {
        setFlatSeasons()
        var line = LaneLine()
        for time in 0..<series.length { line.add(series.values[time], at: time) }
        return line.sum / line.number
    }

    private func setFlatSeasons() {
        seasons.fill(0..<season, with: Lanes(repeating: form.season == .multiplicative ? 1 : 0))
    }

    /// Sums each phase's values less the trend, or over it; the trend is that of the values adjusted by the seasons so far.
    @inline(__always)
    private func sumAroundTrend(_ series: borrowing LaneSeries, multiplicative: Bool) {
        let values = series.values.view
        let effects = seasons.view
        let length = series.length
        let half = season / 2
        sums.fill(0..<season)
        counts.fill(0..<season)
        var line = LaneLine()
        var entering = Cursor(time: 0, phase: 0)
        var leaving = Cursor(time: -half - 1, phase: 0)
        var phase = 0
        func adjusted(_ cursor: Cursor) -> Lanes {
            multiplicative
                ? values[cursor.time] / effects[cursor.phase] : values[cursor.time] - effects[cursor.phase]
        }
        while entering.time < min(half, length) {
            line.add(adjusted(entering), at: entering.time)
            entering.advance(season)
        }
        for time in 0..<length {
            if entering.time < length {
                line.add(adjusted(entering), at: entering.time)
                entering.advance(season)
            }
            if leaving.time >= 0 {
                line.remove(adjusted(leaving), at: leaving.time)
                leaving.advance(season)
            } else {
                leaving.time += 1
            }
            let value = values[time]
            let trend = line.value(at: Double(time))
            let usable = multiplicative ? (value .== value) .& (trend .> 0) : value .== value
            sums[phase] += (multiplicative ? value / trend : value - trend).kept(where: usable)
            counts[phase] += Lanes(repeating: 1).kept(where: usable)
            phase += 1
            if phase == season { phase = 0 }
        }
    }

    /// A time and its place in the cycle.
    private struct Cursor {
        var time: Int
        var phase: Int

        @inline(__always) mutating func advance(_ season: Int) {
            time += 1
            phase += 1
            if phase == season { phase = 0 }
        }
    }

    /// The seasons as means of what was summed, with a sum of 0 or of m; one never seen has no effect.
    private func average() {
        let multiplicative = form.season == .multiplicative
        let neutral = Lanes(repeating: multiplicative ? 1 : 0)
        var mean = Lanes()
        for phase in 0..<season {
            let effect = neutral.replacing(with: sums[phase] / counts[phase], where: counts[phase] .> 0)
            seasons[phase] = effect
            mean += effect
        }
        mean /= Double(season)
        for phase in 0..<season {
            if multiplicative {
                let effect = pointwiseMax(seasons[phase] / mean, Lanes(repeating: 1e-3))
                seasons[phase] = neutral.replacing(with: effect, where: mean .> 0)
            } else {
                seasons[phase] -= mean
            }
        }
    }

    /// Level and trend before the first value.
    private func line(_ series: borrowing LaneSeries) -> (level: Lanes, trend: Lanes) {
        var line = LaneLine()
        var phase = 0
        for time in 0..<min(series.length, max(10, 2 * season)) {
            let value = series.values[time]
            line.add(form.season == .multiplicative ? value / seasons[phase] : value - seasons[phase], at: time)
            phase += 1
            if phase == season { phase = 0 }
        }
        // A lane whose first values are all missing starts at its first value.
        let empty = .!(line.number .> 0)
        var mean = line.sum / line.number
        if empty.any { mean.replace(with: series.firstValues, where: empty) }
        guard form.trend != .none else { return (mean, Lanes()) }
        var slope = line.slope.kept(where: (line.number .>= 3) .& .!empty)
        var level = line.sum / line.number - slope * (line.times / line.number + 1)
        level.replace(with: mean, where: empty .| (slope .== 0))
        if form.needsPositive {
            let failed = .!(level .> 0)
            level.replace(with: mean, where: failed)
            slope.replace(with: 0, where: failed)
        }
        return (level, slope)
    }
}

/// A least-squares line through values that come and go; missing ones count nothing.
private struct LaneLine {
    private(set) var number = Lanes()
    private(set) var times = Lanes()
    private(set) var sum = Lanes()
    private var squares = Lanes()
    private var products = Lanes()

    @inline(__always) mutating func add(_ value: Lanes, at time: Int) { change(value, Double(time), 1) }
    @inline(__always) mutating func remove(_ value: Lanes, at time: Int) { change(value, Double(time), -1) }

    @inline(__always) private mutating func change(_ value: Lanes, _ time: Double, _ sign: Double) {
        let observed = value .== value
        let known = Lanes(repeating: sign).kept(where: observed)
        let taken = (sign * value).kept(where: observed)
        number += known
        times.addProduct(known, Lanes(repeating: time))
        squares.addProduct(known, Lanes(repeating: time * time))
        sum += taken
        products.addProduct(taken, Lanes(repeating: time))
    }

    /// The slope; 0 through fewer than two points.
    @inline(__always) var slope: Lanes { slope(inverse: 1 / number) }

    @inline(__always) private func slope(inverse: Lanes) -> Lanes {
        let middle = times * inverse
        let spread = squares - times * middle
        let slope = (products - middle * sum) / spread
        return slope.kept(where: spread .> 1e-6)
    }

    /// The line at a time; NaN through no points.
    @inline(__always) func value(at time: Double) -> Lanes {
        let inverse = 1 / number
        return (sum * inverse).addingProduct(slope(inverse: inverse), time - times * inverse)
    }
}
