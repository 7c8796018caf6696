/// One forward step of the database schema, carried in the binary.
public struct Migration: Sendable {
    /// Its number: 1, 2, …, applied in this order.
    public let version: Int
    /// Its name, such as `demand`.
    public let name: String
    /// The SQL text.
    public let sql: String

    /// Every migration, in order. A migration that has been released is never edited; a new one follows it.
    public static let all: [Migration] = [
        Migration(version: 1, name: "suyo", bytes: PackageResources.v001_suyo_sql),
        Migration(version: 2, name: "demand", bytes: PackageResources.v002_demand_sql),
        Migration(version: 3, name: "forecast", bytes: PackageResources.v003_forecast_sql),
        Migration(version: 4, name: "views", bytes: PackageResources.v004_views_sql),
        Migration(version: 5, name: "operation", bytes: PackageResources.v005_operation_sql),
        Migration(version: 6, name: "registry", bytes: PackageResources.v006_registry_sql),
        Migration(version: 7, name: "monitoring", bytes: PackageResources.v007_monitoring_sql),
        Migration(version: 8, name: "planning", bytes: PackageResources.v008_planning_sql),
        Migration(version: 9, name: "source", bytes: PackageResources.v009_source_sql),
        Migration(version: 10, name: "consumer", bytes: PackageResources.v010_consumer_sql),
        Migration(version: 11, name: "publish_by", bytes: PackageResources.v011_publish_by_sql),
        Migration(version: 12, name: "retention", bytes: PackageResources.v012_retention_sql),
        Migration(version: 13, name: "shard", bytes: PackageResources.v013_shard_sql),
    ]

    /// Run after every migration; repeating it changes nothing: roles where they may be made, and their rights.
    public static let grants = String(decoding: PackageResources.grants_sql, as: UTF8.self)

    private init(version: Int, name: String, bytes: [UInt8]) {
        self.version = version
        self.name = name
        self.sql = String(decoding: bytes, as: UTF8.self)
    }
}
