extension Item {
    /// For works and repair shops: steady consumables, spare parts asked for now and then, and project goods.
    static let works: [Item] = [
        // code, name, category, unit, cost in won, units a pack, sites, demand
        Item("C1001", "골판지 박스 B-3호", .packaging, "장", 620, 50, "IPD", .works(260, size: 40)),
        Item("C1002", "OPP 테이프 48mm×100m", .packaging, "롤", 1_350, 40, "IPD", .works(84).growing(0.1)),
        Item("C1003", "에어캡 500mm×50m", .packaging, "롤", 7_200, 4, "IP", .works(24)),
        Item("C1004", "스트레치 필름 500mm", .packaging, "롤", 5_900, 6, "IPD", .works(38)),
        Item("C1005", "Thermal label 100×150", .packaging, "roll", 3_800, 12, "IPD", .works(46).growing(0.18)),
        Item("C1006", "친환경 종이 완충재", .packaging, "상자", 12_500, 2, "ID", .works(16).introduced(155)),
        Item("C2001", "니트릴 장갑 L 100매", .consumables, "상자", 6_300, 10, "IPD", .works(42)),
        Item("C2002", "절단석 4인치", .consumables, "장", 680, 100, "IPD", .works(120)),
        Item("C2003", "용접봉 3.2mm 5kg", .consumables, "상자", 19_800, 4, "ID", .works(11)),
        Item("C2004", "윤활유 VG46 20L", .consumables, "통", 58_000, 1, "IPD", .works(6).changedLevel(75, to: 0.5)),
        Item("C2005", "안전모 ABS", .consumables, "개", 7_400, 20, "IP", .works(14, size: 5)),
        Item("C3001", "Bearing 6204-2RS", .spareParts, "ea", 3_900, 10, "IPD", .spare(0.32, units: 4)),
        Item("C3002", "Bearing 6308-ZZ", .spareParts, "ea", 8_700, 5, "IPD", .spare(0.14, units: 2)),
        Item("C3003", "V-belt B-52", .spareParts, "ea", 6_100, 5, "IP", .spare(0.2, units: 2.5)),
        Item("C3004", "유압 실린더 씰 키트", .spareParts, "세트", 27_000, 1, "IPD", .spare(0.07, units: 1)),
        Item("C3005", "솔레노이드 밸브 24V", .spareParts, "개", 41_000, 1, "IPD", .spare(0.09, units: 1.3)),
        Item("C3006", "근접 센서 M18", .spareParts, "개", 23_500, 2, "ID", .spare(0.16, units: 2)),
        Item("C3007", "인버터 2.2kW", .spareParts, "대", 310_000, 1, "I", .spare(0.03, units: 1)),
        Item("C3008", "컨베이어 롤러 50×600", .spareParts, "개", 15_200, 4, "IP", .lumpy(0.12, units: 9)),
        Item("C3009", "체인 RS-50 10ft", .spareParts, "개", 34_000, 1, "ID", .spare(0.05, units: 1.5)),
        Item("C3010", "필터 엘리먼트 HF-10", .spareParts, "개", 12_800, 6, "IP", .spare(0.24, units: 2)),
        Item("C4001", "LED 투광기 100W", .projects, "대", 46_000, 2, "IP", .lumpy(0.13, units: 12)),
        Item("C4002", "케이블 트레이 3m", .projects, "본", 13_900, 10, "IPD", .lumpy(0.18, units: 30)),
        Item("C4003", "앵커볼트 M12×100", .projects, "개", 740, 100, "IPD", .lumpy(0.3, units: 120)),
        Item("C4004", "분전반 12회로", .projects, "면", 124_000, 1, "IP", .lumpy(0.06, units: 4)),
        Item("C4005", "팔레트 랙 2단", .projects, "조", 189_000, 1, "I", .lumpy(0.05, units: 7)),
    ]
}
