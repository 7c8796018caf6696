public import Monitoring
public import TimeSeries

/// How the models of a version are chosen.
public enum Selection: Sendable, Hashable {
    /// Every series chooses anew, beside the champion's choice.
    case anew
    /// The named series choose anew, the others keep the champion's choice, fitted to today's demand.
    case only(Set<SeriesKey>)
    /// Every series keeps the choice of an earlier version, fitted to today's demand.
    case held(EarlierVersion)

    /// The version whose choice is kept or met; `nil` before the first.
    func earlier(champion: EarlierVersion?) -> EarlierVersion? {
        if case .held(let version) = self { version } else { champion }
    }

    /// Whether a series keeps what the earlier version chose for it.
    func holds(_ key: SeriesKey) -> Bool {
        switch self {
        case .anew: false
        case .only(let keys): !keys.contains(key)
        case .held: true
        }
    }

    /// The version whose choice is kept, by all series or by some; `nil` where every series chooses anew.
    public func versionHeld(champion: EarlierVersion?) -> Int64? {
        switch self {
        case .anew: nil
        case .only: champion?.versionID
        case .held(let version): version.versionID
        }
    }

    /// Whether no series chooses anew.
    var isHeld: Bool { if case .held = self { true } else { false } }
}

/// A version that passed the gate and has yet to show, on buckets that close, that it would have been right.
public struct ShadowTrial: Sendable {
    /// The version.
    public var version: EarlierVersion
    /// The version published in its stead, of the same demand.
    public var rivalID: Int64
    /// Buckets that have to close first.
    public var buckets: Int
    /// Buckets that have closed.
    public var closed: Int
    /// Rival (as champion) and version (as challenger) on each series, a closed bucket being an origin; empty until enough have closed.
    public var pairs: [PairedSeries]

    /// A trial.
    public init(version: EarlierVersion, rivalID: Int64, buckets: Int, closed: Int, pairs: [PairedSeries]) {
        self.version = version
        self.rivalID = rivalID
        self.buckets = buckets
        self.closed = closed
        self.pairs = pairs
    }
}

/// What became of a shadow trial.
public struct ShadowEnd: Sendable, Hashable {
    /// A trial's end, by the names reports use.
    public enum State: String, Sendable {
        /// It takes the champion's place.
        case passed
        /// It was worse.
        case failed
        /// Nobody waits for it any more.
        case abandoned
    }

    /// The version that was on trial.
    public var versionID: Int64
    /// How it ended.
    public var state: State
    /// Why, with the numbers where it was judged.
    public var verdict: GateVerdict
}

/// What a retrain of tonight is for, decided before anything is trained.
public struct RetrainCourse: Sendable {
    /// What is to be made.
    public enum Aim: Sendable {
        /// A new version, of all series or of some, which the gate judges; where it is to run in the shadow first, for how many buckets.
        case challenger(only: Set<SeriesKey>?, shadow: Int)
        /// The champion's models, fitted to new demand, while another version is on trial.
        case champion
        /// The models of a version that passed its trial, fitted to new demand.
        case passed(EarlierVersion)
    }

    /// What is to be made.
    public var aim: Aim
    /// The trial that has come to its end; `nil` where none has.
    public var ended: ShadowEnd?
    /// What a reader should know.
    public var notes: [String] = []

    /// The course of a retrain.
    ///
    /// - Parameters:
    ///   - specification: what the job asks for.
    ///   - trial: the version in the shadow; `nil` where there is none.
    ///   - concerned: the series of the incident that asked for the retrain; `nil` where none did.
    ///   - isOnProbation: whether the last choice of models was rolled back by itself. Then also a job that asks for no shadow
    ///     gets one, as long as the rollback looked back: the gate has been wrong once.
    public init(
        _ specification: PortfolioSpecification, trial: ShadowTrial?, concerned: Set<SeriesKey>?, isOnProbation: Bool
    ) {
        let shadow = max(
            specification.gate.shadow, isOnProbation && !specification.gate.isOff ? specification.rollback.buckets : 0)
        aim = .challenger(only: concerned, shadow: min(shadow, specification.horizon))
        if let concerned {
            notes.append(
                "\(concerned.count) series named by an incident choose their models anew, the others keep theirs.")
        }
        if isOnProbation, shadow > specification.gate.shadow {
            notes.append(
                "The version before was rolled back by itself: what passes the gate runs in the shadow for \(shadow) buckets."
            )
        }
        if let trial { follow(trial, specification, concerned: concerned, shadow: shadow) }
    }

    /// What the trial means for tonight: it goes on, or comes to its end.
    private mutating func follow(
        _ trial: ShadowTrial, _ specification: PortfolioSpecification, concerned: Set<SeriesKey>?, shadow: Int
    ) {
        let name = "Version \(trial.version.versionID)"
        var abandoned: String?
        if concerned != nil {
            abandoned = "Demand has changed since, an incident says."
        } else if shadow == 0 || !specification.choosesAs(trial.version.specification) {
            abandoned = "The job's spec was changed."
        }
        if let abandoned {
            ended = ShadowEnd(
                versionID: trial.version.versionID, state: .abandoned,
                verdict: GateVerdict(isPromoted: false, reasons: [abandoned]))
            notes.append("\(name) leaves the shadow: \(abandoned)")
            return
        }
        guard trial.closed >= trial.buckets else {
            aim = .champion
            notes.append(
                "\(name) runs in the shadow: \(trial.closed) of \(trial.buckets) buckets have closed. Published are the champion's models, fitted to new demand."
            )
            return
        }
        let verdict = Gate(rules: specification.gate, seed: specification.seed).judge(trial.pairs)
        let why = verdict.reasons.joined(separator: " ")
        ended = ShadowEnd(
            versionID: trial.version.versionID, state: verdict.isPromoted ? .passed : .failed, verdict: verdict)
        if verdict.isPromoted {
            aim = .passed(trial.version)
            notes.append("\(name) comes out of the shadow after \(trial.buckets) buckets. \(why)")
        } else {
            notes.append("\(name) did not stand the shadow of \(trial.buckets) buckets. \(why)")
        }
    }
}
