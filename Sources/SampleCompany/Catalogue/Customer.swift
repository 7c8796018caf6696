/// Someone who orders from the sample company.
struct Customer: Sendable {
    /// What kind of business it is.
    enum Segment: Sendable, CaseIterable {
        case shop, office, works
    }

    /// Its code.
    var id: String
    /// What people call it.
    var name: String
    /// What kind of business it is.
    var segment: Segment
    /// The site that supplies it.
    var siteID: String
    /// How large it is beside the others of its kind at its site; larger ones order first.
    var weight: Double
    /// Working days ahead for which it usually orders; 0 is for the same day.
    var usualNotice: Int
    /// Whether its orders come as one electronic batch at half past five, on every day of the week.
    var ordersByBatch: Bool

    /// All of them, in ascending order of code.
    static let all: [Customer] = {
        var customers: [Customer] = []
        for (siteIndex, site) in Site.all.enumerated() {
            for (segmentIndex, segment) in Segment.allCases.enumerated() {
                for (index, name) in names[siteIndex][segmentIndex].split(separator: ", ").enumerated() {
                    customers.append(
                        Customer(
                            id: "K\(siteIndex + 1)\(segmentIndex + 1)0\(index + 1)", name: String(name),
                            segment: segment, siteID: site.id, weight: 1 / (1 + 0.7 * Double(index)),
                            usualNotice: segment == .shop ? index % 2 : index % 4,
                            ordersByBatch: segment == .shop && index == 0))
                }
            }
        }
        return customers
    }()

    /// Names by site and segment, the largest first. All are made up.
    private static let names = [
        [
            "새벽편의점 인천, 한빛마트 송도점, 온누리유통, 미추홀상회, 바다슈퍼, 하늘마트 영종점, 소래식자재",
            "송도오피스 구매팀, 인하교육원, 남동행정서비스, Blue Harbor Korea, 청라법무법인, 연수병원",
            "남동정밀, 서해기계, 부평모터스, Incheon Port Works, 가좌금속, 한길설비",
        ],
        [
            "새벽편의점 부산, 해운대마트, 자갈치유통, 동래상회, 광안리슈퍼, 영도식자재",
            "센텀오피스 구매팀, 부산문화재단, 금정교육원, 수영세무회계, 온천병원, 서면디자인",
            "녹산중공업, 사상기계, 감천조선소, Gimhae Parts, 다대포금속, 신평설비",
        ],
        [
            "새벽편의점 대전, 둔산마트, 한밭유통, 유성상회, 대덕식자재",
            "대덕연구원 구매팀, 둔산오피스, 유성교육원, 한밭병원, 세종서비스",
            "신탄진정밀, 대덕테크, 오정기계, Hanbat Robotics, 회덕설비",
        ],
    ]
}
