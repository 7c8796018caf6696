/// The straight line through the values seen so far, by least squares over their times 1, 2, ….
struct LineThroughValues: Sendable, Codable, Hashable {
    private var observed = 0.0
    private var meanTime = 0.0
    private var meanValue = 0.0
    private var squares = 0.0
    private var products = 0.0

    /// The slope; 0 before there are two values.
    ///
    /// The division waits for times alone, not for the value before, on which only the multiplication does.
    private var slope: Double { squares > 0 ? products * (1 / squares) : 0 }

    /// The slope and the height of the line at time 0.
    var coefficients: (intercept: Double, slope: Double) {
        let slope = slope
        return (meanValue - slope * meanTime, slope)
    }

    /// Takes in the value at a time later than all before.
    ///
    /// Welford's updates of means, squares and products, which lose nothing to cancellation however long the series is.
    mutating func add(_ value: Double, time: Double) {
        observed += 1
        let share = 1 / observed
        let elapsed = time - meanTime
        meanTime += elapsed * share
        let rise = value - meanValue
        meanValue += rise * share
        squares += elapsed * (time - meanTime)
        products += elapsed * (value - meanValue)
    }
}

/// The recursion of the theta model on seasonally adjusted values: a smoothed level beside the line through all of them.
struct ThetaLine: Sendable, Codable, Hashable {
    let alpha: Double
    /// 1 − 1/θ.
    let weight: Double
    private(set) var level: Double
    private var line = LineThroughValues()
    /// Buckets so far.
    private var time = 0.0
    /// (1 − α)^time.
    private var decay = 1.0

    init(alpha: Double, weight: Double, level: Double) {
        self.alpha = alpha
        self.weight = weight
        self.level = level
    }

    /// What the line adds to the level in the mean of the next bucket.
    var drift: Double {
        let (intercept, slope) = line.coefficients
        return weight * (decay * intercept + (1 - decay * (1 - alpha)) / alpha * slope)
    }

    /// Takes in the value of the next bucket. A missing one moves the level by its mean and leaves the line alone.
    mutating func advance(_ value: Double) {
        if value == value {
            level += alpha * (value - level)
            time += 1
            line.add(value, time: time)
        } else {
            level += alpha * drift
            time += 1
        }
        decay *= 1 - alpha
    }

    /// Hands over level + drift of each step ahead; each mean is taken for the value of its bucket, line included.
    func forecast(horizon: Int, each: (_ step: Int, _ mean: Double) -> Void) {
        var ahead = self
        for step in 0..<horizon {
            let mean = ahead.level + ahead.drift
            each(step, mean)
            ahead.advance(mean)
        }
    }
}
