// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [.treatAllWarnings(as: .error)]

/// One folder under Sources is one target; the order is the layering, imports go up this list only.
let targets: [Target] = [
  .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
  .systemLibrary(
    name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
  .systemLibrary(
    name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
  .target(name: "CHost", cSettings: cSettings),
  .target(name: "CEmbedded", exclude: ["mnist", "networks"], cSettings: cSettings),
  .target(name: "Tensors", swiftSettings: swiftSettings + [.strictMemorySafety()]),
  .target(name: "Files", swiftSettings: swiftSettings),
  .target(name: "Graphs", dependencies: ["Tensors"], swiftSettings: swiftSettings),
  .target(
    name: "Engine", dependencies: ["COneDNN", "CHost", "Files", "Tensors", "Graphs"],
    swiftSettings: swiftSettings),
  .target(
    name: "ONNXMessages",
    dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
    exclude: ["onnx.proto"], swiftSettings: swiftSettings),
  .target(
    name: "Networks",
    dependencies: [
      "CEmbedded", "Files", "Tensors", "Graphs", "Engine", "ONNXMessages",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Datasets",
    dependencies: [
      "CEmbedded", "CZlib", "Files", "Tensors", .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Robustness",
    dependencies: [
      "CHost", "Tensors", "Graphs", "Engine", "Networks",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(name: "Attacks", dependencies: ["Tensors", "Robustness"], swiftSettings: swiftSettings),
  .target(
    name: "Training",
    dependencies: [
      "CHost", "Files", "Tensors", "Graphs", "Engine", "Networks", "Datasets", "Robustness",
    ],
    swiftSettings: swiftSettings),
  .target(name: "Reports", dependencies: ["CPNG", "Files"], swiftSettings: swiftSettings),
  .executableTarget(
    name: "fuzz", dependencies: ["Files", "Tensors", "Networks"], swiftSettings: swiftSettings),
  .executableTarget(
    name: "onnx-check", dependencies: ["Files", "Tensors", "Graphs", "Engine", "Networks"],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "gibbon",
    dependencies: [
      "Files", "Tensors", "Graphs", "Engine", "Networks", "Datasets", "Robustness", "Attacks",
      "Training", "Reports", .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: swiftSettings),
]

/// One test target per module, named after it; `resources` are fixtures copied beside the tests.
func tests(
  _ module: String, _ others: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: module + "Tests", dependencies: [.init(stringLiteral: module)] + others,
    resources: resources, swiftSettings: swiftSettings)
}

let testTargets: [Target] = [
  tests("Files"),
  tests("Tensors"),
  tests("Graphs", ["Tensors"]),
  tests("Engine", ["Tensors", "Graphs"]),
  tests(
    "Networks",
    [
      "Files", "Tensors", "Graphs", "Engine", "ONNXMessages",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ]),
  tests("Datasets", ["CEmbedded", "Tensors"]),
  tests("Robustness", ["Tensors", "Graphs", "Engine", "Networks"]),
  tests("Attacks", ["Tensors", "Graphs", "Engine", "Networks", "Datasets", "Robustness"]),
  tests(
    "Training", ["Tensors", "Graphs", "Engine", "Networks", "Datasets", "Robustness", "Attacks"]),
  tests("Reports", ["Files"]),
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "gibbon", "CEmbedded", "Tensors", "Graphs", "Networks", "Datasets", "Attacks", "Reports",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
]

let package = Package(
  name: "gibbon",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "gibbon", targets: ["gibbon"]),
    .library(
      name: "Gibbon",
      targets: [
        "Files", "Tensors", "Graphs", "Engine", "Networks", "Datasets", "Robustness", "Attacks",
        "Training", "Reports",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "3.12.3"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
  ],
  targets: targets + testTargets,
  cLanguageStandard: .gnu2x
)
