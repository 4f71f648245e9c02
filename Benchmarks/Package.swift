// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "gibbon-bench",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "gibbon", path: "..")],
  targets: [
    .executableTarget(
      name: "gibbon-bench",
      dependencies: [.product(name: "Gibbon", package: "gibbon")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
  ]
)
