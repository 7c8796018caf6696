/// Numbers as a page shows them.
enum Figure {
    /// A number with so many digits after the point; a dash for one that is not finite.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard scaled.isFinite, scaled.magnitude < 1e15 else { return "–" }
        let whole = Int(scaled.magnitude) / Int(scale)
        let sign = scaled < 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let rest = String(Int(scaled.magnitude) % Int(scale))
        return sign + String(whole) + "." + String(repeating: "0", count: digits - rest.count) + rest
    }

    /// A share in percent, such as `-12.5 %`; a dash for none.
    static func percent(_ share: Double?) -> String {
        share.map { decimal(100 * $0, 1) + " %" } ?? "–"
    }
}
