/// `on` or `off`, as a word or as what YAML makes of it.
struct Switch {
    let isOn: Bool

    /// `nil` where there is no single word; throws `DecodingError` for another word.
    init?(from decoder: any Decoder) throws {
        guard let single = try? decoder.singleValueContainer() else { return nil }
        if let isOn = try? single.decode(Bool.self) {
            self.isOn = isOn
            return
        }
        guard let text = try? single.decode(String.self) else { return nil }
        guard text == "off" || text == "on" else {
            throw DecodingError.dataCorruptedError(in: single, debugDescription: "neither on nor off")
        }
        isOn = text == "on"
    }
}
