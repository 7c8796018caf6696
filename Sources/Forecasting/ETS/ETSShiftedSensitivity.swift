/// What `ETSSensitivity` computes, for additive errors and seasons and lanes without a gap, at a fraction of the cost.
///
/// An additive form is linear in its initial state. Of two initial seasons the later one has the response of the first, as
/// many buckets later as it comes after it: the recursion has met only zeros until then, and it does not change with time.
/// One response, `impulse`, therefore stands for all m columns of the Jacobian, and their products with each other and
/// with the other columns are correlations at lags 0…m − 1: the work per observation grows with m, not with m².
struct ETSShiftedSensitivity: ~Copyable, LaneObjective {
    private let layout: ETSLayout
    /// Unknowns that are not seasons; the seasons follow them.
    private let plain: Int
    private let capacity: Int
    private let levelSlopes: LaneBuffer
    private let trendSlopes: LaneBuffer
    private let seasonSlopes: LaneBuffer
    private let seasons: LaneBuffer
    private let impulseSeasons: LaneBuffer
    /// Derivatives of the residual by the plain unknowns, the residual, the impulse as far as each lane reaches, and zeros
    /// where that makes an odd number; column after column of `capacity` times.
    private let columns: LaneBuffer
    private let columnCount: Int
    /// The derivative of the residual by the first initial season, after m zeros.
    private let impulse: LaneBuffer
    /// Products of a column with the impulse, by lag.
    private let correlations: LaneBuffer
    private let lagCount: Int

    init(_ layout: ETSLayout, capacity: Int) {
        self.layout = layout
        self.capacity = capacity
        plain = layout.unknowns - layout.season
        columnCount = (plain + 3) / 2 * 2
        lagCount = (layout.season + 1) / 2 * 2
        levelSlopes = LaneBuffer(count: plain)
        trendSlopes = LaneBuffer(count: plain)
        seasonSlopes = LaneBuffer(count: plain * layout.season)
        seasons = LaneBuffer(count: layout.season)
        impulseSeasons = LaneBuffer(count: layout.season)
        columns = LaneBuffer(count: columnCount * capacity)
        impulse = LaneBuffer(count: layout.season + capacity)
        correlations = LaneBuffer(count: columnCount * lagCount)
    }

    func pass(_ series: borrowing LaneSeries, point: borrowing LaneBuffer, into normals: borrowing LaneNormals) -> Lanes
    {
        let finite = filter(series, point)
        multiplyColumns(length: series.length, into: normals)
        correlate(length: series.length)
        assemble(series, into: normals)
        let squares = normals.squares
        return Lanes(repeating: .infinity).replacing(with: squares, where: finite .& squares.isFiniteMask)
    }

    /// Runs the recursion with its derivatives, filling `columns` and `impulse`; returns whether each lane stayed finite.
    private func filter(_ series: borrowing LaneSeries, _ point: borrowing LaneBuffer) -> LaneMask {
        levelSlopes.fill(0..<plain)
        trendSlopes.fill(0..<plain)
        seasonSlopes.fill(0..<seasonSlopes.count)
        levelSlopes[layout.level] = Lanes(repeating: 1)
        if let trend = layout.trend { trendSlopes[trend] = Lanes(repeating: 1) }
        for phase in 0..<layout.season {
            seasons[phase] = point[plain + phase]
            impulseSeasons[phase] = Lanes(repeating: phase == 0 ? 1 : 0)
        }
        let alpha = point[ETSLayout.alpha]
        let shareOfTrend = layout.trendShare.map { point[$0] } ?? Lanes()
        let shareOfSeason = layout.seasonShare.map { point[$0] } ?? Lanes()
        let beta = alpha * shareOfTrend
        let gamma = (1 - alpha) * shareOfSeason
        let phi = layout.damping.map { point[$0] } ?? Lanes(repeating: 1)
        let inversePhi = 1 / phi
        var level = point[layout.level]
        var trend = layout.trend.map { point[$0] } ?? Lanes()
        var impulseLevel = Lanes()
        var impulseTrend = Lanes()
        var slot = 0
        for time in 0..<series.length {
            let value = series.values[time]
            let observed = value .== value
            let known = Lanes().replacing(with: 1, where: observed)
            let damped = phi * trend
            let base = level + damped
            let effect = seasons[slot]
            let error = (value - base - effect).kept(where: observed)
            let alphaKnown = alpha * known
            let betaKnown = beta * known
            let gammaKnown = gamma * known
            let seasonRow = slot * plain
            // φb′ + b, as φ(b′ + b/φ).
            if let damping = layout.damping { trendSlopes[damping].addProduct(trend, inversePhi) }
            for unknown in 0..<plain {
                var dampedSlope = phi * trendSlopes[unknown]
                var baseSlope = levelSlopes[unknown] + dampedSlope
                var effectSlope = seasonSlopes[seasonRow &+ unknown]
                let slope = baseSlope + effectSlope
                columns[unknown &* capacity &+ time] = -known * slope
                baseSlope.subtractProduct(alphaKnown, slope)
                levelSlopes[unknown] = baseSlope
                dampedSlope.subtractProduct(betaKnown, slope)
                trendSlopes[unknown] = dampedSlope
                effectSlope.subtractProduct(gammaKnown, slope)
                seasonSlopes[seasonRow &+ unknown] = effectSlope
            }
            levelSlopes[ETSLayout.alpha] += error
            seasonSlopes[seasonRow + ETSLayout.alpha].subtractProduct(shareOfSeason, error)
            if let seasonShare = layout.seasonShare {
                seasonSlopes[seasonRow + seasonShare].addProduct(1 - alpha, error)
            }
            if let trendShare = layout.trendShare {
                trendSlopes[ETSLayout.alpha].addProduct(shareOfTrend, error)
                trendSlopes[trendShare].addProduct(alpha, error)
            }
            columns[plain * capacity + time] = error

            let impulseDamped = phi * impulseTrend
            let impulseBase = impulseLevel + impulseDamped
            let impulseEffect = impulseSeasons[slot]
            let response = impulseBase + impulseEffect
            impulse[layout.season + time] = -response
            columns[(plain + 1) * capacity + time] = -known * response
            impulseLevel = impulseBase
            impulseLevel.subtractProduct(alpha, response)
            impulseTrend = impulseDamped
            impulseTrend.subtractProduct(beta, response)
            impulseSeasons[slot].subtractProduct(gamma, response)

            level = base.addingProduct(alpha, error)
            trend = damped.addingProduct(beta, error)
            seasons[slot] = effect.addingProduct(gamma, error)
            slot += 1
            if slot == layout.season { slot = 0 }
        }
        return (level + trend).isFiniteMask
    }

