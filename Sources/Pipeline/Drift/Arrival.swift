internal import TimeSeries

/// Whether the last bucket has come in whole: how many series have demand in it, beside the like ones before it.
struct Arrival: Sendable {
    private let newest: Bucket
    private let season: Int
    /// Series with demand in the newest bucket, and one to eight seasons before it.
    private var counts = [Int](repeating: 0, count: 9)

    init(last: Bucket, season: Int) {
        newest = last
        self.season = season
    }

    mutating func add(_ built: BuiltSeries) {
        for back in counts.indices {
            let place = newest.ordinal - back * season - built.series.start.ordinal
            if built.raw.indices.contains(place), built.raw[place] > 0 { counts[back] += 1 }
        }
    }

    private var usual: Int { counts.dropFirst().sorted()[4] }

    /// Fewer than half of the usual series, of which there are enough to tell.
    private var looksHalfLoaded: Bool { usual >= 8 && 2 * counts[0] < usual }

    /// The last bucket to be judged.
    var last: Bucket { looksHalfLoaded ? newest.advanced(by: -1) : newest }

    /// Why the newest bucket is not judged.
    var complaint: String? {
        guard looksHalfLoaded else { return nil }
        return
            "\(newest) is not judged: \(counts[0] == 0 ? "no series has" : "only \(counts[0]) series have") demand on it, where \(usual) usually have."
    }
}
