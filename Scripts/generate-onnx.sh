#!/usr/bin/env bash
# Writes Sources/ONNXMessages/onnx.pb.swift from onnx.proto beside it. Needs protoc (Debian: protobuf-compiler) and the
# generator of the swift-protobuf release that Package.swift names, which is built in the folder given, or a new one.
set -euo pipefail
cd "$(dirname "$0")/.."
version=1.39.0
build=${1:-$(mktemp -d)}
if [ ! -d "$build/swift-protobuf" ]; then
  git clone --quiet --depth 1 --branch "$version" https://github.com/apple/swift-protobuf "$build/swift-protobuf"
fi
swift build --package-path "$build/swift-protobuf" --product protoc-gen-swift
plugin=$(swift build --package-path "$build/swift-protobuf" --show-bin-path)/protoc-gen-swift
protoc --plugin=protoc-gen-swift="$plugin" --proto_path=Sources/ONNXMessages \
  --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
  --swift_out=Sources/ONNXMessages Sources/ONNXMessages/onnx.proto
