public import TimeSeries

/// The rows of one series as they come.
struct SeriesRows {
    /// What stands in `unique_id`.
    let id: [UInt8]
    /// The date of the row furthest on.
    private(set) var lastDate: FileDate
    private var lowest: Int32
    private var highest: Int32
    /// The value of each row.
    private var values: [Double]
    /// The bucket of each row; empty as long as every row is of the bucket after the row before.
    private var ordinals: [Int32] = []

    /// A series that begins with a row.
    init(_ row: FileRow, _ frequency: Frequency) {
        id = Array(row.id)
        lastDate = row.date
        // Years have four digits, and ten thousand years have fewer hours than there are numbers in 32 bits.
        lowest = Int32(row.date.bucket(frequency).ordinal)
        highest = lowest
        values = [row.value]
    }

    /// How many rows there are.
    var count: Int { values.count }

    /// Buckets from the first to the last.
    var span: Int { Int(highest - lowest) + 1 }

    mutating func add(_ row: FileRow, _ frequency: Frequency) {
        let ordinal = Int32(row.date.bucket(frequency).ordinal)
        if !ordinals.isEmpty {
            ordinals.append(ordinal)
        } else if ordinal != highest + 1 {
            ordinals = Array(lowest...highest)
            ordinals.append(ordinal)
        }
        values.append(row.value)
        lowest = min(lowest, ordinal)
        if ordinal >= highest {
            highest = ordinal
            lastDate = row.date
        }
    }

    /// The series, with what is not in the file as missing; the values of one bucket add up.
    consuming func build(_ frequency: Frequency) -> FileSeries {
        var result = values
        var repeated = 0
        if !ordinals.isEmpty {
            result = [Double](repeating: .nan, count: span)
            var isTaken = [Bool](repeating: false, count: span)
            for (ordinal, value) in zip(ordinals, values) {
                let place = Int(ordinal - lowest)
                if isTaken[place] { repeated += 1 }
                isTaken[place] = true
                if value.isNaN { continue }
                result[place] = result[place].isNaN ? value : result[place] + value
            }
        }
        return FileSeries(
            series: DemandSeries(
                key: SeriesKey(item: String(decoding: id, as: UTF8.self)),
                start: Bucket(frequency: frequency, ordinal: Int(lowest)), values: result),
            repeated: repeated, lastDate: lastDate)
    }
}

/// One series of a file.
public struct FileSeries: Sendable {
    /// The series.
    public var series: DemandSeries
    /// How many rows were of a bucket that had one already.
    public var repeated: Int
    /// The date of the row furthest on.
    var lastDate: FileDate
}
