extension RegressionSums {
    /// The normal equations of a regression of a sequence on its own lags, in time linear in their number.
    ///
    /// Their Gram matrix is nearly Toeplitz: over the times a…b − 1,
    /// `Gᵢ₊₁,ⱼ₊₁ = Gᵢ,ⱼ + x[a−1−i] x[a−1−j] − x[b−1−i] x[b−1−j]`, since both sum the same products but for the two ends.
    /// Only the products with the value itself and at gaps between lags are summed over time.
    ///
    /// - Parameters:
    ///   - values: the sequence.
    ///   - lags: from 1, ascending.
    ///   - range: the times that are rows; none may come before the last lag.
    ///   - leavingOut: times of the range that are no rows.
    /// - Complexity: O(rows · lags + lags²) without gaps between lags, and O(lags²) for each row left out.
    public init(of values: [Double], lags: [Int], over range: Range<Int>, leavingOut: [Int] = []) {
        let columns = lags.count
        let order = columns + 2
        guard !range.isEmpty, let longest = lags.last else {
            self.init(columns: columns)
            return
        }
        precondition(lags[0] >= 1 && range.lowerBound >= longest && range.upperBound <= values.count)
        // Lag 0 is the target; its place is made the last but one below.
        let offsets = [0] + lags
        let sized = offsets.count
        var inLagOrder = [Double](repeating: 0, count: sized * sized)
        let withTarget = LaggedProducts.sums(values, values, over: range, count: longest + 1)
        for (index, offset) in offsets.enumerated() { inLagOrder[index] = withTarget[offset] }
        unsafe values.withUnsafeBufferPointer { values in
            unsafe inLagOrder.withUnsafeMutableBufferPointer { gram in
                for first in 1..<sized {
                    let left = offsets[first]
                    let follows = offsets[first - 1] == left - 1
                    let start = unsafe values[range.lowerBound - left]
                    let end = unsafe values[range.upperBound - left]
                    for second in first..<sized {
                        let right = offsets[second]
                        var value = 0.0
                        if follows, offsets[second - 1] == right - 1 {
                            value = unsafe gram[(first - 1) * sized + second - 1]
                            unsafe value += start * values[range.lowerBound - right]
                            unsafe value -= end * values[range.upperBound - right]
                        } else {
                            for time in range { unsafe value += values[time - left] * values[time - right] }
                        }
                        unsafe gram[first * sized + second] = value
                    }
                }
            }
        }
        var products = [Double](repeating: 0, count: order * order)
        for first in 0..<sized {
            let row = first == 0 ? columns : first - 1
            for second in first..<sized {
                let column = second == 0 ? columns : second - 1
                let value = inLagOrder[first * sized + second]
                products[row * order + column] = value
                products[column * order + row] = value
            }
        }
        var total = 0.0
        for time in range { total += values[time] }
        var lag = 0
        for (index, offset) in offsets.enumerated() {
            while lag < offset {
                lag += 1
                total += values[range.lowerBound - lag] - values[range.upperBound - lag]
            }
            let place = index == 0 ? columns : index - 1
            products[place * order + columns + 1] = total
            products[(columns + 1) * order + place] = total
        }
        for time in leavingOut {
            let row = lags.map { values[time - $0] } + [values[time], 1]
            for left in 0..<order {
                for right in 0..<order { products[left * order + right] -= row[left] * row[right] }
            }
        }
        let rows = Double(range.count - leavingOut.count)
        products[order * order - 1] = rows
        // Of gaps alone nothing but rounding is left.
        if rows == 0 { products = [Double](repeating: 0, count: order * order) }
        self.init(columns: columns, rows: rows, products: products)
    }
}
