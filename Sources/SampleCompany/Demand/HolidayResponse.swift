/// What Seollal and Chuseok do to demand: it builds up before, collapses in the days off, and is slow to come back.
struct HolidayResponse: Sendable {
    /// How much is added just before the days off, as a share of usual demand.
    var build: Double
    /// Over how many days it builds.
    var buildDays: Int
    /// What is left during the days off, as a share of usual demand.
    var during: Double
    /// What the first day after is, as a share of usual demand; it recovers over a week.
    var after: Double

    /// Shops stock up.
    static let retail = HolidayResponse(build: 0.55, buildDays: 12, during: 0.12, after: 0.75)
    /// Offices and works order a little ahead, and nothing while they are shut.
    static let business = HolidayResponse(build: 0.25, buildDays: 7, during: 0.01, after: 0.85)
    /// Gift sets live on the two feasts.
    static let gifts = HolidayResponse(build: 11, buildDays: 24, during: 0.05, after: 0.3)

    /// The factor on a day.
    func factor(on day: TradingCalendar.Day) -> Double {
        if day.isFeast { return during }
        if let ahead = day.daysToFeast, ahead <= buildDays {
            // Demand crests a few days before the last delivery.
            let nearness = 1 - Double(max(ahead - 3, 0)) / Double(buildDays)
            return 1 + build * nearness * nearness * (ahead <= 2 ? 0.6 : 1)
        }
        if let back = day.daysSinceFeast { return after + (1 - after) * Double(back - 1) / 7 }
        return 1
    }
}
