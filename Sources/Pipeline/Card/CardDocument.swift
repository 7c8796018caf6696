/// A page of headed sections, before it is written in any format.
public struct CardDocument: Sendable, Hashable {
    /// Rows under headings; a value is text as it is shown.
    public struct Table: Sendable, Hashable {
        /// Headings of the columns.
        public var columns: [String]
        /// The rows, as many values each as there are columns.
        public var rows: [[String]]

        /// A table.
        public init(columns: [String], rows: [[String]]) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// Values in a row, drawn as bars beside their names, or as a line over the steps.
    public struct Chart: Sendable, Hashable {
        /// How it is drawn.
        public enum Shape: Sendable, Hashable {
            case bars
            case line
        }

        /// How it is drawn.
        public var shape: Shape
        /// What the values are, for who cannot see it.
        public var title: String
        /// A name for each value.
        public var names: [String]
        /// The values, none below 0.
        public var values: [Double]

        /// A chart.
        public init(shape: Shape, title: String, names: [String], values: [Double]) {
            self.shape = shape
            self.title = title
            self.names = names
            self.values = values
        }
    }

    /// A part of the page.
    public struct Section: Sendable, Hashable {
        /// Its heading.
        public var title: String
        /// What it says, a paragraph each.
        public var paragraphs: [String]
        /// Its table; `nil` without one.
        public var table: Table?
        /// Its chart, which repeats nothing that the table or text does not say; `nil` without one.
        public var chart: Chart?

        /// A section.
        public init(_ title: String, _ paragraphs: [String] = [], table: Table? = nil, chart: Chart? = nil) {
            self.title = title
            self.paragraphs = paragraphs
            self.table = table
            self.chart = chart
        }
    }

    /// The page's own heading.
    public var title: String
    /// Its sections.
    public var sections: [Section]

    /// A page.
    public init(title: String, sections: [Section]) {
        self.title = title
        self.sections = sections
    }
}
