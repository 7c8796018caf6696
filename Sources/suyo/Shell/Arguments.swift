public import ArgumentParser
public import ForecastBenchmark
public import Forecasting
import Intake
public import Pipeline
public import Pipeline
public import Store
public import Terminal
public import TimeSeries

// What the command line takes by name.

extension Frequency: ExpressibleByArgument {}
extension GeneratedDemand: ExpressibleByArgument {}

/// What suyo import takes in.
enum ImportSubject: ExpressibleByArgument, Equatable {
    /// A file of records.
    case file(IntakeKind)
    /// The tables that a source's file names.
    case source

    init?(argument: String) {
        if argument == "source" {
            self = .source
        } else if let kind = IntakeKind(rawValue: argument) {
            self = .file(kind)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { IntakeKind.allCases.map(\.rawValue) + ["source"] }
}

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
