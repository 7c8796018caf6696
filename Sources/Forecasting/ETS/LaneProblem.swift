/// The observations of eight problems side by side, and where each stands in the search.
///
/// Shorter lanes are padded with NaN: a missing observation moves the state and adds no error, so that padding needs no
/// code of its own.
struct LaneSeries: ~Copyable {
    /// Observations, one entry per time.
    let values: LaneBuffer
    /// The count of the longest lane.
    private(set) var length = 0
    /// How many values each lane has.
    private(set) var counts = [Int](repeating: 0, count: Lanes.width)
    /// How many of them are observed.
    private(set) var observed = Lanes()
    /// The first observation of each lane that is not missing; 0 where there is none.
    private(set) var firstValues = Lanes()
    /// Whether each lane has an observation.
    var isObserved: LaneMask { observed .> 0 }
    /// The initial season of each phase; a search that moves them begins there.
    let seasons: LaneBuffer

    /// Room for series of up to `capacity` values.
    init(capacity: Int, season: Int) {
        values = LaneBuffer(count: capacity)
        seasons = LaneBuffer(count: season)
    }

    /// Takes in `series[lane].values[0..<count]` of each lane; lanes beyond the last stay empty.
    mutating func load(_ series: [(values: [Double], count: Int)]) {
        length = series.reduce(0) { max($0, $1.count) }
        values.fill(0..<length, with: Lanes(repeating: .nan))
        observed = Lanes()
        firstValues = Lanes()
        for lane in 0..<Lanes.width {
            counts[lane] = lane < series.count ? series[lane].count : 0
            guard lane < series.count else { continue }
            let input = series[lane].values
            var number = 0
            for time in 0..<series[lane].count {
                let value = input[time]
                values[time, lane] = value
                if value == value {
                    if number == 0 { firstValues[lane] = value }
                    number += 1
                }
            }
            observed[lane] = Double(number)
        }
    }
}
