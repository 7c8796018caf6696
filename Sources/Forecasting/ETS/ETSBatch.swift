/// Fits many forms to many series, eight at a time.
///
/// Requests of one form go together, by length, so that the eight lanes end at about the same time. The result of a
/// request depends on nothing but that request.
package enum ETSBatch {
    /// A form to fit to the start of a history.
    package struct Request: Sendable {
        /// Observations, NaN where missing.
        package var values: [Double]
        /// How many of them to fit.
        package var count: Int
        /// The form.
        var form: ETSForm
        /// Buckets in a season.
        var season: Int
        /// How hard to search.
        var effort: ETSFit.Effort

        package init(values: [Double], count: Int, form: ETSForm, season: Int, effort: ETSFit.Effort) {
            self.values = values
            self.count = count
            self.form = form
            self.season = season
            self.effort = effort
        }
    }

    /// The fit of each request in their order; `nil` where the form cannot describe the values (none observed, or not
    /// all positive where they must be).
    package static func fit(_ requests: [Request]) -> [ETSFit?] {
        var fits = [ETSFit?](repeating: nil, count: requests.count)
        var groups: [Kind: [Int]] = [:]
        for (index, request) in requests.enumerated() where describable(request) {
            groups[Kind(request), default: []].append(index)
        }
        for (kind, members) in groups {
            let sorted = members.sorted { (requests[$0].count, $0) < (requests[$1].count, $1) }
            guard let longest = sorted.last else { continue }
            if kind.isShiftable {
                var group = ETSLaneGroup<ETSShiftedSensitivity>(kind, capacity: requests[longest].count)
                group.fit(sorted, of: requests, into: &fits)
            } else {
                var group = ETSLaneGroup<ETSSensitivity>(kind, capacity: requests[longest].count)
                group.fit(sorted, of: requests, into: &fits)
            }
        }
        return fits
    }

    /// What requests must have in common to be worked on together.
    struct Kind: Hashable {
        let layout: ETSLayout
        let effort: ETSFit.Effort
        let largestTrendShare: Double
        /// Whether `ETSShiftedSensitivity` will do.
        let isShiftable: Bool

        init(_ request: Request) {
            let seasonsAreFree = request.effort.seasonsAreFree(season: request.season)
            layout = ETSLayout(request.form, season: request.season, seasonsAreFree: seasonsAreFree)
            // The shifted kernel stores its columns, which a very long history has no room for.
            isShiftable =
                seasonsAreFree && request.form.error == .additive && request.form.season == .additive
                && request.count <= 4096 && request.values[0..<request.count].allSatisfy { $0 == $0 }
            effort = request.effort
            largestTrendShare = request.effort.largestTrendShare(request.form, season: request.season)
        }
    }

    private static func describable(_ request: Request) -> Bool {
        var observed = false
        for time in 0..<request.count where request.values[time] == request.values[time] {
            if request.form.needsPositive && request.values[time] <= 0 { return false }
            observed = true
        }
        return observed
    }
}
