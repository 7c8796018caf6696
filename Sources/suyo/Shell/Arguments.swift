public import ArgumentParser
public import Forecasting
public import Intake
public import Store
public import Terminal
public import TimeSeries

// What the command line takes by name.

extension Frequency: ExpressibleByArgument {}
extension IntakeKind: ExpressibleByArgument {}
extension ForecastExport.Format: ExpressibleByArgument {}
extension Report.Format: ExpressibleByArgument {}

extension ModelChoice: ExpressibleByArgument {
    /// A model by its name, such as `ets:AAdM`.
    public init?(argument: String) { self.init(name: argument) }

    /// The names that are offered.
    public static var allValueStrings: [String] { names }
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
