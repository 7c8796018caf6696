public import ArgumentParser
public import ForecastBenchmark
public import Forecasting
public import Intake
public import Store
public import Terminal
public import TimeSeries

// What the command line takes by name.

extension Frequency: ExpressibleByArgument {}
extension GeneratedDemand: ExpressibleByArgument {}
extension IntakeKind: ExpressibleByArgument {}
extension ForecastExport.Format: ExpressibleByArgument {}
extension OverrideStore.Kind: ExpressibleByArgument {}
extension PlanningStore.ServiceKind: ExpressibleByArgument {}
extension Report.Format: ExpressibleByArgument {}

extension ModelChoice: ExpressibleByArgument {
    /// A model by its name, such as `ets:AAdM`.
    public init?(argument: String) { self.init(name: argument) }

    /// The names that are offered.
    public static var allValueStrings: [String] { names }

    /// Models by their names with commas between them, what is named twice taken once.
    static func list(_ names: String) throws -> [ModelChoice] {
        var models: [ModelChoice] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            guard let choice = ModelChoice(name: String(name)) else {
                throw ValidationError(
                    "There is no model '\(name)'; take of \(ModelChoice.names.joined(separator: ", ")).")
            }
            if !models.contains(choice) { models.append(choice) }
        }
        return models
    }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
    var numbers: [Double]

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, !numbers.isEmpty else { return nil }
    }
}
