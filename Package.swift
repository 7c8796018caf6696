// swift-tools-version: 6.2
import PackageDescription

// One loop below gives every Swift target the same settings: Swift 6 mode, warnings as errors, strict memory safety.
// Every arrow points at what a part may import; nothing imports back.
let package = Package(
    name: "suyo",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")
    ],
    targets: [
        // What is C, each imported by exactly one target.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // What is pure: same input, same bytes.
        .target(name: "TimeSeries"),
        .target(name: "ContentHash"),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS"]),
        .target(name: "Forecasting", dependencies: ["LinearAlgebra", "TimeSeries"]),

        // What touches the world.
        .target(name: "TabularText", dependencies: ["CZlib"]),
        .target(name: "Intake", dependencies: ["ContentHash", "TabularText", .product(name: "Yams", package: "Yams")]),
        .target(name: "PrivateDatabase"),
        .target(name: "PostgresClient", dependencies: ["CLibPQ"]),
        .target(name: "Schemas", path: "Schemas", resources: [.embedInCode("migrations")]),

        // What joins them.
        .target(name: "Pipeline", dependencies: ["ContentHash", "Forecasting", "TimeSeries"]),
        .target(
            name: "Store",
            dependencies: [
                "ContentHash", "Forecasting", "Intake", "Pipeline", "PostgresClient", "Schemas", "TimeSeries",
            ]),

        .target(name: "TestSupport", dependencies: ["PostgresClient", "Store"], path: "Tests/TestSupport"),
        .testTarget(name: "TimeSeriesTests", dependencies: ["TimeSeries"]),
        .testTarget(name: "ContentHashTests", dependencies: ["ContentHash"]),
        .testTarget(name: "ForecastingTests", dependencies: ["Forecasting", "TimeSeries"]),
        .testTarget(name: "IntakeTests", dependencies: ["Intake", "TabularText"]),
        .testTarget(name: "PrivateDatabaseTests", dependencies: ["PostgresClient", "PrivateDatabase"]),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas"]),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Intake", "Pipeline", "PostgresClient", "Store", "TestSupport", "TimeSeries"]),
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
