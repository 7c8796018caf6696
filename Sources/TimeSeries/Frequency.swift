/// How long one bucket is.
public enum Frequency: String, Sendable, Codable, CaseIterable {
    case hourly, daily, weekly, monthly, quarterly, yearly

    /// The number of buckets in the usual season: 24, 7, 52, 12, 4 or 1.
    public var usualSeason: Int {
        switch self {
        case .hourly: 24
        case .daily: 7
        case .weekly: 52
        case .monthly: 12
        case .quarterly: 4
        case .yearly: 1
        }
    }
}
