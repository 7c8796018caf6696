/// How demand runs through the week.
struct WeeklyShape: Sendable {
    /// Factor on an ordinary day, Monday to Sunday; the five working days average about 1.
    private var factors: [Double]
    /// Factor on a public holiday, whatever its weekday.
    private var holiday: Double

    /// Shops: a swell towards the weekend, when they sell but order less.
    static let retail = WeeklyShape(factors: [1.05, 0.9, 0.9, 1, 1.25, 0.75, 0.35], holiday: 0.3)
    /// Offices: the week's needs on Monday, hardly anything at the weekend.
    static let office = WeeklyShape(factors: [1.35, 1.05, 0.95, 0.9, 0.8, 0.06, 0.02], holiday: 0.02)
    /// Works and repair shops: even, with a short Saturday.
    static let works = WeeklyShape(factors: [1.1, 1, 1, 0.95, 0.95, 0.25, 0.05], holiday: 0.05)

    /// The factor on a day.
    func factor(on day: TradingCalendar.Day) -> Double {
        day.isHoliday ? min(holiday, factors[day.weekday]) : factors[day.weekday]
    }
}
