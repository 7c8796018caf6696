/// One pass of a form's recursion over eight series that carries, beside the state, its derivative by every unknown, and
/// sums up the normal equations of the likelihood as a least-squares problem.
///
/// The residual is `e·exp(mean log|μ|)`, the factor for multiplicative errors only: the minimum of its sum of squares is
/// the maximum of the likelihood (Hyndman et al. 2008, equation 5.3, with the variance concentrated out). The derivatives
/// follow from differentiating the recursion `ETSFilter` states, with a prime for the derivative by any unknown:
///
/// ```
/// q′ = l′ + φb′ + φ′b     μ′ = q′ + s′  or  q′s + qs′
/// l′ ← q′ + αd′ + α′d     b′ ← φb′ + φ′b + βd′ + β′d     s′ ← s′ + γu′ + γ′u
/// ```
///
/// where d and u are the corrections of the level and of the season. Where an observation is missing, d = u = 0.
struct ETSSensitivity: ~Copyable, LaneObjective {
    private let layout: ETSLayout
    /// The state: level′, trend′ per unknown, and season′ per phase and unknown.
    private let levelSlopes: LaneBuffer
    private let trendSlopes: LaneBuffer
    private let seasonSlopes: LaneBuffer
    private let seasons: LaneBuffer
    /// Σ μ′/μ per unknown.
    private let logSlopes: LaneBuffer
    /// Rows of the Jacobian not yet added to the normal equations.
    private let rows: LaneBuffer
    private let stride: Int
    private static let block = 16

    init(_ layout: ETSLayout, capacity: Int) {
        self.layout = layout
        let unknowns = layout.unknowns
        levelSlopes = LaneBuffer(count: unknowns)
        trendSlopes = LaneBuffer(count: unknowns)
        seasonSlopes = LaneBuffer(count: unknowns * layout.season)
        seasons = LaneBuffer(count: layout.season)
        logSlopes = LaneBuffer(count: unknowns + 1)
        stride = (unknowns + 2) / 2 * 2
        rows = LaneBuffer(count: ETSSensitivity.block * stride)
    }

    /// Fills `normals` at a point and returns the objective of each lane, infinite where the point is not allowed.
    func pass(_ series: borrowing LaneSeries, point: borrowing LaneBuffer, into normals: borrowing LaneNormals) -> Lanes
    {
        // Literal arguments, so that each call is compiled for its form alone.
        switch (layout.form.season, layout.form.error) {
        case (.none, .additive): run(.none, relative: false, series, point, normals)
        case (.none, .multiplicative): run(.none, relative: true, series, point, normals)
        case (.additive, .additive): run(.additive, relative: false, series, point, normals)
        case (.additive, .multiplicative): run(.additive, relative: true, series, point, normals)
        case (.multiplicative, .additive): run(.multiplicative, relative: false, series, point, normals)
        case (.multiplicative, .multiplicative): run(.multiplicative, relative: true, series, point, normals)
        }
    }

    private func start(_ series: borrowing LaneSeries, _ point: borrowing LaneBuffer) {
        levelSlopes.fill(0..<levelSlopes.count)
        trendSlopes.fill(0..<trendSlopes.count)
        seasonSlopes.fill(0..<seasonSlopes.count)
        logSlopes.fill(0..<logSlopes.count)
        rows.fill(0..<rows.count)
        levelSlopes[layout.level] = Lanes(repeating: 1)
        if let trend = layout.trend { trendSlopes[trend] = Lanes(repeating: 1) }
        guard let first = layout.seasons else {
            for phase in 0..<layout.season { seasons[phase] = series.seasons[phase] }
            return
        }
        for phase in 0..<layout.season {
            seasons[phase] = point[first + phase]
            seasonSlopes[phase * layout.unknowns + first + phase] = Lanes(repeating: 1)
        }
    }

