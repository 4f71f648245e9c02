import Synchronization

/// What was met in data that was read nevertheless: the first of each kind is told, at once and once.
///
/// Examples are read when they are asked for, from any thread, and all parts of a data set tell the same remarks.
public final class Remarks: Sendable {
  /// The kinds of what may be met.
  public enum Kind: Hashable, Sendable {
    /// A picture that its camera noted to be turned.
    case orientation
    /// Values outside the bounds by no more than rounding.
    case clipping
    /// How folders became classes.
    case folders
    /// Pictures that lie beside the folders of the classes.
    case strays
    /// How the lines of a table were taken.
    case table
    /// Labels that are -1 and 1.
    case signedLabels
  }

  private struct State {
    var known: Set<Kind> = []
    var sentences: [String] = []
    var listener: (@Sendable (String) -> Void)?
  }

  private let state = Mutex(State())

  /// Creates an empty list.
  public init() {}

  /// What was met so far.
  public var sentences: [String] { state.withLock(\.sentences) }

  /// Adds a sentence, unless there was one of this kind.
  public func add(_ kind: Kind, _ sentence: @autoclosure () -> String) {
    guard state.withLock({ $0.known.insert(kind).inserted }) else { return }
    let sentence = sentence()
    let listener = state.withLock { state in
      state.sentences.append(sentence)
      return state.listener
    }
    listener?(sentence)
  }

  /// Tells what there is so far, and from now on each sentence as it comes.
  public func tell(_ listener: @escaping @Sendable (String) -> Void) {
    let sentences = state.withLock { state in
      let isFirst = state.listener == nil
      state.listener = listener
      return isFirst ? state.sentences : []
    }
    for sentence in sentences { listener(sentence) }
  }
}
