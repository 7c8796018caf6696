internal import Forecasting
internal import Monitoring
internal import Synchronization
internal import TimeSeries

/// Takes shards through reading, training and storing, all three at once.
///
/// One shard is trained here at a time. Where that takes long and other workers have time, those behind it are offered to
/// them, and each is trained by whoever comes first; what nobody takes, or nobody finishes, is trained here. They are
/// stored in key order, so that it leaves no trace who trained what.
struct ShardPipeline {
    /// What is made of histories.
    let training: PortfolioTraining
    /// Where they come from.
    let shards: any HistoryShards
    /// Where it goes.
    let writer: any VersionWriter
    /// What adds up.
    let tally: TrainingTally.Box
    /// Who helps; `nil` where nobody may.
    let exchange: (exchange: any ShardExchange, permit: WritePermit)?
    /// How long it takes to train a shard before others are shared: the time to hand one over has to be little beside it.
    let sharesFrom: Duration
    /// How many series are worked on at once here; `nil` takes every core.
    let threads: Int?
    /// Takes how far it is.
    let progress: @Sendable (Retraining.Progress) -> Void

    /// Two seconds for 2048 series: to write one out and to read what came of it takes half a second.
    static let usualSharesFrom = Duration.seconds(2)
    /// Time from one look at what others do to the next.
    private static let lookEvery = Duration.milliseconds(250)
    /// Helpers that are waited for at once: what waits to be stored stays in memory.
    private static let mostHelpers = 8

    /// Takes all of them through.
    func run() async throws {
        training.begin(tally)
        let rival = try await training.rival(of: writer.champion)
        try await withThrowingTaskGroup(of: Event.self) { group in
            var line = Line()
            while true {
                if line.mayRead {
                    line.isReading = true
                    group.addTask { [shards, training] in .read(try await shards.next(training.shardSize)) }
                }
                if !line.isWriting, let histories = line.takeRead() {
                    line.isWriting = true
                    group.addTask { [training, writer] in
                        .prepared(try await training.prepare(histories, against: rival, writer))
                    }
                } else if !line.isWriting, let (prepared, outcome) = line.takeTrained() {
                    line.isWriting = true
                    group.addTask { [training, writer, tally] in
                        try await writer.add(training.collect(prepared, outcome, tally))
                        return .stored
                    }
                }
                try await share(&line)
                if !line.isTraining, let place = try await next(&line) {
                    line.trainingSince = .now
                    let prepared = line.prepared(place)
                    let report = reporter(line.trained, line.total)
                    group.addTask { [threads] in
                        .trained(place, try await prepared.shard.train(threads: threads, progress: report))
                    }
                }
                let offered = line.offered
                if !line.isLooking, !offered.isEmpty || (exchange != nil && line.isTraining && !line.shared.isEmpty) {
                    line.isLooking = true
                    group.addTask { .looked(try await look(at: offered)) }
                }
                guard line.isBusy, let event = try await group.next() else { break }
                try await heed(event, &line)
            }
            if line.trainedByOthers > 0 {
                tally.update {
                    $0.notes.append("Other workers trained \(line.trainedByOthers) of \(line.count) shards.")
                }
            }
        }
    }

    /// Something that came to its end.
    private enum Event: Sendable {
        case read((histories: [DemandHistory], total: Int))
        case prepared(PreparedShard)
        case trained(Int, ShardOutcome)
        case stored
        case looked([Int: ShardOutcome])
    }

    private func heed(_ event: Event, _ line: inout Line) async throws {
        switch event {
        case .read(let read): line.add(read.histories, of: read.total)
        case .prepared(let prepared):
            line.isWriting = false
            line.add(prepared)
        case .trained(let place, let outcome):
            line.slowest = max(line.slowest, line.trainingTime)
            line.trainingSince = nil
            line.finish(place, outcome)
            reporter(line.trained, line.total)(0)
        case .stored: line.isWriting = false
        case .looked(let outcomes):
            line.isLooking = false
            line.trainedByOthers += outcomes.count
            for (place, outcome) in outcomes { line.finish(place, outcome) }
            if !outcomes.isEmpty { reporter(line.trained, line.total)(0) }
        }
    }

    /// Offers what waits, where it is worth it and somebody is there: all but the very first, and what is offered and not
    /// taken can be had back at any moment.
    private func share(_ line: inout Line) async throws {
        guard let (exchange, permit) = exchange, max(line.slowest, line.trainingTime) >= sharesFrom else { return }
        for place in line.shared {
            let shard = line.prepared(place).shard
            line.helpers = min(try await exchange.helpers(of: permit, as: shard.engine), ShardPipeline.mostHelpers)
            guard line.helpers > 0 else { return }
            line.offer(place, as: try await exchange.offer(shard, under: permit))
        }
    }

