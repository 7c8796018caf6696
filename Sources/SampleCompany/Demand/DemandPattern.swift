#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// What drives one item's demand: a level, and factors for trend, year, week, feasts, promotions and age.
struct DemandPattern: Sendable {
    /// How units arrive once the mean is known.
    enum Arrival: Sendable, Equatable {
        /// Daily totals are negative binomial of that size; the larger, the nearer to Poisson.
        case steady(size: Double)
        /// Poisson orders, each of 1 + Poisson units: the mean counts orders, `units` is an order's mean.
        case sporadic(units: Double)
        /// Poisson orders of geometric size: now one unit, now a whole lot.
        case lumpy(units: Double)
    }

    /// Who buys.
    var segment: Customer.Segment
    /// Units (orders, where they are sporadic or lumpy) on a working day at the largest site, midway through the history.
    var level: Double
    /// How units arrive.
    var arrival: Arrival
    /// Growth a year, as a logarithm: 0.2 is 22 %.
    var growth = 0.0
    /// Through the year.
    var year = YearlyShape.flat
    /// Through the week.
    var week: WeeklyShape
    /// Around Seollal and Chuseok.
    var feasts: HolidayResponse
    /// Promotions a year.
    var promotionsAYear = 0
    /// How the logarithm of demand answers to a discount: 3.5 makes 20 % off double it.
    var elasticity = 0.0
    /// Coming, going and changes of level.
    var life = LifeCycle()

    /// Mean demand on a day.
    ///
    /// - Parameters:
    ///   - daysBack: days from that day to the last of the history; negative lies ahead.
    ///   - discount: the share off the price that day, 0 without a promotion.
    ///   - isAfterPromotion: whether a promotion ended in the week before, so that shelves are full.
    func mean(on day: TradingCalendar.Day, daysBack: Int, discount: Double, isAfterPromotion: Bool) -> Double {
        let age = life.factor(daysBack: daysBack)
        guard age > 0 else { return 0 }
        let trend = exp(growth * (548 - Double(daysBack)) / 365.25)
        let promotion = discount > 0 ? exp(elasticity * discount) : isAfterPromotion ? 0.8 : 1
        return level * age * trend * year.factor(at: day.yearFraction) * week.factor(on: day)
            * feasts.factor(on: day) * promotion
    }
}

extension DemandPattern {
    /// What shops buy day by day.
    static func retail(_ level: Double, size: Double = 25) -> DemandPattern {
        DemandPattern(
            segment: .shop, level: level, arrival: .steady(size: size), week: .retail, feasts: .retail)
    }

    /// What offices buy.
    static func office(_ level: Double, size: Double = 14) -> DemandPattern {
        DemandPattern(
            segment: .office, level: level, arrival: .steady(size: size), week: .office, feasts: .business)
    }

    /// What works use up.
    static func works(_ level: Double, size: Double = 18) -> DemandPattern {
        DemandPattern(
            segment: .works, level: level, arrival: .steady(size: size), week: .works, feasts: .business)
    }

    /// Gift sets for the two feasts.
    static func gifts(_ level: Double) -> DemandPattern {
        DemandPattern(segment: .shop, level: level, arrival: .steady(size: 6), week: .retail, feasts: .gifts)
    }

    /// Spare parts: so many orders a day, of a few units each.
    static func spare(_ ordersADay: Double, units: Double) -> DemandPattern {
        DemandPattern(
            segment: .works, level: ordersADay, arrival: .sporadic(units: units), week: .works, feasts: .business)
    }

    /// Project goods: so many orders a day, of any size.
    static func lumpy(_ ordersADay: Double, units: Double) -> DemandPattern {
        DemandPattern(
            segment: .works, level: ordersADay, arrival: .lumpy(units: units), week: .works, feasts: .business)
    }

    /// Growing (or with a negative number, shrinking) by that logarithm a year.
    func growing(_ growth: Double) -> DemandPattern { changed { $0.growth = growth } }

    /// With a season.
    func season(_ shape: YearlyShape) -> DemandPattern { changed { $0.year = shape } }

    /// Promoted so many times a year.
    func promoted(_ times: Int, elasticity: Double = 4) -> DemandPattern {
        changed {
            $0.promotionsAYear = times
            $0.elasticity = elasticity
        }
    }

    /// New that many days before the last day of the history.
    func introduced(_ daysBack: Int) -> DemandPattern { changed { $0.life.introduced = daysBack } }

    /// Gone that many days before the last day of the history; negative where it is only planned.
    func discontinued(_ daysBack: Int) -> DemandPattern { changed { $0.life.discontinued = daysBack } }

    /// At another level since that many days before the last day of the history.
    func changedLevel(_ daysBack: Int, to share: Double) -> DemandPattern {
        changed { $0.life.levelChange = (daysBack, share) }
    }

    private func changed(_ change: (inout DemandPattern) -> Void) -> DemandPattern {
        var copy = self
        change(&copy)
        return copy
    }
}
