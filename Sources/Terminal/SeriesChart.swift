/// History and forecast drawn with characters: history as bars, the forecast's mean as a line inside its band.
public struct SeriesChart: Sendable {
    /// Demand per bucket, oldest first; NaN is missing.
    public var history: [Double]
    /// Expected demand per step.
    public var mean: [Double]
    /// Lower and upper edge of the band per step; same count as `mean`.
    public var band: [(lower: Double, upper: Double)]

    /// A chart; `band` and `mean` have the same count.
    public init(history: [Double], mean: [Double], band: [(lower: Double, upper: Double)]) {
        precondition(mean.count == band.count)
        self.history = history
        self.mean = mean
        self.band = band
    }

    /// The chart, `width` columns wide at most and `height` rows high, without the caption.
    public func drawn(width: Int, height: Int) -> String {
        let steps = Array(mean.prefix(max(1, width / 2)))
        let past = Array(history.suffix(max(0, width - 10 - steps.count)))
        let known = past.filter(\.isFinite)
        let top = max(known.max() ?? 0, band.prefix(steps.count).map(\.upper).max() ?? 0, 1e-9)
        let eighths: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        var text = ""
        for row in (0..<height).reversed() {
            let floor = top * Double(row) / Double(height)
            let ceiling = top * Double(row + 1) / Double(height)
            let label = row == height - 1 ? SeriesChart.short(top) : row == 0 ? "0" : ""
            text += String(repeating: " ", count: max(0, 7 - label.count)) + label + " │"
            for value in past {
                if !value.isFinite {
                    text.append(row == 0 ? "·" : " ")
                } else {
                    let share = (value - floor) / (ceiling - floor)
                    text.append(eighths[Int((min(max(share, 0), 1) * 8).rounded())])
                }
            }
            for (value, edges) in zip(steps, band) {
                if value >= floor && (value < ceiling || row == height - 1) {
                    text.append("━")
                } else {
                    text.append(edges.lower < ceiling && edges.upper > floor ? "░" : " ")
                }
            }
            text += "\n"
        }
        return text + "        └" + String(repeating: "─", count: past.count) + "┴"
            + String(repeating: "─", count: max(0, steps.count - 1)) + "\n"
    }

    private static func short(_ value: Double) -> String {
        let (scaled, unit) =
            value >= 1e6 ? (value / 1e6, "M") : value >= 1e4 ? (value / 1e3, "k") : (value, "")
        let rounded = scaled >= 100 ? scaled.rounded() : (scaled * 10).rounded() / 10
        return (rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)") + unit
    }
}
