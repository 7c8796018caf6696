/// The job files this binary carries, so that it can be copied to a server alone.
package enum ShippedJobs {
    /// Name and text of each file.
    package static var files: [(name: String, yaml: String)] {
        [
            ("hourly-forecast.yaml", String(decoding: PackageResources.hourly_forecast_yaml, as: UTF8.self)),
            ("nightly-retrain.yaml", String(decoding: PackageResources.nightly_retrain_yaml, as: UTF8.self)),
        ]
    }
}
