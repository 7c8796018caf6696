#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// The choice of a model for one history by rolling-origin error.
///
/// Two rounds of fits decide: every candidate on what lies before the first origin, then those that did well on all of
/// the history. The fits of exponential smoothing are asked for by `firstRequests` and `secondRequests`, made for many
/// series at once, and handed back before `rank` and `settle`. Between the rounds, `choose` picks who goes on in the light
/// of what all series of the batch told.
///
/// Only the first round changes it: what the second round does is handed from step to step, so that the drafts of a
/// batch need not be copied.
struct Contest: Sendable {
    /// The series as far as it is known: effects are taken out that were learnt before the first origin, and from all of
    /// it once the first round is over.
    private(set) var history: History
    /// The series as the first round saw it.
    private let tested: History
    /// The plan of the backtest; `nil` where the history is too short for one.
    let plan: BacktestPlan?
    /// The loss of each candidate, best first; empty before `rank`.
    private(set) var losses: NamedValues = [:]
    /// How the errors of the candidates go together; `nil` where they are not combined.
    private(set) var candidateErrors: CandidateErrors?
    /// What the candidates did in the first round, best first; empty before `rank`.
    private var entries: [Entry] = []
    /// The incumbent's share of each entry; `nil` without one all of whose models took part.
    private var incumbentShares: [Double]?
    /// The incumbent's forecasts on the plan.
    private var incumbentTable: BacktestTable?
    private let learning: EffectLearning?
    private let candidates: Candidates
    private let configuration: ForecastConfiguration
    private let effort: ETSFit.Effort

    /// What one candidate did in the first round.
    private struct Entry {
        var specification: ModelSpecification
        var name: String
        var model: any FittedModel
        var table: BacktestTable
        var loss: Double
    }

    /// A model of the second round.
    struct Finalist {
        var specification: ModelSpecification
        var table: BacktestTable?
        var share: Double
    }

    /// What came out.
    struct Outcome: Sendable {
        /// The series as the backtest saw it.
        let tested: History
        /// The chosen model, fitted to the whole history.
        let winner: any FittedModel
        /// The plan of its backtest; `nil` where there is none.
        let plan: BacktestPlan?
        /// Its forecasts on the plan, from parameters fitted before the first origin.
        let table: BacktestTable?
        /// The loss of each candidate, best first.
        let losses: NamedValues
        /// The forecasts of the incumbent on the plan; `nil` without one that could be compared.
        var incumbent: BacktestTable?
    }

    /// Shares below this are not worth a fit.
    private static let smallestShare = 0.03
    /// The part of the class's shares that is equal for all.
    private static let equalPart = 0.3
    /// So many series of a class tell as much about a candidate as the series itself.
    private static let classSeries = 10.0

    /// Settles who takes part and where they are tested.
    init(
        _ observed: History, learning: EffectLearning?, configuration: ForecastConfiguration, notes: inout [String]
    ) {
        let plan = BacktestPlan(observed, horizon: configuration.horizon, limit: configuration.origins)
        let tested = learning.map { observed.without($0.effects(before: plan?.first ?? observed.count)) } ?? observed
        self.plan = plan
        self.tested = tested
        self.learning = plan == nil ? nil : learning
        self.history = tested
        self.configuration = configuration
        candidates = Candidates(configuration.model, history: tested, notes: &notes)
        effort = candidates.isSingle ? .thorough : .brisk
    }

    /// The fits of exponential smoothing the first round needs.
    func firstRequests() -> [ETSBatch.Request] {
        guard let plan else { return [] }
        return candidates.specifications.compactMap { request($0, count: plan.first) }
    }

    /// The fits of exponential smoothing the second round needs, begun anew: what a search that stops early reaches from
    /// the first round's end forecasts no better on M3, and quarterly series worse.
    func secondRequests(_ finalists: [Finalist]) -> [ETSBatch.Request] {
        finalists.compactMap { request($0.specification, count: history.count) }
    }

    private func request(_ specification: ModelSpecification, count: Int) -> ETSBatch.Request? {
        guard case .ets(let form) = specification else { return nil }
        return ETSBatch.Request(
            values: history.values, count: count, form: form, season: history.season, effort: effort)
    }

    /// Judges the first round by the fits it asked for.
    mutating func rank(_ fits: SmoothingFits, context: FitContext) {
        let tried = tried(fits, context: context)
        if let plan, tried.count > 1, candidates.strategy == .combine {
            candidateErrors = CandidateErrors(
                CandidateErrors.Group(demandClass: history.demandClass, specifications: tried.map(\.specification)),
                tables: tried.map(\.table), history: history, plan: plan)
        }
        let order = tried.indices.sorted { (tried[$0].loss, $0) < (tried[$1].loss, $1) }
        entries = order.map { tried[$0] }
        for index in order { losses[tried[index].name] = tried[index].loss }
        if let learning { history = tested.without(learning.effects(before: tested.count)) }
    }

    /// Lets an earlier choice run beside today's, after the first round; where it `isHeld`, it is what goes on.
    ///
    /// It needs all of its models among today's candidates: else there is nothing to compare, and today's choice stands.
    mutating func meet(_ incumbent: Incumbent) {
        let shares = entries.map { incumbent.shares[$0.name] ?? 0 }
        let total = shares.reduce(0, +)
        guard total > 0, shares.count(where: { $0 > 0 }) == incumbent.shares.count else { return }
        let weights = shares.map { $0 / total }
        incumbentTable = BacktestTable(averaging: entries.map(\.table), weights: weights)
        if incumbent.isHeld { incumbentShares = weights }
    }

