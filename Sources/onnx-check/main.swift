// Lets Scripts/check-onnx*.py compare Gibbon with onnxruntime and with ONNX's own tests.
// Numbers pass through files of raw little-endian floats.

import Files
import Networks

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  switch (arguments.first, arguments.count) {
  case ("cases", 1): CaseRun.runAll()
  case ("operators", 1): for name in ONNXCase.operators { print(name) }
  case ("files", 1): FileRun.runAll()
  case ("scores", 5):
    try ModelRun(path: arguments[1]).scores(of: arguments[2], to: arguments[3], arguments[4])
  case ("gradients", 6):
    try GradientRun(try ModelRun(path: arguments[1]), algorithms: arguments[3]).run(
      on: arguments[2], to: arguments[4], arguments[5])
  case ("slopes", 6):
    try ModelRun(path: arguments[1]).slopes(
      at: arguments[2], along: arguments[3], step: arguments[4], to: arguments[5])
  case ("convert", 3): try ONNXFile(path: arguments[1]).network.writeONNX(to: arguments[2])
  case ("architecture", 3):
    try Architecture.named(arguments[1]).network(seed: 1).writeONNX(to: arguments[2])
  case ("twin", 3...4):
    try TwinRun(
      architecture: arguments[1], path: arguments.count == 4 ? arguments[3] : nil,
      batch: Int(arguments[2]) ?? 128
    ).run()
  case ("logits", 4): try ModelRun(path: arguments[1]).logits(of: arguments[2], to: arguments[3])
  case ("time", 3): try ModelRun.time(arguments[1], algorithms: arguments[2])
  case ("describe", 2): try ModelRun(path: arguments[1]).describe()
  default:
    print(
      """
      usage: onnx-check cases                                 folders on standard input
             onnx-check operators                             the names of those that are read
             onnx-check files                                 files and their inputs on standard input
             onnx-check scores MODEL INPUTS SCORES GRADIENTS  floats
             onnx-check gradients MODEL INPUTS ALGORITHMS OWN IMPOSED   fastest, exact or winograd
             onnx-check slopes MODEL INPUTS DIRECTIONS STEP SLOPES
             onnx-check twin ARCHITECTURE BATCH [MODEL]       milliseconds of steps
             onnx-check logits MODEL INPUTS SCORES
             onnx-check time MODEL ALGORITHMS
             onnx-check convert MODEL OUT
             onnx-check architecture NAME OUT
             onnx-check describe MODEL
      """)
  }
} catch {
  print("error: \(error)")
}
