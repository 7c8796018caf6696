/// Fits many forms to many series, eight at a time.
///
/// Requests of one form go together, by length, so that the eight lanes end at about the same time. The result of a
/// request depends on nothing but that request.
package enum ETSBatch {
    /// A form to fit to the start of a history.
    package struct Request: Sendable {
        /// Observations, NaN where missing.
        package var values: [Double]
        /// How many of them to fit.
        package var count: Int
        /// The form.
        var form: ETSForm
        /// Buckets in a season.
        var season: Int
        /// How hard to search.
        var effort: ETSFit.Effort

        package init(values: [Double], count: Int, form: ETSForm, season: Int, effort: ETSFit.Effort) {
            self.values = values
            self.count = count
            self.form = form
            self.season = season
            self.effort = effort
        }
    }

    /// The fit of each request in their order; `nil` where the form cannot describe the values (none observed, or not
    /// all positive where they must be).
    package static func fit(_ requests: [Request]) -> [ETSFit?] {
        var fits = [ETSFit?](repeating: nil, count: requests.count)
        var groups: [Kind: [Int]] = [:]
        for (index, request) in requests.enumerated() where describable(request) {
            groups[Kind(request), default: []].append(index)
        }
        for (kind, members) in groups {
            let sorted = members.sorted { (requests[$0].count, $0) < (requests[$1].count, $1) }
            guard let longest = sorted.last else { continue }
            if kind.isShiftable {
                var group = ETSLaneGroup<ETSShiftedSensitivity>(kind, capacity: requests[longest].count)
                group.fit(sorted, of: requests, into: &fits)
            } else {
                var group = ETSLaneGroup<ETSSensitivity>(kind, capacity: requests[longest].count)
                group.fit(sorted, of: requests, into: &fits)
            }
        }
        return fits
    }

    /// What requests must have in common to be worked on together.
    fileprivate struct Kind: Hashable {
        let layout: ETSLayout
        let effort: ETSFit.Effort
        let largestTrendShare: Double
        /// Whether `ETSShiftedSensitivity` will do.
        let isShiftable: Bool

        init(_ request: Request) {
            isShiftable =
                request.effort.seasonsAreFree(season: request.season) && request.form.error == .additive && request.form.season == .additive
                && request.values[0..<request.count].allSatisfy { $0 == $0 }
            layout = ETSLayout(
                request.form, season: request.season,
                seasonsAreFree: request.effort.seasonsAreFree(season: request.season))
            effort = request.effort
            largestTrendShare = request.effort.largestTrendShare(request.form, season: request.season)
        }
    }

    private static func describable(_ request: Request) -> Bool {
        var observed = false
        for time in 0..<request.count where request.values[time] == request.values[time] {
            if request.form.needsPositive && request.values[time] <= 0 { return false }
            observed = true
        }
        return observed
    }
}

/// Eight fits of one form, and the storage they share with the eight after them.
private struct ETSLaneGroup<Objective: LaneObjective & ~Copyable>: ~Copyable {
    private let layout: ETSLayout
    private let effort: ETSFit.Effort
    private let search: LaneLevenberg<Objective>
    private var series: LaneSeries
    private let initial: LaneInitialState
    private let start: LaneBuffer
    private let trial: LaneBuffer
    private let best: LaneBuffer
    private let seasons: LaneBuffer
    private let trendShares: [Double]
    private let seasonShares: [Double]
    private let dampings: [Double]

    init(_ kind: ETSBatch.Kind, capacity: Int) {
        layout = kind.layout
        effort = kind.effort
        let largestTrendShare = kind.largestTrendShare
        let isFine = effort.polish != nil
        trendShares = layout.trendShare == nil ? [0] : ETSGrid.trendShares(upTo: largestTrendShare)
        seasonShares = layout.seasonShare == nil ? [0] : ETSGrid.seasonShares
        dampings = layout.damping == nil ? [1] : isFine ? ETSGrid.dampings : [ETSGrid.damping]
        search = LaneLevenberg(layout, capacity: capacity, largestTrendShare: largestTrendShare)
        series = LaneSeries(capacity: capacity, season: layout.season)
        initial = LaneInitialState(layout.form, season: layout.season, capacity: capacity)
        start = LaneBuffer(count: layout.unknowns)
        trial = LaneBuffer(count: layout.unknowns)
        best = LaneBuffer(count: layout.unknowns)
        seasons = LaneBuffer(count: layout.season)
    }

