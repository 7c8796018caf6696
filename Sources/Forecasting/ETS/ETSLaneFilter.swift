/// The recursion of `ETSFilter` over eight series at once, for the objective alone.
enum ETSLaneFilter {
    /// The objective `ETSSensitivity` returns, without derivatives; `seasons` is room for one state of seasons.
    static func objective(
        _ layout: ETSLayout, _ series: borrowing LaneSeries, point: borrowing LaneBuffer, seasons: borrowing LaneBuffer
    ) -> Lanes {
        // Literal arguments, so that each call is compiled for its form alone.
        switch (layout.form.season, layout.form.error) {
        case (.none, .additive): run(.none, relative: false, layout, series, point, seasons)
        case (.none, .multiplicative): run(.none, relative: true, layout, series, point, seasons)
        case (.additive, .additive): run(.additive, relative: false, layout, series, point, seasons)
        case (.additive, .multiplicative): run(.additive, relative: true, layout, series, point, seasons)
        case (.multiplicative, .additive): run(.multiplicative, relative: false, layout, series, point, seasons)
        case (.multiplicative, .multiplicative): run(.multiplicative, relative: true, layout, series, point, seasons)
        }
    }

    @inline(__always)
    private static func run(
        _ kind: ETSForm.Season, relative: Bool, _ layout: ETSLayout, _ series: borrowing LaneSeries,
        _ point: borrowing LaneBuffer, _ seasons: borrowing LaneBuffer
    ) -> Lanes {
        let alpha = point[ETSLayout.alpha]
        let beta = layout.trendShare.map { alpha * point[$0] } ?? Lanes()
        let gamma = layout.seasonShare.map { (1 - alpha) * point[$0] } ?? Lanes()
        let phi = layout.damping.map { point[$0] } ?? Lanes(repeating: 1)
        var level = point[layout.level]
        var trend = layout.trend.map { point[$0] } ?? Lanes()
        for phase in 0..<layout.season {
            seasons[phase] = layout.seasons.map { point[$0 + phase] } ?? series.seasons[phase]
        }
        let seasons = seasons.view
        let values = series.values.view
        let period = layout.season
        var allowed = LaneMask(repeating: true)
        var logarithm = LaneLogarithm()
        var squares = Lanes()
        var slot = 0
        for time in 0..<series.length {
            let value = values[time]
            let observed = value .== value
            let damped = phi * trend
            let base = level + damped
            var mean = base
            var correction: Lanes
            var error: Lanes
            switch kind {
            case .none:
                correction = (value - mean).kept(where: observed)
                error = correction
            case .additive:
                let effect = seasons[slot]
                mean = base + effect
                correction = (value - mean).kept(where: observed)
                error = correction
                seasons[slot] = effect.addingProduct(gamma, correction)
            case .multiplicative:
                let effect = seasons[slot]
                allowed = allowed .& (.!observed .| ((base .> 0) .& (effect .> 1e-8)))
                mean = base * effect
                correction = (value / effect - base).kept(where: observed)
                error = (value - mean).kept(where: observed)
                seasons[slot] = effect.addingProduct(gamma, (value / base - effect).kept(where: observed))
            }
            if relative {
                allowed = allowed .& (.!observed .| (mean .> 0))
                error = (error / mean).kept(where: observed)
                logarithm.multiply(Lanes(repeating: 1).replacing(with: mean, where: observed))
            }
            squares.addProduct(error, error)
            level = base.addingProduct(alpha, correction)
            trend = damped.addingProduct(beta, correction)
            if kind != .none {
                slot += 1
                if slot == period { slot = 0 }
            }
        }
        if relative { squares *= LaneLogarithm.exponential(2 * logarithm.sum() / series.observed) }
        allowed = allowed .& (level + trend).isFiniteMask .& squares.isFiniteMask
        return Lanes(repeating: .infinity).replacing(with: squares, where: allowed)
    }
}