    /// The products of the plain columns and the residual with each other.
    private func multiplyColumns(length: Int, into normals: borrowing LaneNormals) {
        for row in Swift.stride(from: 0, through: plain, by: 2) {
            for column in Swift.stride(from: 0, through: row, by: 2) {
                var upperLeft = Lanes()
                var upperRight = Lanes()
                var lowerLeft = Lanes()
                var lowerRight = Lanes()
                let first = row * capacity
                let second = first + capacity
                let third = column * capacity
                let fourth = third + capacity
                for time in 0..<length {
                    let left = columns[first &+ time]
                    let nextLeft = columns[second &+ time]
                    let right = columns[third &+ time]
                    let nextRight = columns[fourth &+ time]
                    upperLeft.addProduct(left, right)
                    upperRight.addProduct(left, nextRight)
                    lowerLeft.addProduct(nextLeft, right)
                    lowerRight.addProduct(nextLeft, nextRight)
                }
                store(upperLeft, row, column, normals)
                if column < row { store(upperRight, row, column + 1, normals) }
                store(lowerLeft, row + 1, column, normals)
                store(lowerRight, row + 1, column + 1, normals)
            }
        }
    }

    /// Stores a product of two columns, the residual being the last row of the normal equations.
    private func store(_ product: Lanes, _ row: Int, _ column: Int, _ normals: borrowing LaneNormals) {
        guard row <= plain, column <= plain else { return }
        let unknowns = layout.unknowns
        normals.entries[normals.place(row == plain ? unknowns : row, column == plain ? unknowns : column)] = product
    }

    /// The products of every column with the impulse at each lag.
    private func correlate(length: Int) {
        for column in Swift.stride(from: 0, to: columnCount, by: 2) {
            for lag in Swift.stride(from: 0, to: lagCount, by: 2) {
                var upperLeft = Lanes()
                var upperRight = Lanes()
                var lowerLeft = Lanes()
                var lowerRight = Lanes()
                let first = column * capacity
                let second = first + capacity
                let shift = layout.season - lag
                var earlier = impulse[shift - 1]
                for time in 0..<length {
                    let left = columns[first &+ time]
                    let nextLeft = columns[second &+ time]
                    let later = impulse[shift &+ time]
                    upperLeft.addProduct(left, later)
                    upperRight.addProduct(left, earlier)
                    lowerLeft.addProduct(nextLeft, later)
                    lowerRight.addProduct(nextLeft, earlier)
                    earlier = later
                }
                correlations[column * lagCount + lag] = upperLeft
                correlations[column * lagCount + lag + 1] = upperRight
                correlations[(column + 1) * lagCount + lag] = lowerLeft
                correlations[(column + 1) * lagCount + lag + 1] = lowerRight
            }
        }
    }

    /// Puts the correlations where the seasons stand in the normal equations.
    ///
    /// With r the impulse and n the length, seasons j < k have the product `Σ r[u] r[u + k − j]` over u < n − k: that of the
    /// seasons before them less its last term, `r[n − k] r[n − j]`.
    private func assemble(_ series: borrowing LaneSeries, into normals: borrowing LaneNormals) {
        let season = layout.season
        for phase in 0..<season {
            for unknown in 0..<plain {
                normals.entries[normals.place(plain + phase, unknown)] = correlations[unknown * lagCount + phase]
            }
            normals.entries[normals.place(layout.unknowns, plain + phase)] = correlations[plain * lagCount + phase]
            normals.entries[normals.place(plain + phase, plain)] = correlations[(plain + 1) * lagCount + phase]
        }
        // The last values of the impulse, from each lane's own end; the seasons of the recursion are done with.
        for phase in 1..<season {
            for lane in 0..<Lanes.width {
                impulseSeasons[phase, lane] = impulse[season + max(series.counts[lane] - phase, -season), lane]
            }
        }
        for late in 1..<season {
            for early in 1...late {
                var product = normals.entries[normals.place(plain + late - 1, plain + early - 1)]
                product.subtractProduct(impulseSeasons[late], impulseSeasons[early])
                normals.entries[normals.place(plain + late, plain + early)] = product
            }
        }
    }
}

/// Something whose sum of squares is to be small: a residual with its derivatives.
protocol LaneObjective: ~Copyable {
    /// Room for series of up to `capacity` values.
    init(_ layout: ETSLayout, capacity: Int)

    /// Fills `normals` at a point and returns the sum of squares of each lane, infinite where the point is not allowed.
    func pass(_ series: borrowing LaneSeries, point: borrowing LaneBuffer, into normals: borrowing LaneNormals) -> Lanes
}
