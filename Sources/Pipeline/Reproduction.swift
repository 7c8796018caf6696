internal import ContentHash
internal import Forecasting
internal import TimeSeries

/// Refits a version from what was stored of it, and tells whether the same comes out to the last bit.
public struct Reproduction: Sendable {
    /// What came out.
    public struct Outcome: Sendable, Hashable {
        /// Series refitted.
        public var series: Int
        /// Series of which something differs.
        public var different: Int
        /// What differs, for the first few: the series, what it is, and both values.
        public var differences: [String]
        /// Version of the code that trained it.
        public var trainedBy: String

        /// Whether everything is the same.
        public var isSame: Bool { different == 0 }
    }

    private let snapshots: any SnapshotReader
    private let threads: Int?

    /// A reproduction that reads through a port; `threads` nil takes every core, and must change nothing.
    public init(snapshots: any SnapshotReader, threads: Int? = nil) {
        self.snapshots = snapshots
        self.threads = threads
    }

    /// Refits a version.
    ///
    /// The stored content is hashed before it is used. Throws ``PipelineError/tampered(_:)`` with the hash that differs,
    /// and what the port throws.
    public func run(
        version: Int64, progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> Outcome {
        try await snapshots.withSnapshot(of: version) { snapshot, shards in
            let engine = try ForecastEngine(
                configuration: snapshot.specification.configuration(holidays: snapshot.holidays, threads: threads))
            var outcome = Outcome(series: 0, different: 0, differences: [], trainedBy: snapshot.codeVersion)
            var hash = SHA256()
            for holiday in snapshot.holidays { hash.update(Array("\(holiday.date) \(holiday.name)\n".utf8)) }
            let total = snapshot.shardSizes.reduce(0, +)
            for size in snapshot.shardSizes {
                let stored = try await shards.next(size)
                guard stored.count == size else {
                    throw PipelineError.tampered(
                        "version \(version) had \(total) series, and \(outcome.series + stored.count) are stored")
                }
                var like: [SeriesKey: LikeHistories] = [:]
                for one in stored {
                    hash.update(Array(try one.checkedHash(one.series, one.contentHash, version).utf8))
                    for other in one.like {
                        _ = try one.checkedHash(other.series, other.contentHash, version)
                        hash.update(like: other)
                    }
                    if !one.like.isEmpty {
                        like[one.series.key] = LikeHistories(one.like, stepsBefore: one.bucketsBefore)
                    }
                }
                let again = try await engine.forecast(
                    stored.map(\.series), incumbents: stored.map(\.held), like: like)
                for (before, after) in zip(stored, again) {
                    let found = before.differences(from: before.reconciled(after))
                    if !found.isEmpty { outcome.different += 1 }
                    outcome.differences += found.prefix(max(0, 10 - outcome.differences.count))
                }
                outcome.series += size
                progress(Double(outcome.series) / Double(max(total, 1)))
            }
            guard try await shards.next(1).isEmpty else {
                throw PipelineError.tampered("version \(version) had \(total) series, and more are stored")
            }
            let found = hash.finish()
            guard found == snapshot.dataHash else {
                throw PipelineError.tampered(
                    "all data together has the hash \(found), and version \(version) was trained on \(snapshot.dataHash)"
                )
            }
            return outcome
        }
    }
}

extension StoredSeries {
    /// The hash of values it was trained on; throws where it is not the one recorded.
    func checkedHash(_ series: DemandSeries, _ recorded: String, _ version: Int64) throws -> String {
        let found = BuiltSeries(series: series, raw: [], adjustments: []).contentHash
        guard found == recorded else {
            throw PipelineError.tampered(
                "the values of \(StoredSeries.name(of: series.key)) have the hash \(found), and version \(version) was trained on \(recorded)"
            )
        }
        return found
    }

    /// The series by name, for people.
    var name: String { StoredSeries.name(of: series.key) }

    private static func name(of key: SeriesKey) -> String {
        [key.item, key.site, key.customer].compactMap { $0 }.joined(separator: " ")
    }

    /// A refitted forecast, moved as the stored one was to agree with its totals.
    ///
    /// By how much depends on all series of the version, and is taken as stored: the last component, where it has one more.
    func reconciled(_ refitted: SeriesForecast) -> SeriesForecast {
        let horizon = refitted.mean.count
        guard componentValues.count == (refitted.components.count + 1) * horizon else { return refitted }
        return refitted.reconciled(by: Array(componentValues.suffix(horizon)))
    }

    /// What differs, one line each; empty where every bit is the same.
    func differences(from other: SeriesForecast) -> [String] {
        var found: [String] = []
        if model != other.model { found.append("\(name): model \(model), refitted \(other.model)") }
        if parameterNames != other.parameters.names {
            found.append("\(name): parameters \(parameterNames), refitted \(other.parameters.names)")
        }
        func check(_ what: String, _ before: [Double], _ after: [Double]) {
            if before.count != after.count {
                found.append("\(name): \(before.count) numbers of \(what), refitted \(after.count)")
            } else if let place = before.indices.first(where: { before[$0].bitPattern != after[$0].bitPattern }) {
                found.append("\(name): \(what) \(place + 1) is \(before[place]), refitted \(after[place])")
            }
        }
        check("parameter", parameters, other.parameters.values)
        check("state", state, other.state)
        check("mean", mean, other.mean)
        check("quantile", quantiles, other.quantiles)
        check("cumulative quantile", cumulativeQuantiles, other.cumulativeQuantiles ?? [])
        check("component", componentValues, other.components.flatMap(\.values))
        return found
    }
}
