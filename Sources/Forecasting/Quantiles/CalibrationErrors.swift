/// The errors quantiles are learnt from.
///
/// A backtest of a few folds has few independent errors. The fitted model is therefore also run from many origins over
/// the later part of the history it was fitted to. Those errors flatter it; by how much is seen where both exist, and
/// they are stretched by that, and a little more for a short history, whose future differs more from its past.
enum CalibrationErrors {
    /// Origins the fitted model is run from.
    private static let origins = 24
    /// A few folds can be unlucky: errors are stretched by no more than this.
    private static let largestStretch = 1.5

    /// Errors, row-major, origin × step; NaN where unscored.
    static func collect(
        _ history: History, model: any FittedModel, plan: BacktestPlan?, table: BacktestTable?, horizon: Int,
        nonNegative: Bool
    ) -> [Double] {
        let least = history.season > 1 ? max(history.season + 2, history.count * 2 / 5) : max(4, history.count * 2 / 5)
        guard let wide = BacktestPlan(history, horizon: horizon, from: least, limit: origins) else { return [] }
        var errors = BacktestTable(model, history: history, plan: wide, nonNegative: nonNegative)
            .errors(history, plan: wide)
        // Without a backtest to compare with, the usual flattery is assumed.
        var stretch = 1.2
        if let plan, let table {
            let outside = meanSquare(table.errors(history, plan: plan))
            let inside = meanSquare(
                BacktestTable(model, history: history, plan: plan, nonNegative: nonNegative)
                    .errors(history, plan: plan))
            if inside > 0 { stretch = min(max((outside / inside).squareRoot(), 1), largestStretch) }
        }
        stretch *= 1 + 8 / Double(history.count)
        for index in errors.indices { errors[index] *= stretch }
        return errors
    }

    private static func meanSquare(_ errors: [Double]) -> Double {
        var sum = 0.0
        var number = 0.0
        for error in errors where error == error {
            sum += error * error
            number += 1
        }
        return number > 0 ? sum / number : 0
    }
}
