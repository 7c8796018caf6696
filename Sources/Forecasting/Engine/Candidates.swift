/// Which models a choice tries on a history.
enum Candidates {
    /// The models to try, simplest first; never empty.
    ///
    /// A form the history cannot carry (a season too long for it, or numbers that are not positive) is replaced by the
    /// nearest it can, with a note.
    static func specifications(
        _ choice: ModelChoice, history: History, notes: inout [String]
    ) -> [ModelSpecification] {
        switch choice {
        case .naive: [.naive]
        case .seasonalNaive: [history.season > 1 ? .seasonalNaive : .naive]
        case .mean: [.mean]
        case .theta: history.count >= 4 ? [.theta] : [.naive]
        case .etsForm(let notation): [.ets(carried(ETSForm(notation: notation)!, history, &notes))]
        case .holtWinters: [.ets(carried(ETSForm(.additive, .additive, .additive), history, &notes))]
        default: automatic(history)
        }
    }

    private static func automatic(_ history: History) -> [ModelSpecification] {
        if history.count < 4 { return [.naive] }
        var result: [ModelSpecification] = [.naive, .ets(ETSForm(.additive, .none, .none))]
        if history.count >= 8 { result.append(.ets(ETSForm(.additive, .damped, .none))) }
        if history.season > 1 {
            result.append(.seasonalNaive)
            result.append(.ets(ETSForm(.additive, .none, .additive)))
            result.append(.ets(ETSForm(.additive, .damped, .additive)))
            if history.isPositive { result.append(.ets(ETSForm(.additive, .damped, .multiplicative))) }
        }
        return result
    }

    private static func carried(_ form: ETSForm, _ history: History, _ notes: inout [String]) -> ETSForm {
        var form = form
        let asked = form.name
        if form.season != .none && history.season == 1 { form.season = .none }
        if form.needsPositive && !history.isPositive {
            form.error = .additive
            if form.season == .multiplicative { form.season = .additive }
        }
        if form.trend != .none && history.observed < 4 { form.trend = .none }
        if form.name != asked { notes.append("\(asked) cannot describe this history: \(form.name) is used") }
        return form
    }
}
