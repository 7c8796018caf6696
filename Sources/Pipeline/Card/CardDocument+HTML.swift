extension CardDocument {
    /// The page as one HTML file that needs nothing else: styles and charts are inside, and no script.
    public var html: String {
        var body = "<h1>\(CardDocument.escaped(title))</h1>\n"
        for section in sections {
            body += "<section>\n<h2>\(CardDocument.escaped(section.title))</h2>\n"
            for paragraph in section.paragraphs { body += "<p>\(CardDocument.escaped(paragraph))</p>\n" }
            if let chart = section.chart, !chart.values.isEmpty { body += chart.svg + "\n" }
            if let table = section.table { body += table.html }
            body += "</section>\n"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(CardDocument.escaped(title))</title>
            <style>\(CardDocument.style)</style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2733;background:#fff}\
        h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #d5dde5;padding-bottom:.2rem}\
        table{border-collapse:collapse;width:100%;font-size:.9rem}\
        th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #e8edf2;vertical-align:top}\
        td{font-variant-numeric:tabular-nums}\
        svg{max-width:100%;height:auto;margin:.5rem 0}
        """

    /// Text in which nothing means anything to HTML.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}

extension CardDocument.Table {
    fileprivate var html: String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\(CardDocument.escaped($0))</\(tag)>" }.joined() + "</tr>\n"
        }
        return "<table>\n<thead>\(row(columns, "th"))</thead>\n<tbody>\n"
            + rows.map { row($0, "td") }.joined() + "</tbody>\n</table>\n"
    }
}

extension CardDocument.Chart {
    private static let width = 640.0

    /// The chart as an image inside the page.
    fileprivate var svg: String {
        let highest = max(values.max() ?? 0, .leastNormalMagnitude)
        switch shape {
        case .bars:
            let height = 26.0
            var inside = ""
            for (place, value) in values.enumerated() {
                let top = Double(place) * height
                let length = (CardDocument.Chart.width - 290) * value / highest
                inside += text(at: 0, top + 17, names[place], anchor: "start")
                inside +=
                    "<rect x=\"220\" y=\"\(number(top + 4))\" width=\"\(number(length))\" height=\"18\" fill=\"#2f6f9f\"/>"
                inside += text(at: 226 + length, top + 17, number(value, digits: 3), anchor: "start")
            }
            return image(height: height * Double(values.count), inside)
        case .line:
            let height = 200.0
            let step = (CardDocument.Chart.width - 80) / Double(max(values.count - 1, 1))
            let points = values.enumerated().map { place, value in
                "\(number(50 + Double(place) * step)),\(number(height - 30 - (height - 50) * value / highest))"
            }
            let inside =
                "<line x1=\"50\" y1=\"170\" x2=\"\(number(CardDocument.Chart.width - 30))\" y2=\"170\" stroke=\"#9aa8b5\"/>"
                + "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"#2f6f9f\" stroke-width=\"2\"/>"
                + text(at: 44, 174, "0", anchor: "end") + text(at: 44, 24, number(highest, digits: 2), anchor: "end")
                + text(at: 50, 190, names.first ?? "", anchor: "start")
                + text(at: CardDocument.Chart.width - 30, 190, names.last ?? "", anchor: "end")
            return image(height: height, inside)
        }
    }

    private func image(height: Double, _ inside: String) -> String {
        let size = "\(number(CardDocument.Chart.width)) \(number(height))"
        return
            "<svg viewBox=\"0 0 \(size)\" width=\"640\" height=\"\(number(height))\" role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"13\"><title>\(CardDocument.escaped(title))</title>\(inside)</svg>"
    }

    private func text(at x: Double, _ y: Double, _ text: String, anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#1c2733\">\(CardDocument.escaped(text))</text>"
    }

    private func number(_ value: Double, digits: Int = 1) -> String { Figure.decimal(value, digits) }
}
