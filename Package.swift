// swift-tools-version: 6.2
import PackageDescription

// Exponential smoothing runs eight series abreast and needs fused multiply-add; without it Swift calls libm per lane and
// is 20 times slower. On x86-64 that is AVX2 and FMA, in servers since 2013 (Intel) and 2015 (AMD); `ProcessorSupport` says so where they
// are missing. 64-bit ARM always has it.
#if arch(x86_64)
    let vectorSettings: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
#else
    let vectorSettings: [SwiftSetting] = []
#endif

// One loop below gives every Swift target the same settings: Swift 6 mode, warnings as errors, strict memory safety.
// Every arrow points at what a part may import; nothing imports back.
let package = Package(
    name: "suyo",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // For attempts in processes of their own, and for the tests that run the binary.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What is C, each imported by exactly one target.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "CProcessor"),

        // What is pure: same input, same bytes.
        .target(name: "TimeSeries"),
        .target(name: "ContentHash"),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS"], swiftSettings: vectorSettings),
        .target(
            name: "Forecasting", dependencies: ["LinearAlgebra", "TimeSeries"], swiftSettings: vectorSettings),

        .target(name: "Monitoring", dependencies: ["TimeSeries"], swiftSettings: vectorSettings),

        // What touches the world.
        .target(name: "TabularText", dependencies: ["CZlib"]),
        .target(name: "Intake", dependencies: ["ContentHash", "TabularText", .product(name: "Yams", package: "Yams")]),
        .target(name: "SeriesFiles", dependencies: ["Forecasting", "TabularText", "TimeSeries"]),
        .target(name: "ForecastBenchmark", dependencies: ["Forecasting", "TimeSeries"]),
        .target(name: "PrivateDatabase"),
        .target(name: "ProcessorSupport", dependencies: ["CProcessor"]),
        .target(
            name: "AttemptProcess",
            dependencies: [
                "Scheduling", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Telemetry"),
        .target(
            name: "ServiceManager",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "StatusServer",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Terminal"),
        .target(name: "Webhook"),
        .target(
            name: "Scheduling",
            dependencies: [
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Settings",
            dependencies: [
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "HolidayCalendars", dependencies: ["TimeSeries"], resources: [.embedInCode("KR.csv")]),
        .target(name: "SampleCompany", dependencies: ["HolidayCalendars", "TabularText", "TimeSeries"]),
        .target(name: "PostgresClient", dependencies: ["CLibPQ"]),
        .target(
            name: "Schemas", path: "Schemas", exclude: ["job.schema.json"], resources: [.embedInCode("migrations")]),

        // What joins them.
        .target(
            name: "Jobs", path: "Jobs",
            resources: [
                .embedInCode("nightly-retrain.yaml"), .embedInCode("hourly-forecast.yaml"),
                .embedInCode("nightly-drift.yaml"), .embedInCode("weekly-prune.yaml"),
                .embedInCode("mappings/online-retail.yaml"), .embedInCode("sources/erpnext.yaml"),
                .embedInCode("sources/odoo.yaml"),
            ]),
        .target(name: "JobHandlers", dependencies: ["Intake", "Pipeline", "Scheduling"]),
        .target(name: "Pipeline", dependencies: ["ContentHash", "Forecasting", "Monitoring", "TimeSeries"]),
        .target(
            name: "Store",
            dependencies: [
                "ContentHash", "Forecasting", "Intake", "Monitoring", "Pipeline", "PostgresClient", "Scheduling",
                "Schemas", "TimeSeries", .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "suyo",
            dependencies: [
                "AttemptProcess", "ContentHash", "ForecastBenchmark", "Forecasting", "HolidayCalendars", "Intake",
                "JobHandlers", "Jobs",
                "Monitoring", "Pipeline",
                "PostgresClient", "PrivateDatabase", "ProcessorSupport", "SampleCompany", "Scheduling", "SeriesFiles",
                "ServiceManager", "Settings", "StatusServer", "Store", "TabularText", "Telemetry", "Terminal",
                "TimeSeries", "Webhook",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        .target(
            name: "TestSupport",
            dependencies: [
                "PostgresClient", "Store", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Tests/TestSupport"),
        .testTarget(name: "TimeSeriesTests", dependencies: ["TimeSeries"]),
        .testTarget(name: "ContentHashTests", dependencies: ["ContentHash"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["PostgresClient", "PrivateDatabase", "Store", "TestSupport", "suyo"]),
        .testTarget(name: "ForecastBenchmarkTests", dependencies: ["ForecastBenchmark", "Forecasting", "TimeSeries"]),
        .testTarget(name: "ForecastingTests", dependencies: ["Forecasting", "TimeSeries"]),
        .testTarget(name: "IntakeTests", dependencies: ["Intake", "TabularText"]),
        .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"]),
        .testTarget(name: "MonitoringTests", dependencies: ["Monitoring", "TimeSeries"]),
        .testTarget(name: "PipelineTests", dependencies: ["Monitoring", "Pipeline", "TimeSeries"]),
        .testTarget(name: "PrivateDatabaseTests", dependencies: ["PostgresClient", "PrivateDatabase"]),
        .testTarget(name: "HolidayCalendarsTests", dependencies: ["HolidayCalendars", "TimeSeries"]),
        .testTarget(
            name: "SampleCompanyTests",
            dependencies: ["HolidayCalendars", "SampleCompany", "TabularText", "TimeSeries"]),
        .testTarget(
            name: "SchedulingTests",
            dependencies: [
                "Scheduling", .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "SeriesFilesTests", dependencies: ["Forecasting", "SeriesFiles", "TabularText", "TimeSeries"]),
        .testTarget(
            name: "ServiceManagerTests",
            dependencies: [
                "ServiceManager", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry"]),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal"]),
        .testTarget(name: "WebhookTests", dependencies: ["TestSupport", "Webhook"]),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas"]),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Forecasting", "HolidayCalendars", "Intake", "JobHandlers", "Monitoring", "Pipeline", "PostgresClient",
                "SampleCompany",
                "Scheduling", "Schemas", "Store", "TabularText", "TestSupport", "TimeSeries",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .strictMemorySafety(),
            .treatAllWarnings(as: .error),
        ]
}
