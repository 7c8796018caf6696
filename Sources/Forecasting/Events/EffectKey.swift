/// One thing whose effect on demand is learnt; columns of one key in different series mean the same.
enum EffectKey: Sendable, Hashable {
    /// Any holiday.
    case holiday
    /// The holiday of a name.
    case named(holiday: String)
    /// So many working days before a holiday.
    case before(Int)
    /// So many working days after a holiday.
    case after(Int)
    /// So many working days before the feast of a name.
    case beforeFeast(String, Int)
    /// So many working days after the feast of a name.
    case afterFeast(String, Int)
    /// Working days of the bucket over their usual number.
    case workingDays
    /// Any promotion.
    case promotion
    /// How much larger a promotion is than the item's usual one.
    case promotionSize
    /// The week after a promotion, when shelves are full.
    case afterPromotion
    /// The logarithm of the price over its mean.
    case price
    /// An event of a name.
    case other(String)

    /// The name under which an explanation or a parameter list shows the effect; another one for each key.
    var name: String {
        switch self {
        case .holiday: "holiday"
        case .named(let holiday): "holiday \(holiday)"
        case .before(let days): "holiday -\(days)"
        case .after(let days): "holiday +\(days)"
        case .beforeFeast(let feast, let days): "\(feast) -\(days)"
        case .afterFeast(let feast, let days): "\(feast) +\(days)"
        case .workingDays: "working days"
        case .promotion: "promotion"
        case .promotionSize: "promotion size"
        case .afterPromotion: "after promotion"
        case .price: "price"
        case .other(let name): "event \(name)"
        }
    }

    /// The component of an explanation the effect counts to.
    var component: String {
        switch self {
        case .holiday, .named, .before, .after, .beforeFeast, .afterFeast, .workingDays: "holiday"
        case .promotion, .promotionSize, .afterPromotion, .price, .other: "event"
        }
    }

    /// How large an effect is expected to be, as the standard deviation of a relative change, before anything is seen.
    var expectedSize: Double {
        switch self {
        case .holiday, .workingDays, .promotion, .promotionSize, .other: 0.5
        case .named: 0.3
        case .before, .after, .beforeFeast, .afterFeast, .afterPromotion: 0.2
        case .price: 1
        }
    }

    /// Whether the effect is much the same for all series, so that they may learn it from each other.
    var isShared: Bool {
        if case .other = self { false } else { true }
    }
}
