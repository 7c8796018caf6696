// swift-tools-version: 6.2
import PackageDescription

// One loop below gives every Swift target the same settings: Swift 6 mode, warnings as errors, strict memory safety.
// Every arrow points at what a part may import; nothing imports back.
let package = Package(
    name: "suyo",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "TimeSeries"),
        .target(name: "ContentHash"),
        .target(name: "Schemas", path: "Schemas", resources: [.embedInCode("migrations")]),

        .testTarget(name: "TimeSeriesTests", dependencies: ["TimeSeries"]),
        .testTarget(name: "ContentHashTests", dependencies: ["ContentHash"]),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas"]),
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
