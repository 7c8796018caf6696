/// A warehouse of the sample company.
struct Site: Sendable {
    /// Its code.
    var id: String
    /// What people call it.
    var name: String
    /// How much of each item it sells, beside the largest site.
    var scale: Double
    /// Whether it shuts for three days in August.
    var hasSummerRest = false

    /// The three of them.
    static let all = [
        Site(id: "ICN", name: "인천 물류센터", scale: 1),
        Site(id: "PUS", name: "부산 물류센터", scale: 0.65),
        Site(id: "DJN", name: "대전 물류센터", scale: 0.45, hasSummerRest: true),
    ]
}
