/// Something the sample company sells.
struct Item: Sendable {
    /// Its code.
    var id: String
    /// What people call it.
    var name: String
    /// The group it belongs to.
    var category: Category
    /// Base unit of its quantities.
    var unit: String
    /// Cost of one base unit in won.
    var cost: Int
    /// Base units in the smallest pack bought from the supplier.
    var packSize: Int
    /// The sites that sell it.
    var siteIDs: [String]
    /// What drives its demand.
    var pattern: DemandPattern

    /// An item sold at the sites whose first letters `sites` names, such as `IPD`.
    init(
        _ id: String, _ name: String, _ category: Category, _ unit: String, _ cost: Int, _ packSize: Int,
        _ sites: String, _ pattern: DemandPattern
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.unit = unit
        self.cost = cost
        self.packSize = packSize
        siteIDs = Site.all.map(\.id).filter { sites.contains($0.prefix(1)) }
        self.pattern = pattern
    }

    /// Everything in the catalogue, in ascending order of code.
    static let all = groceries + household + works

    /// The group an item belongs to, and how it is bought.
    enum Category: String, Sendable {
        case drinks = "음료"
        case snacks = "과자"
        case frozen = "냉동식품"
        case gifts = "명절 선물세트"
        case household = "생활용품"
        case seasonal = "계절가전"
        case office = "사무용품"
        case packaging = "포장재"
        case consumables = "산업 소모품"
        case spareParts = "예비부품"
        case projects = "설비 자재"

        /// Days from ordering to receiving: mean and standard deviation.
        var leadTime: (days: Double, deviation: Double) {
            switch self {
            case .drinks, .snacks: (4, 1)
            case .frozen: (3, 0.7)
            case .gifts, .household, .office: (7, 2)
            case .packaging, .consumables: (6, 1.5)
            case .seasonal: (14, 4)
            case .spareParts: (21, 6)
            case .projects: (28, 8)
            }
        }

        /// Whom it is bought from.
        var supplier: String {
            switch self {
            case .drinks, .snacks: "한울식품"
            case .frozen: "설악냉동"
            case .gifts: "정담선물"
            case .household: "맑은생활"
            case .seasonal: "바람전자"
            case .office: "Hana Stationery"
            case .packaging: "대성포장"
            case .consumables: "동방산업"
            case .spareParts: "Kyushu Bearing"
            case .projects: "미래설비"
            }
        }
    }
}