    /// The first shard in key order that can be trained here: one that was not offered, or that nobody is at.
    private func next(_ line: inout Line) async throws -> Int? {
        if let place = line.takeWaiting() { return place }
        guard let exchange = exchange?.exchange else { return nil }
        for (place, run) in line.offered.sorted(by: { $0.key < $1.key }) where try await exchange.withdraw(run) {
            line.takeBack(place)
            return place
        }
        return nil
    }

    /// Waits a little, and takes what others have trained.
    private func look(at offered: [Int: Int64]) async throws -> [Int: ShardOutcome] {
        guard let exchange = exchange?.exchange else { return [:] }
        try await Task.sleep(for: ShardPipeline.lookEvery)
        if offered.isEmpty { return [:] }
        let states = try await exchange.states(of: offered.values.sorted())
        var outcomes: [Int: ShardOutcome] = [:]
        for (place, run) in offered where states[run] == .trained { outcomes[place] = try await exchange.take(run) }
        return outcomes
    }

    private func reporter(_ before: Int, _ total: Int) -> @Sendable (Int) -> Void {
        { [progress] done in
            progress(
                Retraining.Progress(
                    fraction: 0.02 + 0.95 * Double(before + done) / Double(max(total, 1)),
                    message: "trained \(before + done) of \(total) series"))
        }
    }
}

/// The shards between being read and being stored, in key order.
private struct Line {
    private enum Stand {
        /// Nobody is at it.
        case waiting
        /// It was offered, as a run.
        case offered(Int64)
        /// It is trained here.
        case here
        /// It is trained.
        case trained(ShardOutcome)
    }

    private var places: [Int: (prepared: PreparedShard, stand: Stand)] = [:]
    private var firstPlace = 0
    private var read: [DemandHistory]?
    /// Shards so far.
    private(set) var count = 0
    /// Histories in all.
    private(set) var total = 0
    /// Histories in shards that are trained.
    private(set) var trained = 0
    /// Whether there may be more to read.
    private(set) var hasMore = true
    var helpers = 0
    var trainedByOthers = 0
    var isReading = false
    var isWriting = false
    var isLooking = false
    /// Since when a shard is trained here; `nil` where none is.
    var trainingSince: ContinuousClock.Instant?
    /// The longest time that took so far.
    var slowest = Duration.zero

    var isTraining: Bool { trainingSince != nil }

    /// How long a shard has been trained here by now; 0 where none is.
    var trainingTime: Duration { trainingSince.map { ContinuousClock.now - $0 } ?? .zero }

    /// Whether another shard is to be read: enough for everybody to have one and another waiting, and no more.
    var mayRead: Bool { hasMore && !isReading && read == nil && places.count < 2 + 2 * helpers }

    /// Whether something is under way that will come to an end.
    var isBusy: Bool { isReading || isWriting || isTraining || isLooking }

    /// The runs of those that were offered and are not known to be trained.
    var offered: [Int: Int64] {
        places.compactMapValues { if case .offered(let run) = $0.stand { run } else { nil } }
    }

    mutating func add(_ histories: [DemandHistory], of total: Int) {
        isReading = false
        if histories.isEmpty {
            hasMore = false
        } else {
            (read, self.total) = (histories, total)
        }
    }

    mutating func takeRead() -> [DemandHistory]? {
        defer { read = nil }
        return read
    }

    mutating func add(_ prepared: PreparedShard) {
        places[count] = (prepared, .waiting)
        count += 1
    }

    /// Those that wait and may be offered, in key order.
    var shared: [Int] {
        places.filter { if $0.key > 0, case .waiting = $0.value.stand { true } else { false } }.keys.sorted()
    }

    /// What a place holds.
    func prepared(_ place: Int) -> PreparedShard { places[place]!.prepared }

    mutating func offer(_ place: Int, as run: Int64) { places[place]?.stand = .offered(run) }

    mutating func takeBack(_ place: Int) { places[place]?.stand = .here }

    /// The first that waits and was not offered; it is trained here from then on.
    mutating func takeWaiting() -> Int? {
        let first = places.filter { if case .waiting = $0.value.stand { true } else { false } }.keys.min()
        if let first { places[first]?.stand = .here }
        return first
    }

    mutating func finish(_ place: Int, _ outcome: ShardOutcome) {
        places[place]?.stand = .trained(outcome)
        trained += places[place]?.prepared.seen ?? 0
    }

    /// The first shard, once it is trained.
    mutating func takeTrained() -> (PreparedShard, ShardOutcome)? {
        guard let entry = places[firstPlace], case .trained(let outcome) = entry.stand else { return nil }
        places[firstPlace] = nil
        firstPlace += 1
        return (entry.prepared, outcome)
    }
}
