internal import TimeSeries

/// Is told how far the work on a file is: the share of the file, `nil` where its size is not known, and how many series
/// are done. Called from any thread.
public typealias FileProgress = @Sendable (_ fraction: Double?, _ series: Int) -> Void

/// The series of a file in batches, with the progress of the work on them.
struct SeriesBatches {
    private var reader: SeriesReader
    private let isWhole: Bool
    private let known: KnownDays
    private let progress: FileProgress?
    /// Series with events that did not come yet.
    private var awaited: Set<String>
    /// Series handed out before the present batch, and with it.
    private var done = 0
    private var taken = 0
    /// Share of the file read before the present batch, and with it.
    private var fractionDone = 0.0
    private var fractionTaken: Double?

    /// - Parameters:
    ///   - anyOrder: see ``SeriesReader``.
    ///   - isWhole: whether all series make one batch.
    ///   - known: where the events of the series are taken from.
    init(
        path: String, frequency: Frequency, anyOrder: Bool, isWhole: Bool, known: KnownDays, progress: FileProgress?
    ) throws {
        reader = try SeriesReader(path: path, frequency: frequency, anyOrder: anyOrder || isWhole)
        self.isWhole = isWhole
        self.known = known
        self.progress = progress
        awaited = known.seriesNames
    }

    /// What became of the rows read so far.
    var tally: SeriesTally {
        var tally = reader.tally
        tally.seriesWithoutRows = awaited.sorted()
        return tally
    }

    /// The next batch, never empty; `nil` at the end.
    mutating func next() throws -> [FileSeries]? {
        var batch = try reader.next()
        if isWhole { while let more = try reader.next() { batch?.append(contentsOf: more) } }
        for index in (batch ?? []).indices {
            let name = batch?[index].series.key.item ?? ""
            let events = known.events(of: name)
            if !events.isEmpty { batch?[index].series.events = events }
            if !awaited.isEmpty { awaited.remove(name) }
        }
        done = taken
        taken += batch?.count ?? 0
        fractionDone = fractionTaken ?? 0
        fractionTaken = reader.fractionRead
        return batch
    }

    /// What the engine calls with how many series of the batch are done.
    func step() -> (@Sendable (Int) -> Void)? {
        guard let progress else { return nil }
        let (start, count, before, after) = (done, taken - done, fractionDone, fractionTaken)
        return { number in
            progress(after.map { before + ($0 - before) * Double(number) / Double(max(count, 1)) }, start + number)
        }
    }
}
