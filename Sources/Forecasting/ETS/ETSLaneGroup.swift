/// Eight fits of one form, and the storage they share with the eight after them.
struct ETSLaneGroup<Objective: LaneObjective & ~Copyable>: ~Copyable {
    private let layout: ETSLayout
    private let effort: ETSFit.Effort
    private let search: LaneLevenberg<Objective>
    private var series: LaneSeries
    private let initial: LaneInitialState
    private let start: LaneBuffer
    private let trial: LaneBuffer
    private let best: LaneBuffer
    private let seasons: LaneBuffer
    private let grid: ETSGrid

    init(_ kind: ETSBatch.Kind, capacity: Int) {
        layout = kind.layout
        effort = kind.effort
        grid = ETSGrid(kind)
        search = LaneLevenberg(layout, capacity: capacity, largestTrendShare: kind.largestTrendShare)
        series = LaneSeries(capacity: capacity, season: layout.season)
        initial = LaneInitialState(layout.form, season: layout.season)
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
        start(from: initial.estimate(series))
        var lowest = search(from: Lanes(repeating: .infinity))
        if layout.form.needsPositive {
            // An estimated trend or season can leave the positive numbers where the values do not.
            let failed = series.isObserved .& .!lowest.isFiniteMask
            if failed.any {
                startFlat(where: failed)
                lowest = search(from: lowest)
            }
        }
        if let polish = effort.polish { lowest = search.minimize(series, point: best, limits: polish) }
        return requests.indices.map { lane in
            guard lowest[lane].isFinite else { return nil }
            return ETSFit(
                layout, point: best, seasons: series.seasons, lane: lane, objective: lowest[lane],
                observed: Int(series.observed[lane]))
        }
    }

    /// Puts an estimated initial state where every search starts.
    private func start(from estimate: (level: Lanes, trend: Lanes)) {
        start[layout.level] = estimate.level
        if let place = layout.trend { start[place] = estimate.trend }
        for phase in 0..<layout.season {
            series.seasons[phase] = initial.seasons[phase]
            if let first = layout.seasons { start[first + phase] = initial.seasons[phase] }
        }
    }

    /// Makes the initial state of some lanes flat.
    private func startFlat(where mask: LaneMask) {
        let level = initial.flat(series)
        start[layout.level] = start[layout.level].replacing(with: level, where: mask)
        if let place = layout.trend { start[place] = start[place].replacing(with: 0, where: mask) }
        for phase in 0..<layout.season {
            let season = series.seasons[phase].replacing(with: initial.seasons[phase], where: mask)
            series.seasons[phase] = season
            if let first = layout.seasons { start[first + phase] = season }
        }
    }

    /// Searches from the best points of the grid; where that ends below `reached`, the point goes to `best`.
    ///
    /// - Returns: the objective of each lane there, or what had been reached.
    private func search(from reached: Lanes) -> Lanes {
        var lowest = reached
        for cells in grid.cells {
            var lowestOfCells = Lanes(repeating: .infinity)
            for cell in cells {
                start[ETSLayout.alpha] = Lanes(repeating: cell.alpha)
                if let place = layout.trendShare { start[place] = Lanes(repeating: cell.trendShare) }
                if let place = layout.seasonShare { start[place] = Lanes(repeating: cell.seasonShare) }
                if let place = layout.damping { start[place] = Lanes(repeating: cell.damping) }
                let objective = ETSLaneFilter.objective(layout, series, point: start, seasons: seasons)
                keep(start, in: trial, where: objective .< lowestOfCells)
                lowestOfCells = pointwiseMin(lowestOfCells, objective)
            }
            let objective = search.minimize(series, point: trial, limits: effort.limits)
            // A lane that allows no point of these cells was left with that of others.
            let improved = lowestOfCells.isFiniteMask .& (objective .< lowest)
            keep(trial, in: best, where: improved)
            lowest.replace(with: objective, where: improved)
        }
        return lowest
    }

    private func keep(_ point: borrowing LaneBuffer, in kept: borrowing LaneBuffer, where mask: LaneMask) {
        for unknown in 0..<layout.unknowns {
            kept[unknown] = kept[unknown].replacing(with: point[unknown], where: mask)
        }
    }
}
