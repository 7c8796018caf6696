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
    /// The line through the values around each time.
    private let trends: LaneBuffer
    private let adjusted: LaneBuffer
    private let counts: LaneBuffer
    /// The season of each phase, after `estimate`.
    let seasons: LaneBuffer
    private static let rounds = 5

    init(_ form: ETSForm, season: Int, capacity: Int) {
        self.form = form
        self.season = season
        trends = LaneBuffer(count: form.season == .none ? 0 : capacity)
        adjusted = LaneBuffer(count: capacity)
        counts = LaneBuffer(count: season)
        seasons = LaneBuffer(count: season)
    }

    /// Estimates the state before the first value of each lane; the seasons go to `seasons`.
    func estimate(_ series: borrowing LaneSeries) -> (level: Lanes, trend: Lanes) {
        let neutral = Lanes(repeating: form.season == .multiplicative ? 1 : 0)
        seasons.fill(0..<season, with: neutral)
        if form.season != .none {
            for _ in 0..<LaneInitialState.rounds {
                smooth(series)
                average(series)
            }
        }
        return line(series)
    }

    /// Fills `adjusted` with the first `length` values less the seasons so far, or over them.
    private func adjust(_ series: borrowing LaneSeries, length: Int) {
        var phase = 0
        for time in 0..<length {
            let value = series.values[time]
            switch form.season {
            case .none: adjusted[time] = value
            case .additive: adjusted[time] = value - seasons[phase]
            case .multiplicative: adjusted[time] = value / seasons[phase]
            }
            phase += 1
            if phase == season { phase = 0 }
        }
    }

    /// The trend at every time, from the values adjusted by the seasons so far.
    private func smooth(_ series: borrowing LaneSeries) {
        let length = series.length
        let half = season / 2
        adjust(series, length: length)
        var line = LaneLine()
        for time in 0..<min(half, length) { line.add(adjusted[time], at: time) }
        for time in 0..<length {
            let entering = time + half
            if entering < length { line.add(adjusted[entering], at: entering) }
            let leaving = time - half - 1
            if leaving >= 0 { line.remove(adjusted[leaving], at: leaving) }
            trends[time] = line.value(at: Double(time))
        }
    }

    /// The seasons around the trend.
    private func average(_ series: borrowing LaneSeries) {
        let multiplicative = form.season == .multiplicative
        seasons.fill(0..<season)
        counts.fill(0..<season)
        var phase = 0
        for time in 0..<series.length {
            let value = series.values[time]
            let trend = trends[time]
            let usable = multiplicative ? (value .== value) .& (trend .> 0) : value .== value
            seasons[phase] += (multiplicative ? value / trend : value - trend).kept(where: usable)
            counts[phase] += Lanes(repeating: 1).kept(where: usable)
            phase += 1
            if phase == season { phase = 0 }
        }
        let neutral = Lanes(repeating: multiplicative ? 1 : 0)
        var mean = Lanes()
        for phase in 0..<season {
            let effect = neutral.replacing(with: seasons[phase] / counts[phase], where: counts[phase] .> 0)
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
        // Up to each lane's own end: a lane may be longer than its neighbours, and its padding is missing.
        let window = min(series.length, max(10, 2 * season))
        adjust(series, length: window)
        for time in 0..<window { line.add(adjusted[time], at: time) }
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
    @inline(__always) var slope: Lanes {
        let spread = squares - times * times / number
        let slope = (products - times * sum / number) / spread
        return slope.kept(where: spread .> 1e-6)
    }

    /// The line at a time; NaN through no points.
    @inline(__always) func value(at time: Double) -> Lanes {
        let inverse = 1 / number
        return (sum * inverse).addingProduct(slope, time - times * inverse)
    }
}
