import Files
public import Tensors

/// Why cues cannot be looked for.
public enum CueError: Error, Hashable, CustomStringConvertible {
  /// The inputs are no pictures.
  case shape(Shape, data: String)
  /// There are numbers or several labels where classes are needed.
  case noClasses(data: String)
  /// All examples are of one class.
  case oneClass(String, data: String)
  /// A class has no more examples than each is joined to.
  case tooFew(Int, of: String, neighbours: Int, data: String)
  /// The network reads too few pictures of the other classes rightly to put a cue on them.
  case misread(Int, besides: String, least: Int)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .shape(let shape, let data):
      "\(data): the examples are \(shape); expected pictures: height and width, or one or three channels before them"
    case .noClasses(let data):
      "\(data): the examples have no classes; expected one for each, since cues betray classes"
    case .oneClass(let name, let data):
      "\(data): all examples are of the class \(name.terminalSafe); expected others, on which its cues are tried"
    case .tooFew(let count, let name, let neighbours, let data):
      "\(data): the class \(name.terminalSafe) has \(count == 1 ? "1 example" : "\(count) examples"); expected more than the \(neighbours) neighbours that"
        + " each is joined to, and at least \(CueFinder.fewest)"
    case .misread(let count, let name, let least):
      "the network reads \(count) pictures besides those of the class \(name.terminalSafe) rightly; expected \(least) or"
        + " more, on which cues are tried"
    }
  }
}
