internal import Monitoring
internal import TimeSeries

/// One series, or one total, on its way through a check.
struct Watched<Key: Hashable & Sendable>: Sendable {
    let key: Key
    private var monitor: SeriesMonitor?
    private var abstention: String?
    private var memory: DriftMemory.Monitored?
    private let referenceFrom: Bucket?
    private var referenceThrough: Bucket?
    private let frequency: Frequency
    private let through: Bucket
    /// What is new, from the monitor's next bucket on.
    private var observations: [Observation] = []
    private var predictions: [Prediction?] = []
    /// Evidence after each new bucket; `nil` where it was not judged.
    private(set) var evidence: [Double?] = []
    private var findings: [Int: SeriesMonitor.Finding] = [:]
    private var named: SeriesMonitor.Finding?

    /// The first bucket no check has seen; `nil` where there is none or the series abstains.
    var firstNew: Bucket? {
        monitor.flatMap { observations.isEmpty ? nil : Bucket(frequency: frequency, ordinal: $0.through + 1) }
    }

    /// Takes the monitor back, or makes it: its reference then ends `reviewed` buckets before the last.
    init(
        _ key: Key, start: Bucket, _ observations: [Observation], memory: DriftMemory.Monitored?, answered: Bucket?,
        calendar: SeriesCalendar, reviewed: Int
    ) {
        self.key = key
        frequency = start.frequency
        through = start.advanced(by: observations.count - 1)
        self.memory = memory
        referenceFrom = answered ?? memory?.referenceFrom
        if let memory, answered == nil, !memory.state.isEmpty,
            let stored = try? SeriesMonitor(encoded: memory.state, calendar: calendar),
            (start.ordinal - 1...through.ordinal).contains(stored.through)
        {
            monitor = stored
            referenceThrough = memory.referenceThrough
            self.observations = Array(observations[(stored.through + 1 - start.ordinal)...])
            return
        }
        let from = max((referenceFrom?.ordinal ?? start.ordinal) - start.ordinal, 0)
        let end = max(observations.count - reviewed, 0)
        let reference = from < end ? observations[from..<end].map(\.value) : []
        do {
            let made = try SeriesMonitor(reference: reference, start: start.ordinal + from, calendar: calendar)
            monitor = made
            self.memory = nil
            referenceThrough = Bucket(frequency: frequency, ordinal: made.through)
            self.observations = Array(observations[end...])
        } catch {
            abstention = "\(error)"
        }
    }

    /// Takes what was published, one entry per bucket from `first` on.
    mutating func take(_ published: [Prediction?]?, from first: Bucket) {
        guard let published, let firstNew else { return }
        predictions = Array(published.dropFirst(firstNew.ordinal - first.ordinal))
    }

    /// Looks at every new bucket up to the last.
    mutating func advance(through last: Bucket) {
        guard var monitor else { return }
        var place = 0
        while monitor.through < last.ordinal, place < observations.count {
            monitor.observe(observations[place], place < predictions.count ? predictions[place] : nil)
            let isJudged = observations[place] != .masked
            evidence.append(isJudged ? monitor.evidence : nil)
            if isJudged, monitor.evidence > 0 { findings[place] = monitor.finding }
            place += 1
        }
        self.monitor = monitor
    }

    /// Whether the portfolio names it already.
    var isNamed: Bool { monitor?.naming.isRaised ?? false }

    /// Takes what the portfolio says of the bucket `back` before the last new one.
    mutating func name(_ evidence: Double, isEnough: Bool, back: Int) {
        guard monitor?.name(evidence, isEnough: isEnough) == .raised else { return }
        named = findings[self.evidence.count - 1 - back]
    }

    /// How it stands.
    func drift(_ versionID: Int64) -> Drift<Key> {
        let kept = DriftMemory.Monitored(
            state: monitor?.encoded ?? [], versionID: memory?.versionID ?? versionID, referenceFrom: referenceFrom,
            referenceThrough: referenceThrough)
        let standing: DriftStanding =
            monitor.map { $0.naming.isRaised ? .drifting : $0.alarm.isRaised ? .watch : .ok } ?? .abstains
        return Drift(
            key: key, standing: standing, finding: named ?? monitor?.finding, distances: monitor?.distances,
            reason: abstention, through: monitor.map { Bucket(frequency: frequency, ordinal: $0.through) } ?? through,
            memory: kept)
    }
}