    /// What the first round tells about quantiles; `nil` without a backtest.
    func quantileEvidence() -> QuantileEvidence? {
        guard let plan, !entries.isEmpty else { return nil }
        let shares = shares(nil)
        var members: [CombinationModel.Member] = []
        var tables: [BacktestTable] = []
        for (entry, share) in zip(entries, shares) where share > 0 {
            members.append(.init(model: entry.model, weight: share))
            tables.append(entry.table)
        }
        return QuantileEvidence(
            tested, model: members.count == 1 ? members[0].model : CombinationModel(members), plan: plan,
            table: BacktestTable(averaging: tables, weights: members.map(\.weight)), configuration: configuration)
    }

    /// Who goes on to the second round, and with which share of the forecast.
    func choose(_ knowledge: ClassKnowledge, notes: inout [String]) -> [Finalist] {
        if !entries.isEmpty {
            let stacked = candidateErrors.flatMap { knowledge.shares($0.group) }
            let shares = incumbentShares ?? shares(stacked)
            return entries.indices.lazy.filter { shares[$0] > 0 }.map {
                Finalist(specification: entries[$0].specification, table: entries[$0].table, share: shares[$0])
            }
        }
        if !candidates.isSingle {
            notes.append("\(history.count) buckets are too few to compare models: a simple one is used")
        }
        let number = candidates.strategy == .combine ? candidates.untested.count : 1
        return candidates.untested.prefix(number).map {
            Finalist(specification: $0, table: nil, share: 1 / Double(number))
        }
    }

    /// Fits who went on to the whole history, with the fits they asked for.
    func settle(
        _ finalists: [Finalist], _ fits: SmoothingFits, context: FitContext, notes: inout [String]
    ) -> Outcome {
        var outcome = fitted(finalists, fits, context: context, notes: &notes)
        if outcome.plan != nil { outcome.incumbent = incumbentTable }
        return outcome
    }

    private func fitted(
        _ finalists: [Finalist], _ fits: SmoothingFits, context: FitContext, notes: inout [String]
    ) -> Outcome {
        var members: [CombinationModel.Member] = []
        var tables: [BacktestTable] = []
        for finalist in finalists {
            guard
                let model = finalist.specification.fit(
                    history, count: history.count, context: context, smoothings: fits)
            else { continue }
            members.append(.init(model: model, weight: finalist.share))
            if let table = finalist.table { tables.append(table) }
        }
        let total = members.reduce(0) { $0 + $1.weight }
        for index in members.indices { members[index].weight /= total }
        switch members.count {
        case 0:
            notes.append("\(configuration.model.name) cannot describe this history: the naive model is used")
            let table = plan.map {
                BacktestTable(NaiveModel(), history: history, plan: $0, nonNegative: configuration.nonNegative)
            }
            return Outcome(tested: tested, winner: NaiveModel(), plan: plan, table: table, losses: losses)
        case 1:
            return Outcome(
                tested: tested, winner: members[0].model, plan: tables.isEmpty ? nil : plan, table: tables.first,
                losses: losses)
        default:
            return Outcome(
                tested: tested, winner: CombinationModel(members), plan: tables.isEmpty ? nil : plan,
                table: tables.isEmpty ? nil : BacktestTable(averaging: tables, weights: members.map(\.weight)),
                losses: losses)
        }
    }

    /// Fits every candidate before the first origin and measures its loss, in the order given.
    private func tried(_ fits: SmoothingFits, context: FitContext) -> [Entry] {
        guard let plan else { return [] }
        let scale = Contest.scale(history, count: plan.first)
        var entries: [Entry] = []
        for specification in candidates.specifications {
            guard
                let model = specification.fit(history, count: plan.first, context: context, smoothings: fits)
            else { continue }
            let table = BacktestTable(
                model, history: history, plan: plan, nonNegative: configuration.nonNegative)
            let loss = table.loss(history, plan: plan, scale: scale)
            guard loss.isFinite else { continue }
            entries.append(
                Entry(
                    specification: specification, name: model.candidateName, model: model, table: table, loss: loss))
        }
        return entries
    }

    /// The shares of the entries; those too small are left at 0.
    ///
    /// A share is that of the class, drawn towards an equal one, times a power of the inverse loss on this series. The
    /// power is a 24th of the number of scored points, held to 3…12: few points tell models hardly apart, and an equal
    /// share is then the better guess; many tell them apart for sure. It is halved as the class tells more. On M3, powers
    /// from 2 to 8 are within 1.5 % of each other, and all beat picking the best; on generated hourly series a power of 8
    /// has 9 % less error than one of 2.
    private func shares(_ stacked: StackedShares?) -> [Double] {
        guard candidates.strategy == .combine, let best = entries.first?.loss, best > 0 else {
            return entries.indices.map { $0 == 0 ? 1 : 0 }
        }
        let known = Double(stacked?.series ?? 0)
        let power =
            min(max(Double(plan?.points ?? 0) / 24, 3), 12) * (1 - 0.5 * known / (known + Contest.classSeries))
        let equal = 1 / Double(entries.count)
        var weights = entries.map { entry in
            var prior = equal
            if let stacked, let group = candidateErrors?.group,
                let index = group.specifications.firstIndex(of: entry.specification)
            {
                prior += (1 - Contest.equalPart) * (stacked.shares[index] - equal)
            }
            return prior * pow(best / entry.loss, power)
        }
        let all = weights.reduce(0, +)
        weights = weights.map { $0 / all < Contest.smallestShare ? 0 : $0 }
        let kept = weights.reduce(0, +)
        return weights.map { $0 / kept }
    }

    /// The units of scaled errors, never 0.
    static func scale(_ history: History, count: Int) -> (absolute: Double, squared: Double) {
        let scale = history.differenceScale(count: count)
        guard scale.absolute > 0 else {
            let whole = history.differenceScale(count: history.count)
            return whole.absolute > 0 ? whole : (1, 1)
        }
        return scale
    }
}
