package import Forecasting
package import TimeSeries

extension PortfolioSpecification {
    /// The model asked for.
    ///
    /// Throws ``PipelineError/invalidSpecification(_:)`` with the valid names where there is none of that name.
    package func modelChoice() throws -> ModelChoice {
        guard let choice = ModelChoice(name: model) else {
            throw PipelineError.invalidSpecification(
                "there is no model '\(model)'; take one of \(ModelChoice.names.joined(separator: ", "))")
        }
        return choice
    }

    /// The last bucket that has arrived completely where demand has arrived through a day.
    package func lastCompleteBucket(_ dataThrough: CivilDate) -> Bucket {
        SeriesBuilder(frequency: frequency, dataThrough: dataThrough).lastCompleteBucket
    }

    /// Whether a version of one can be compared with a version of the other: series of the same buckets and keys.
    package func isComparable(to other: PortfolioSpecification) -> Bool {
        frequency == other.frequency && grain == other.grain
    }

    /// Whether both choose models in the same way: they may differ in how the choice is judged.
    package func choosesAs(_ other: PortfolioSpecification) -> Bool {
        var other = other
        (other.gate, other.rollback) = (gate, rollback)
        return self == other
    }

    /// This specification with what an earlier one says of the models: which, with which season and calendar.
    package func holding(_ earlier: PortfolioSpecification) -> PortfolioSpecification {
        var held = self
        (held.model, held.season, held.holidayCalendar) = (earlier.model, earlier.season, earlier.holidayCalendar)
        return held
    }

    /// What the forecasting engine is told.
    package func configuration(holidays: [Holiday], threads: Int?) throws -> ForecastConfiguration {
        ForecastConfiguration(
            frequency: frequency, season: season, horizon: horizon, cumulative: true, model: try modelChoice(),
            origins: origins, seed: seed, holidays: holidays, threads: threads)
    }
}
