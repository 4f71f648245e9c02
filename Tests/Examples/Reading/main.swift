import Gibbon

// A file that does not say what it expects of its input, and what is done where something is wrong.
let folder = CommandLine.arguments.dropFirst().first ?? "."
var settings = ModelSettings()
settings.architecture = "mnist-small"  // of files that hold tensors alone
settings.inputRange = "0:1"  // the values that it was trained on, where the data's are 0 to 1
settings.mean = "0"  // what is subtracted then, one number or one for each channel
settings.std = "1"  // what is divided by

do {
  let network = try Network(path: folder + "/network.pt", settings: settings)
  let digits = try Dataset("mnist:test").prefix(100)
  let classes = try await network.predictions(on: digits)
  print(zip(classes, digits.labels).count { $0 == $1 }, "of 100 digits are read correctly")
} catch let error as NetworkError {
  print("no network:", error)  // the parameters do not fit the architecture, for one
} catch {
  print("failed:", error)  // every error is one line
}
