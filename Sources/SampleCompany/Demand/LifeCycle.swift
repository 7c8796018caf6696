#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// When an item comes, goes and changes its level, in days before the last day of the history.
struct LifeCycle: Sendable {
    /// Days between its first day and the last of the history; `nil` is older than the history.
    var introduced: Int?
    /// Days between its last day and the last of the history; negative lies ahead, `nil` is not planned.
    var discontinued: Int?
    /// A lasting change of level: when, and to what share of the level before.
    var levelChange: (daysBack: Int, share: Double)?

    /// The factor so many days before the last day of the history; 0 while it cannot be ordered.
    ///
    /// New items take about ten weeks to become known; those about to go fade over twelve.
    func factor(daysBack: Int) -> Double {
        var factor = 1.0
        if let introduced {
            guard daysBack <= introduced else { return 0 }
            factor *= 1 - 0.85 * exp(-Double(introduced - daysBack) / 25)
        }
        if let discontinued {
            guard daysBack >= discontinued else { return 0 }
            factor *= min(1, 0.25 + 0.75 * Double(daysBack - discontinued) / 84)
        }
        if let levelChange, daysBack < levelChange.daysBack { factor *= levelChange.share }
        return factor
    }
}
