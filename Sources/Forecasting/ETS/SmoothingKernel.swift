/// The innermost loop of the search for smoothing parameters on its own, for measuring: one pass of a form's recursion
/// over eight series, without derivatives.
package struct SmoothingKernel: ~Copyable {
    private let layout: ETSLayout
    private var series: LaneSeries
    private let point: LaneBuffer
    private let seasons: LaneBuffer

    /// The form as reports name it.
    package var name: String { layout.form.name }

    /// Observations of one pass.
    package var observations: Int { Lanes.width * series.length }

    /// A form in Hyndman's short notation and eight positive series of so many values; `nil` where there is no such form.
    package init?(form notation: String, season: Int, length: Int) {
        guard let form = ETSForm(notation: notation) else { return nil }
        layout = ETSLayout(form, season: season, seasonsAreFree: true)
        series = LaneSeries(capacity: length, season: layout.season)
        point = LaneBuffer(count: layout.unknowns)
        seasons = LaneBuffer(count: layout.season)
        // Saw teeth of different heights: the cost does not depend on the values.
        let lanes = (0..<Lanes.width).map { lane in
            (values: (0..<length).map { 0.5 + Double(($0 * (lane + 3)) % season) / Double(4 * season) }, count: length)
        }
        series.load(lanes)
        if let place = layout.trendShare { point[place] = Lanes(repeating: 0.1) }
        if let place = layout.seasonShare { point[place] = Lanes(repeating: 0.1) }
        if let place = layout.damping { point[place] = Lanes(repeating: 0.95) }
        point[layout.level] = Lanes(repeating: 0.5)
        let neutral = form.season == .multiplicative ? 1.0 : 0
        if let first = layout.seasons {
            for phase in 0..<season { point[first + phase] = Lanes(repeating: neutral) }
        }
    }

    /// Makes so many passes, each with another α, and returns the sum of their objectives.
    package func run(passes: Int) -> Double {
        var sum = Lanes()
        for pass in 0..<passes {
            point[ETSLayout.alpha] = Lanes(repeating: 0.1 + 0.3 * Double(pass) / Double(passes))
            sum += ETSLaneFilter.objective(layout, series, point: point, seasons: seasons)
        }
        return (0..<Lanes.width).reduce(0) { $0 + sum[$1] }
    }
}
