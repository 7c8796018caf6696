internal import TimeSeries

/// Which series a total adds up: all of a portfolio, or those of a site, of a category, or of a category at a site.
public struct TotalKey: Sendable, Hashable, Comparable {
    /// What is added up, by the names of `forecast.total`.
    public enum Level: String, Sendable, CaseIterable {
        /// All series of the portfolio.
        case company
        /// Those of a site.
        case site
        /// Those of a category.
        case category
        /// Those of a category at a site.
        case siteCategory = "site_category"
    }

    /// What it adds up.
    public var level: Level
    /// The site, on the levels that have one.
    public var site: String?
    /// The category, on the levels that have one; `nil` there is items without one.
    public var category: String?

    /// A total.
    public init(level: Level, site: String? = nil, category: String? = nil) {
        self.level = level
        self.site = site
        self.category = category
    }

    /// Every total that a series is part of.
    static func all(of series: SeriesKey, category: String?) -> [TotalKey] {
        var keys = [TotalKey(level: .company), TotalKey(level: .category, category: category)]
        if let site = series.site {
            keys.append(TotalKey(level: .site, site: site))
            keys.append(TotalKey(level: .siteCategory, site: site, category: category))
        }
        return keys
    }

    private var order: [String] { [level.rawValue, site ?? "", category ?? "", category == nil ? "" : "1"] }

    /// By level, then site, then category.
    public static func < (one: TotalKey, other: TotalKey) -> Bool { one.order.lexicographicallyPrecedes(other.order) }
}

extension TotalKey: CustomStringConvertible {
    /// What a reader calls it, such as `site ICN` or `category tea at ICN`.
    public var description: String {
        let items = category.map { "category \($0)" } ?? "items without a category"
        return switch level {
        case .company: "all series"
        case .site: "site \(site ?? "")"
        case .category: items
        case .siteCategory: "\(items) at \(site ?? "")"
        }
    }
}