    /// Fits the requests at the given places, by ascending count, and puts the results there.
    mutating func fit(_ places: [Int], of requests: [ETSBatch.Request], into fits: inout [ETSFit?]) {
        for start in stride(from: 0, to: places.count, by: Lanes.width) {
            let lanes = places[start..<min(start + Lanes.width, places.count)]
            for (place, fit) in zip(lanes, fit(lanes.map { requests[$0] })) { fits[place] = fit }
        }
    }

    /// Fits up to eight requests.
    private mutating func fit(_ requests: [ETSBatch.Request]) -> [ETSFit?] {
        series.load(requests.map { ($0.values, $0.count) })
        var lowest = searchFromGrid(requests)
        if let polish = effort.polish { lowest = search.minimize(series, point: best, limits: polish) }
        return requests.indices.map { lane in
            guard lowest[lane].isFinite else { return nil }
            return ETSFit(
                layout, point: (0..<layout.unknowns).map { best[$0, lane] }, seasons: (0..<layout.season).map { series.seasons[$0, lane] }, objective: lowest[lane],
                observed: Int(series.observed[lane]))
        }
    }

    /// Searches from an estimated initial state and the best smoothing parameters of a grid; the points go to `best`.
    private func searchFromGrid(_ requests: [ETSBatch.Request]) -> Lanes {
        let (level, trend) = initial.estimate(series)
        start[layout.level] = level
        if let place = layout.trend { start[place] = trend }
        for phase in 0..<layout.season {
            series.seasons[phase] = initial.seasons[phase]
            if let first = layout.seasons { start[first + phase] = initial.seasons[phase] }
        }
        var lowest = Lanes(repeating: .infinity)
        var bestOfGrid = Lanes(repeating: .infinity)
        for alpha in ETSGrid.alphas {
            if effort.polish != nil { bestOfGrid = Lanes(repeating: .infinity) }
            searchGrid(alpha: alpha, lowest: &bestOfGrid)
            guard effort.polish != nil || alpha == ETSGrid.alphas.last else { continue }
            let objective = search.minimize(series, point: trial, limits: effort.limits)
            let improved = objective .< lowest
            for unknown in 0..<layout.unknowns {
                best[unknown] = best[unknown].replacing(with: trial[unknown], where: improved)
            }
            lowest.replace(with: objective, where: improved)
        }
        return lowest
    }

    /// Evaluates the grid at one α from the estimated state; `trial` keeps the best point of each lane.
    private func searchGrid(alpha: Double, lowest: inout Lanes) {
        for share in trendShares {
            for seasonShare in seasonShares {
                for damping in dampings {
                    start[ETSLayout.alpha] = Lanes(repeating: alpha)
                    if let place = layout.trendShare {
                        start[place] = Lanes(repeating: share)
                    }
                    if let place = layout.seasonShare { start[place] = Lanes(repeating: seasonShare) }
                    if let place = layout.damping { start[place] = Lanes(repeating: damping) }
                    let objective = ETSLaneFilter.objective(layout, series, point: start, seasons: seasons)
                    let improved = objective .< lowest
                    for unknown in 0..<layout.unknowns {
                        trial[unknown] = trial[unknown].replacing(with: start[unknown], where: improved)
                    }
                    lowest.replace(with: objective, where: improved)
                }
            }
        }
    }
}

/// Where a search may begin.
private enum ETSGrid {
    static let alphas = [0.05, 0.2, 0.45, 0.8]
    static let seasonShares = [0.01, 0.3]
    static let dampings = [0.9, 0.97]
    /// One for all, where the search need not be fine.
    static let damping = 0.95

    /// The shares of a trend worth telling apart below a bound.
    static func trendShares(upTo largest: Double) -> [Double] { largest < 0.1 ? [min(0.02, largest)] : [0.02, min(0.2, largest)] }
}
