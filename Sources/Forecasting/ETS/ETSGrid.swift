/// Where the search for smoothing parameters may begin.
struct ETSGrid {
    /// Smoothing parameters, as `ETSLayout` has them.
    struct Cell: Sendable {
        var alpha: Double
        var trendShare: Double
        var seasonShare: Double
        var damping: Double
    }

    /// Groups of cells; of each group the best cell is where a search begins.
    ///
    /// A fit that need not reach the very maximum begins once. One that does begins at every α and
    /// every share of the trend: the likelihood of a form with a trend often has one maximum where the trend hardly
    /// moves and another where it takes in every error.
    let cells: [[Cell]]

    init(_ kind: ETSBatch.Kind) {
        let layout = kind.layout
        let isFine = kind.effort.polish != nil
        let largest = kind.largestTrendShare
        let trendShares =
            layout.trendShare == nil
            ? [0] : largest < 0.1 ? [min(0.02, largest)] : [0.02, 0.2, 0.8].filter { $0 < largest }
        let seasonShares = layout.seasonShare == nil ? [0] : isFine ? [0.01, 0.3, 0.8] : [0.01, 0.3]
        let dampings = layout.damping == nil ? [1] : isFine ? [0.9, 0.97] : [0.95]
        // Without a season a pass costs little.
        let separatesDampings = isFine && layout.season == 1
        var groups: [[Cell]] = []
        for alpha in [0.05, 0.2, 0.45, 0.8] {
            for trendShare in trendShares {
                if isFine { groups.append([]) }
                for damping in dampings {
                    if groups.isEmpty || separatesDampings { groups.append([]) }
                    for seasonShare in seasonShares {
                        groups[groups.count - 1].append(
                            Cell(alpha: alpha, trendShare: trendShare, seasonShare: seasonShare, damping: damping))
                    }
                }
            }
        }
        cells = groups.filter { !$0.isEmpty }
    }
}
