/// A weighted average of fitted models.
struct CombinationModel: FittedModel {
    /// A model and its share; shares add up to 1.
    struct Member: Sendable {
        var model: any FittedModel
        var weight: Double
    }

    private let members: [Member]

    /// A combination of at least one model.
    init(_ members: [Member]) {
        self.members = members
    }

    var name: String { "combination" }
    var family: ModelFamily { .combination }
    var parameters: NamedValues {
        var values: NamedValues = [:]
        for member in members { values["weight " + member.model.candidateName] = member.weight }
        return values
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result = [Double](repeating: 0, count: origins.count * horizon)
        for member in members {
            let part = member.model.rollingForecasts(history, origins: origins, horizon: horizon)
            for index in result.indices { result[index] += member.weight * part[index] }
        }
        return result
    }

    func state(after history: History) -> ModelState {
        .combination(
            CombinationState(
                members: members.map {
                    CombinationState.Member(
                        name: $0.model.candidateName, weight: $0.weight, state: $0.model.state(after: history))
                }))
    }
}

/// The states of the members.
struct CombinationState: AdvancingState {
    /// A member's state and its share.
    struct Member: Sendable, Codable, Hashable {
        let name: String
        let weight: Double
        var state: ModelState
    }

    private var members: [Member]

    fileprivate init(members: [Member]) { self.members = members }

    mutating func advance(_ value: Double) {
        for index in members.indices { members[index].state.advance(value) }
    }

    func outlook(horizon: Int) -> Outlook {
        var merged = Outlook(components: [])
        for member in members {
            let part = member.state.outlook(horizon: horizon)
            for component in part.components {
                let values = component.values.map { $0 * member.weight }
                if let index = merged.components.firstIndex(where: { $0.name == component.name }) {
                    for step in 0..<horizon { merged.components[index].values[step] += values[step] }
                } else {
                    merged.components.append(Component(name: component.name, values: values))
                }
            }
            let offset = merged.state.count
            merged.state.append(contentsOf: part.state)
            merged.stateNames.append(contentsOf: part.stateNames.map { "\(member.name) \($0)" })
            merged.unitless.formUnion(part.unitless.map { $0 + offset })
        }
        return merged
    }
}
