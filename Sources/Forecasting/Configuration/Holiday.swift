public import TimeSeries

/// One day that is not a working day, or that moves demand.
public struct Holiday: Sendable, Hashable, Codable {
    /// The day.
    public var date: CivilDate
    /// Its name; days of one name belong together, such as the three of Seollal.
    public var name: String

    /// A named day.
    public init(date: CivilDate, name: String) {
        self.date = date
        self.name = name
    }
}
