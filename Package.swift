// swift-tools-version: 6.2
import PackageDescription

/// Another oneDNN than the system's: a folder with `include` and `lib`, named by the environment.
let oneDNN = Context.environment["ONEDNN"].flatMap { $0.isEmpty ? nil : $0 }

#if os(macOS)
  let libraryName = "libdnnl.dylib"
#else
  let libraryName = "libdnnl.so"
#endif

/// A library given by its path is linked whatever other folders the linker searches.
let oneDNNLinkage: [LinkerSetting] =
  oneDNN.map {
    [.unsafeFlags(["\($0)/lib/\(libraryName)", "-Xlinker", "-rpath", "-Xlinker", "\($0)/lib"])]
  } ?? [.linkedLibrary("dnnl")]

let oneDNNHeaders: [SwiftSetting] =
  oneDNN.map { [.unsafeFlags(["-Xcc", "-I\($0)/include"])] } ?? []

let swiftSettings: [SwiftSetting] =
  oneDNNHeaders + [
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
  .systemLibrary(
    name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
  .systemLibrary(
    name: "CTurboJPEG", pkgConfig: "libturbojpeg",
    providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
  .target(name: "CPNGReader", dependencies: ["CPNG"], cSettings: cSettings),
  .target(name: "CKernels", cSettings: cSettings),
  .target(name: "CGeometry", cSettings: cSettings + [.headerSearchPath("../CKernels")]),
  .target(name: "CTransport", cSettings: cSettings),
  .target(name: "CEmbedded", exclude: ["mnist", "networks"], cSettings: cSettings),
  .target(name: "Platform", swiftSettings: swiftSettings),
  .target(
    name: "Tensors", dependencies: ["Platform"],
    swiftSettings: swiftSettings + [.strictMemorySafety()]),
  .target(name: "Settings", swiftSettings: swiftSettings),
  .target(name: "Files", dependencies: ["Platform"], swiftSettings: swiftSettings),
  .target(name: "JSON", dependencies: ["Files"], swiftSettings: swiftSettings),
  .target(
    name: "YAML",
    dependencies: ["Files", "JSON", .product(name: "Yams", package: "Yams")],
    swiftSettings: swiftSettings),
  .target(
    name: "Metrics", dependencies: ["Platform", "Files", "JSON"], swiftSettings: swiftSettings),
  .target(
    name: "Archives", dependencies: ["CZlib", "CZip", "Platform", "Files"],
    swiftSettings: swiftSettings),
  .target(name: "Pickles", dependencies: ["Files"], swiftSettings: swiftSettings),
  .target(
    name: "Images", dependencies: ["CPNG", "CPNGReader", "CTurboJPEG", "Files", "Archives"],
    swiftSettings: swiftSettings),
  .target(
    name: "Corruptions", dependencies: ["Platform", "Files", "Images", "Tensors"],
    swiftSettings: swiftSettings),
  .target(
    name: "Perception", dependencies: ["Platform", "Tensors"], swiftSettings: swiftSettings),
  .target(name: "Graphs", dependencies: ["Tensors"], swiftSettings: swiftSettings),
  .target(name: "Models", dependencies: ["Platform", "Tensors"], swiftSettings: swiftSettings),
  .target(name: "Games", dependencies: ["Platform", "Tensors"], swiftSettings: swiftSettings),
  .target(
    name: "Engine",
    dependencies: ["COneDNN", "CKernels", "Platform", "Files", "Tensors", "Graphs", "Models"],
    swiftSettings: swiftSettings, linkerSettings: oneDNNLinkage),
  .target(
    name: "Optimizers",
    dependencies: ["CGeometry", "CKernels", "Platform", "Tensors", "Graphs", "Models", "Engine"],
    swiftSettings: swiftSettings),
  .target(
    name: "ONNXMessages",
    dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
    exclude: ["onnx.proto"], swiftSettings: swiftSettings),
  .target(
    name: "Networks",
    dependencies: [
      "CEmbedded", "Platform", "Settings", "Files", "JSON", "Archives", "Pickles", "Tensors",
      "Graphs", "Models", "Engine", "ONNXMessages",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Datasets",
    dependencies: [
      "CEmbedded", "Settings", "Files", "Archives", "Images", "Pickles", "Tensors",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Robustness",
    dependencies: [
      "CGeometry", "Platform", "Settings", "Files", "Tensors", "Models",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Certificates", dependencies: ["CKernels", "Tensors", "Graphs", "Robustness"],
    swiftSettings: swiftSettings),
  .target(
    name: "Smoothing", dependencies: ["Platform", "Tensors", "Models", "Robustness"],
    swiftSettings: swiftSettings),
  .target(
    name: "Diagnosis",
    dependencies: ["Settings", "Tensors", "Graphs", "Models", "Engine", "Networks", "Robustness"],
    swiftSettings: swiftSettings),
  .target(
    name: "Attacks",
    dependencies: [
      "CKernels", "CGeometry", "Platform", "Files", "Tensors", "Models", "Robustness",
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Evaluation",
    dependencies: [
      "Settings", "Tensors", "Models", "Engine", "Robustness", "Certificates", "Diagnosis",
      "Attacks",
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Training",
    dependencies: [
      "Platform", "Files", "Tensors", "Graphs", "Models", "Engine", "Optimizers", "Networks",
      "Datasets", "Robustness", "Certificates",
    ],
    swiftSettings: swiftSettings),
  .target(name: "Reports", dependencies: ["Files", "Images"], swiftSettings: swiftSettings),
  .target(
    name: "Remote",
    dependencies: [
      "CTransport", "Platform", "Settings", "Files", "JSON", "Tensors", "Models",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Insight",
    dependencies: [
      "JSON", "Images", "Tensors", "Corruptions", "Models", "Datasets", "Robustness", "Reports",
      "Perception", "Files", "Graphs", "Engine", "Networks",
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Studies",
    dependencies: [
      "Platform", "Settings", "Files", "JSON", "Archives", "Images", "Tensors", "Graphs", "Models",
      "Engine", "Optimizers", "Networks", "Datasets", "Robustness", "Certificates", "Smoothing",
      "Diagnosis", "Corruptions", "Attacks", "Evaluation", "Training", "Reports", "Remote",
      "Insight", "Metrics", "YAML", "Perception", "Games",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Pages",
    dependencies: [
      "Settings", "Files", "JSON", "Images", "Tensors", "Models", "Datasets", "Robustness",
      "Certificates", "Smoothing", "Evaluation", "Training", "Remote", "Reports", "Insight",
      "Studies", "Corruptions", "Perception", "Games",
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Demo",
    dependencies: [
      "Platform", "Settings", "Files", "JSON", "Images", "Tensors", "Models", "Engine", "Networks",
      "Datasets", "Robustness", "Attacks", "Training", "Reports", "Insight", "Studies", "Pages",
    ],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "onnx-check",
    dependencies: ["Files", "Tensors", "Graphs", "Models", "Engine", "Networks"],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "attribution-check",
    dependencies: ["Platform", "Files", "Tensors", "Models", "Networks", "Datasets", "Insight"],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "metrics-check", dependencies: ["Platform", "Files", "Metrics"],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "gibbon-fuzz",
    dependencies: [
      "Platform", "Files", "Archives", "Images", "Pickles", "Tensors", "Graphs", "ONNXMessages",
      "Networks", "Datasets",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ],
    swiftSettings: swiftSettings),
  .target(
    name: "Gibbon",
    dependencies: [
      "Files", "JSON", "Archives", "Images", "Pickles", "Tensors", "Graphs", "Models", "Engine",
      "Optimizers", "Networks", "Datasets", "Robustness", "Certificates", "Smoothing", "Diagnosis",
      "Attacks", "Corruptions", "Perception",
      "Evaluation", "Metrics", "Training", "Reports", "Remote", "Insight", "Studies", "Pages",
      "YAML", "Games",
    ],
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "GibbonCommand",
    dependencies: [
      "Platform", "Settings", "Files", "JSON", "Tensors", "Corruptions", "Graphs", "Models",
      "Engine", "Networks",
      "Datasets", "Robustness", "Diagnosis", "Attacks", "Evaluation", "Training", "Reports",
      "Remote", "Insight", "Studies", "Pages", "Demo",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
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

/// A program of the documents, compiled and run by a test.
func example(_ name: String) -> Target {
  .executableTarget(
    name: "example-" + name.lowercased(), dependencies: ["Gibbon"], path: "Tests/Examples/" + name,
    swiftSettings: swiftSettings)
}

let testTargets: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["JSON", "Tensors"], path: "Tests/TestSupport",
    swiftSettings: swiftSettings),
  tests("Files", ["TestSupport"]),
  tests("JSON", ["TestSupport"]),
  tests("YAML", ["TestSupport", "JSON"]),
  tests("Metrics", ["TestSupport", "JSON"]),
  tests("Archives", ["TestSupport"]),
  tests("Images", ["TestSupport", "Files"]),
  tests("Pickles", ["TestSupport"]),
  tests(
    "Corruptions",
    [
      "TestSupport", "Platform", "Images", "Tensors", "Models", "Datasets", "Robustness", "Insight",
    ]),
  tests("Tensors"),
  tests("Smoothing", ["Tensors", "Models", "Robustness"]),
  tests("Perception", ["TestSupport", "JSON", "Tensors"]),
  tests("Graphs", ["Tensors"]),
  tests("Models", ["Tensors"]),
  tests("Games", ["TestSupport", "Tensors"]),
  tests("Engine", ["Tensors", "Graphs", "Models"]),
  tests("Optimizers", ["TestSupport", "Tensors", "Graphs", "Models", "Engine", "Networks"]),
  tests(
    "Networks",
    [
      "TestSupport", "Files", "Archives", "Pickles", "Tensors", "Graphs", "Models", "Engine",
      "ONNXMessages",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ]),
  tests("Datasets", ["TestSupport", "CEmbedded", "Archives", "Images", "Tensors"]),
  .testTarget(
    name: "HostileTests",
    dependencies: [
      "TestSupport", "Files", "Archives", "Images", "Pickles", "Tensors", "Networks", "Datasets",
    ],
    swiftSettings: swiftSettings),
  tests("Robustness", ["Tensors", "Models", "Engine", "Networks"]),
  tests("Certificates", ["Tensors", "Graphs", "Models", "Engine", "Optimizers"]),
  .target(
    name: "SoundModels",
    dependencies: [
      "Tensors", "Graphs", "Models", "Engine", "Optimizers", "Networks", "Datasets", "Robustness",
      "Attacks", "Training",
    ],
    path: "Tests/SoundModels", swiftSettings: swiftSettings),
  tests(
    "Diagnosis",
    ["SoundModels", "Tensors", "Graphs", "Models", "Engine", "Networks", "Datasets", "Robustness"]),
  tests("Attacks", ["Tensors", "Graphs", "Models", "Engine", "Networks", "Robustness"]),
  tests(
    "Evaluation",
    [
      "SoundModels", "Tensors", "Graphs", "Models", "Engine", "Networks", "Datasets", "Robustness",
      "Certificates", "Diagnosis", "Attacks",
    ]),
  tests(
    "Training",
    [
      "TestSupport", "Files", "Tensors", "Graphs", "Models", "Engine", "Optimizers", "Networks",
      "Datasets", "Robustness", "Certificates", "Attacks",
    ]),
  tests("Reports", ["TestSupport", "Images"]),
  tests(
    "Insight",
    [
      "TestSupport", "JSON", "Images", "Tensors", "Perception", "Graphs", "Models", "Engine",
      "Networks", "Datasets", "Robustness",
    ]),
  tests("Remote", ["TestSupport", "Attacks", "Files", "Models", "Robustness", "Tensors"]),
  tests(
    "Studies",
    [
      "TestSupport", "Settings", "JSON", "Tensors", "Optimizers", "Networks", "Robustness",
      "Attacks", "Training", "Games",
    ]),
  example("First"), example("Tensors"), example("Arrays"), example("Training"), example("Studies"),
  example("Certificates"), example("Reading"), example("Games"),
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "TestSupport", "Gibbon", "GibbonCommand", "gibbon-fuzz", "example-first", "example-tensors",
      "example-arrays", "example-training", "example-studies", "example-certificates",
      "example-reading", "example-games", "Files",
      "Studies", "CEmbedded",
      "Archives", "Images", "Tensors", "Graphs", "ONNXMessages", "Networks", "Datasets", "Attacks",
      "JSON", "Reports",
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ],
    swiftSettings: swiftSettings),
]

let package = Package(
  name: "gibbon",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "gibbon", targets: ["GibbonCommand"]),
    .library(
      name: "Gibbon",
      targets: [
        "Gibbon", "Platform", "Settings", "Files", "JSON", "YAML", "Metrics", "Archives", "Images",
        "Pickles",
        "Tensors", "Corruptions", "Graphs", "Models", "Engine", "Optimizers", "Networks",
        "Datasets", "Perception", "Robustness", "Games",
        "Certificates", "Diagnosis", "Attacks",
        "Evaluation", "Training", "Reports", "Remote", "Insight", "Studies", "Pages", "Demo",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "3.12.3"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: targets + testTargets,
  cLanguageStandard: .gnu2x
)
