/// Where an exponential smoothing form stands: level, trend, and the seasons of the coming cycle.
struct ETSState: AdvancingState {
    private let form: ETSForm
    private let smoothing: ETSSmoothing
    /// Level, trend, then the seasons, that of the next bucket first.
    private var values: [Double]

    /// A state laid out as `ETSFilter` has it after `time` values.
    init(_ form: ETSForm, _ smoothing: ETSSmoothing, season: Int, state: [Double], time: Int) {
        self.form = form
        self.smoothing = smoothing
        values = state
        for step in 0..<season { values[2 + step] = state[2 + (time + step) % season] }
    }

    /// The state laid out as `ETSFilter` has it after `time` values.
    func filterState(after time: Int) -> [Double] {
        let season = values.count - 2
        var state = values
        for step in 0..<season { state[2 + (time + step) % season] = values[2 + step] }
        return state
    }

    /// Takes in the next value; one the form cannot describe (0 where it needs positive numbers) counts as missing.
    mutating func advance(_ value: Double) {
        let before = values
        if !run(value) {
            values = before
            _ = run(.nan)
        }
        // The season just met comes round again last.
        let season = values.remove(at: 2)
        values.append(season)
    }

    private mutating func run(_ value: Double) -> Bool {
        var errors = [0.0]
        return ETSFilter.run(
            form, smoothing, season: values.count - 2, state: &values, values: [value], range: 0..<1, errors: &errors)
            != nil
    }

    /// Names of the seasons of the coming cycle.
    private static func seasonNames(_ season: Int) -> ArraySlice<String> {
        season <= usualNames.count ? usualNames[..<season] : (1...season).map { "season+\($0)" }[...]
    }

    /// Those of all usual seasons: made once, since every series has them.
    private static let usualNames = (1...52).map { "season+\($0)" }

    func outlook(horizon: Int) -> Outlook {
        let season = values.count - 2
        var trend = [Double](repeating: 0, count: horizon)
        var seasons = trend
        var factor = 1.0
        var growth = 0.0
        for step in 0..<horizon {
            factor *= smoothing.phi
            growth += factor * values[1]
            trend[step] = growth
            let effect = values[2 + step % season]
            seasons[step] = form.season == .multiplicative ? (values[0] + growth) * (effect - 1) : effect
        }
        var outlook = Outlook(level: values[0], horizon: horizon)
        if form.trend != .none {
            outlook.components.append(Component(name: "trend", values: trend))
            outlook.state.append(values[1])
            outlook.stateNames.append("trend")
        }
        guard form.season != .none else { return outlook }
        outlook.components.append(Component(name: "season", values: seasons))
        if form.season == .multiplicative {
            outlook.unitless.formUnion(outlook.state.count..<(outlook.state.count + season))
        }
        outlook.state += values[2...]
        outlook.stateNames += ETSState.seasonNames(season)
        return outlook
    }
}
