import Store
import Terminal

/// One series' history and forecast, drawn with its caption.
struct ForecastPicture {
    private let chart: ReportChart

    init(_ chart: ReportChart) { self.chart = chart }

    func print() {
        let band = chart.mean.indices.map { step in
            (lower: chart.quantiles[step * 8 + 1], upper: chart.quantiles[step * 8 + 5])
        }
        let name = chart.name.map { " \($0)" } ?? ""
        let site = chart.site.map { " at \($0)" } ?? ""
        let width = min(TerminalSize.width ?? 80, 120)
        Swift.print(
            "\(chart.item)\(name)\(site): \(chart.frequency) demand, \(chart.model), version \(chart.versionID)")
        Swift.print(
            SeriesChart(history: chart.history, mean: chart.mean, band: band).drawn(width: width, height: 8),
            terminator: "")
        Swift.print("         history through \(chart.dataThrough)  ━ mean  ░ 80 % band  · missing\n")
    }
}
