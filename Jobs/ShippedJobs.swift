/// The job files, sources and mappings this binary carries, so that it can be copied to a server alone.
package enum ShippedJobs {
    /// A file as text.
    package struct File: Sendable {
        /// Its name in `Jobs/`.
        package let name: String
        /// Its text.
        package let yaml: String

        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            yaml = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The job definitions.
    package static let jobs = [
        File("hourly-forecast.yaml", PackageResources.hourly_forecast_yaml),
        File("nightly-retrain.yaml", PackageResources.nightly_retrain_yaml),
        File("nightly-drift.yaml", PackageResources.nightly_drift_yaml),
        File("weekly-prune.yaml", PackageResources.weekly_prune_yaml),
    ]

    /// The sources over other systems' tables, by their names without the ending: jobs to copy, fill in and apply.
    package static let sources = [
        "erpnext": File("sources/erpnext.yaml", PackageResources.erpnext_yaml),
        "odoo": File("sources/odoo.yaml", PackageResources.odoo_yaml),
    ]

    /// The mappings of other systems' files, by their names without the ending.
    package static let mappings = [
        "online-retail": File("mappings/online-retail.yaml", PackageResources.online_retail_yaml)
    ]
}