    @inline(__always)
    private func run(
        _ kind: ETSForm.Season, relative: Bool, _ series: borrowing LaneSeries, _ point: borrowing LaneBuffer,
        _ normals: borrowing LaneNormals
    ) -> Lanes {
        start(series, point)
        normals.clear()
        let levelSlopes = self.levelSlopes.view
        let trendSlopes = self.trendSlopes.view
        let seasonSlopes = self.seasonSlopes.view
        let logSlopes = self.logSlopes.view
        let rows = self.rows.view
        let seasons = self.seasons.view
        let values = series.values.view
        let stride = self.stride
        let period = layout.season
        let unknowns = layout.unknowns
        let trendShare = layout.trendShare
        let seasonShare = layout.seasonShare
        let damping = layout.damping
        let alpha = point[ETSLayout.alpha]
        let shareOfTrend = trendShare.map { point[$0] } ?? Lanes()
        let shareOfSeason = seasonShare.map { point[$0] } ?? Lanes()
        let beta = alpha * shareOfTrend
        let gamma = (1 - alpha) * shareOfSeason
        let phi = damping.map { point[$0] } ?? Lanes(repeating: 1)
        let inversePhi = 1 / phi
        var level = point[layout.level]
        var trend = layout.trend.map { point[$0] } ?? Lanes()
        var allowed = LaneMask(repeating: true)
        var logarithm = LaneLogarithm()
        var slot = 0
        var row = 0
        for time in 0..<series.length {
            let value = values[time]
            let observed = value .== value
            let known = Lanes().replacing(with: 1, where: observed)
            let damped = phi * trend
            let base = level + damped
            let effect = seasons[slot]
            let seasonRow = slot * unknowns
            // What each observation multiplies: μ′ by `meanSlope` is the residual's derivative.
            var mean = base
            var residual = Lanes()
            var correction = Lanes()
            var seasonCorrection = Lanes()
            var byEffect = Lanes()
            var byBase = Lanes()
            if kind == .multiplicative {
                allowed = allowed .& (.!observed .| ((base .> 0) .& (effect .> 1e-8)))
                mean = base * effect
                let adjusted = value / effect
                let ratio = value / base
                correction = (adjusted - base).kept(where: observed)
                seasonCorrection = (ratio - effect).kept(where: observed)
                byEffect = (adjusted / effect).kept(where: observed)
                byBase = (ratio / base).kept(where: observed)
                residual = (value - mean).kept(where: observed)
            } else {
                if kind == .additive { mean = base + effect }
                correction = (value - mean).kept(where: observed)
                residual = correction
            }
            var meanSlope = -known
            var inverse = Lanes()
            if relative {
                allowed = allowed .& (.!observed .| (mean .> 0))
                inverse = (1 / mean).kept(where: observed)
                residual *= inverse
                meanSlope = -(1 + residual) * inverse
                logarithm.multiply(Lanes(repeating: 1).replacing(with: mean, where: observed))
            }

            // The homogeneous part: by the initial state, and by the smoothing parameters as far as they came before.
            let keepLevel = 1 - alpha * known
            let alphaKnown = alpha * known
            let betaKnown = beta * known
            let gammaKnown = gamma * known
            let keepSeason = 1 - gammaKnown
            let alphaEffect = alpha * byEffect
            let betaEffect = beta * byEffect
            let gammaBase = gamma * byBase
            // φb′ + b, as φ(b′ + b/φ).
            if let damping { trendSlopes[damping].addProduct(trend, inversePhi) }
            for unknown in 0..<unknowns {
                var dampedSlope = phi * trendSlopes[unknown]
                let baseSlope = levelSlopes[unknown] + dampedSlope
                switch kind {
                case .none:
                    rows[row &+ unknown] = meanSlope * baseSlope
                    if relative { logSlopes[unknown].addProduct(inverse, baseSlope) }
                    levelSlopes[unknown] = keepLevel * baseSlope
                    dampedSlope.subtractProduct(betaKnown, baseSlope)
                    trendSlopes[unknown] = dampedSlope
                case .additive:
                    let effectSlope = seasonSlopes[seasonRow &+ unknown]
                    let slope = baseSlope + effectSlope
                    rows[row &+ unknown] = meanSlope * slope
                    if relative { logSlopes[unknown].addProduct(inverse, slope) }
                    var next = baseSlope
                    next.subtractProduct(alphaKnown, slope)
                    levelSlopes[unknown] = next
                    dampedSlope.subtractProduct(betaKnown, slope)
                    trendSlopes[unknown] = dampedSlope
                    next = effectSlope
                    next.subtractProduct(gammaKnown, slope)
                    seasonSlopes[seasonRow &+ unknown] = next
                case .multiplicative:
                    let effectSlope = seasonSlopes[seasonRow &+ unknown]
                    var slope = baseSlope * effect
                    slope.addProduct(base, effectSlope)
                    rows[row &+ unknown] = meanSlope * slope
                    if relative { logSlopes[unknown].addProduct(inverse, slope) }
                    var next = keepLevel * baseSlope
                    next.subtractProduct(alphaEffect, effectSlope)
                    levelSlopes[unknown] = next
                    dampedSlope.subtractProduct(betaKnown, baseSlope)
                    dampedSlope.subtractProduct(betaEffect, effectSlope)
                    trendSlopes[unknown] = dampedSlope
                    next = keepSeason * effectSlope
                    next.subtractProduct(gammaBase, baseSlope)
                    seasonSlopes[seasonRow &+ unknown] = next
                }
            }
            if kind != .multiplicative { seasonCorrection = correction }
            levelSlopes[ETSLayout.alpha] += correction
            if let trendShare {
                trendSlopes[ETSLayout.alpha].addProduct(shareOfTrend, correction)
                trendSlopes[trendShare].addProduct(alpha, correction)
            }
            if let seasonShare {
                seasonSlopes[seasonRow + ETSLayout.alpha].subtractProduct(shareOfSeason, seasonCorrection)
                seasonSlopes[seasonRow + seasonShare].addProduct(1 - alpha, seasonCorrection)
            }
            rows[row + unknowns] = residual

            level = base
            level.addProduct(alpha, correction)
            trend = damped
            trend.addProduct(beta, correction)
            if kind != .none {
                seasons[slot] = effect + gamma * seasonCorrection
                slot += 1
                if slot == period { slot = 0 }
            }
            row += stride
            if row == ETSSensitivity.block * stride {
                normals.add(self.rows, number: ETSSensitivity.block)
                row = 0
            }
        }
        normals.add(self.rows, number: row / stride)
        allowed = allowed .& (level + trend).isFiniteMask
        if relative { scale(normals, by: logarithm.sum() / series.observed, observed: series.observed) }
        let squares = normals.squares
        return Lanes(repeating: .infinity).replacing(with: squares, where: allowed .& squares.isFiniteMask)
    }

    /// Turns sums over e into sums over e·G with G = exp(mean log|μ|), whose derivative is G·e′ + G·e·v, where v is the
    /// mean of μ′/μ.
    private func scale(_ normals: borrowing LaneNormals, by meanLogarithm: Lanes, observed: Lanes) {
        let factor = LaneLogarithm.exponential(meanLogarithm * 2)
        let unknowns = layout.unknowns
        let squares = normals.squares
        for row in 0..<unknowns {
            let slope = logSlopes[row] / observed
            logSlopes[row] = slope
            for column in 0...row {
                let other = logSlopes[column]
                var sum = normals.entries[normals.place(row, column)]
                sum.addProduct(normals.gradient(row), other)
                sum.addProduct(slope, normals.gradient(column) + squares * other)
                normals.entries[normals.place(row, column)] = sum * factor
            }
        }
        for unknown in 0..<unknowns {
            let sum = normals.gradient(unknown) + squares * logSlopes[unknown]
            normals.entries[normals.place(unknowns, unknown)] = sum * factor
        }
        normals.entries[normals.place(unknowns, unknowns)] = squares * factor
    }
}
