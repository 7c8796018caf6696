/// What became of the rows of a file.
public struct SeriesTally: Sendable, Hashable {
    /// Series handed over.
    public internal(set) var series = 0
    /// Rows taken.
    public internal(set) var accepted = 0
    /// Rows put aside; only the first hundred are listed in `rejectedRows`.
    public private(set) var rejected = 0
    /// The first rows put aside.
    public private(set) var rejectedRows: [RejectedSeriesRow] = []

    /// Series that have events but no row, in the order of their names.
    public internal(set) var seriesWithoutRows: [String] = []

    /// Nothing yet.
    public init() {}

    mutating func reject(_ row: RejectedSeriesRow) {
        rejected += 1
        list(row)
    }

    /// Puts aside all rows of a series that is too long to be one.
    mutating func refuse(_ rows: SeriesRows, longest: Int) {
        rejected += rows.count
        accepted -= rows.count
        list(
            RejectedSeriesRow(
                line: 0, column: "ds", value: String(decoding: rows.id, as: UTF8.self),
                reason:
                    "the dates of this series are more than \(longest) buckets apart: look for a wrong year, or at --frequency"
            ))
    }

    private mutating func list(_ row: RejectedSeriesRow) { if rejectedRows.count < 100 { rejectedRows.append(row) } }
}
