extension Item {
    /// For homes and offices: from the everyday to the strongly seasonal.
    static let household: [Item] = [
        // code, name, category, unit, cost in won, units a pack, sites, demand
        Item("B1001", "주방세제 1L", .household, "병", 2_150, 12, "IPD", .retail(44).promoted(4)),
        Item("B1002", "세탁세제 3L", .household, "통", 6_900, 4, "IPD", .retail(36).promoted(5)),
        Item("B1003", "화장지 30롤", .household, "팩", 11_800, 2, "IPD", .retail(52).promoted(4)),
        Item("B1004", "물티슈 100매", .household, "팩", 890, 20, "IPD", .retail(96)),
        Item("B1005", "칫솔 4입", .household, "팩", 2_400, 24, "IP", .retail(22)),
        Item("B1006", "마스크 KF94 50매", .household, "상자", 9_500, 10, "IPD", .retail(30).growing(-0.4)),
        Item("B1007", "제습제 8입", .household, "상자", 5_600, 6, "ID", .retail(20).season(.summer(1.6))),
        Item("B1008", "고무장갑 M", .household, "켤레", 1_100, 30, "IP", .retail(28).changedLevel(52, to: 1.9)),
        Item("B1009", "섬유유연제 2.5L", .household, "통", 4_300, 6, "IP", .retail(26).promoted(4)),
        Item("B1010", "손소독제 500mL", .household, "병", 3_200, 12, "I", .retail(14).growing(-0.5)),
        Item("B2001", "전기히터 1200W", .seasonal, "대", 38_000, 1, "IPD", .retail(6, size: 6).season(.winter(2.3))),
        Item("B2002", "가습기 4L", .seasonal, "대", 42_000, 1, "IP", .retail(5, size: 6).season(.winter(1.8))),
        Item("B2003", "선풍기 14인치", .seasonal, "대", 33_000, 1, "IP", .retail(7, size: 6).season(.summer(2.4))),
        Item("B2004", "휴대용 손난로 10입", .seasonal, "팩", 3_700, 20, "IPD", .retail(24).season(.winter(2.2))),
        Item("B2005", "전기장판 싱글", .seasonal, "장", 29_000, 2, "I", .retail(5, size: 6).season(.winter(2))),
        Item("B2006", "서큘레이터", .seasonal, "대", 58_000, 1, "IP", .retail(6).season(.summer(1.7)).introduced(520)),
        Item("B3001", "Copy paper A4 80g", .office, "box", 17_900, 5, "IPD", .office(62, size: 30)),
        Item("B3002", "볼펜 0.5mm 검정 12입", .office, "상자", 4_100, 12, "IPD", .office(26).season(.spring(0.4))),
        Item("B3003", "토너 카트리지 TN-450", .office, "개", 46_000, 1, "IPD", .office(9).growing(-0.15)),
        Item("B3004", "노트 A5 80매", .office, "권", 950, 40, "IPD", .office(54).season(.spring(0.8))),
        Item("B3005", "파일 바인더 3공", .office, "개", 1_700, 24, "IP", .office(20).season(.spring(0.5))),
        Item("B3006", "점착 메모지 76×76", .office, "팩", 2_200, 12, "IP", .office(32)),
        Item("B3007", "다이어리 신년호", .office, "권", 6_800, 20, "IP", .office(8, size: 5).season(.winter(2.4))),
        Item("B3008", "화이트보드 마카 4색", .office, "세트", 2_900, 20, "ID", .office(12).changedLevel(38, to: 0.35)),
    ]
}
