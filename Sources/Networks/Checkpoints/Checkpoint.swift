public import Tensors

/// A file of tensors by name that another program saved, before anything is read of their values.
///
/// A file may hold several sets of weights: dictionaries within dictionaries, or several networks under prefixes of one
/// dictionary. Which of them a network of some form is, and under which prefix, is decided by what fits the form; see
/// `fit(to:entry:)`.
///
///     let checkpoint = try Checkpoint(pyTorch: "net.pt")
///     let fit = try checkpoint.fit(to: .leNet5)
///     let network = try Architecture.leNet5.network(loading: fit)
public struct Checkpoint: Sendable {
  /// What errors call the file.
  public let name: String

  /// The dictionaries of tensors in the file, the outermost first.
  let sets: [TensorSet]

  /// Creates a checkpoint from its parts.
  init(name: String, sets: [TensorSet]) {
    self.name = name
    self.sets = sets
  }

  /// Creates a checkpoint of tensors that are in memory.
  public init(name: String, tensors: [String: Tensor<Float>]) {
    self.init(name: name, sets: [TensorSet(tensors)])
  }

  /// The number of tensors in the largest dictionary.
  public var tensorCount: Int { sets.map(\.entries.count).max() ?? 0 }
}

/// One dictionary of tensors in a file.
struct TensorSet: Sendable {
  /// The keys under which it lies.
  let path: [String]

  /// The tensors, in the order of the file.
  let entries: [TensorEntry]

  /// The values of the entries at some positions.
  let read: @Sendable (_ positions: [Int]) throws -> [Tensor<Float>]
}

/// What is known of a tensor before it is read.
struct TensorEntry: Sendable {
  /// The name in its dictionary.
  let name: String

  /// The shape.
  let shape: Shape

  /// Whether the numbers have no fractions.
  var isInteger = false

  /// Where its values lie, which tells whether two names mean the same ones.
  var view: TorchStorages.View?

  /// Why its values cannot be parameters; `nil` if they can.
  var obstacle: TensorObstacle?

  /// Whether it holds a single whole number, as counters do.
  var isCounter: Bool { isInteger && shape.extents.allSatisfy { $0 == 1 } }
}

extension TensorSet {
  /// Tensors in memory, in order of name.
  init(_ tensors: [String: Tensor<Float>], integers: [String: Shape] = [:]) {
    let names = tensors.keys.sorted()
    self.init(
      path: [],
      entries: names.compactMap { name in
        tensors[name].map { TensorEntry(name: name, shape: $0.shape) }
      }
        + integers.sorted { $0.key < $1.key }.map {
          TensorEntry(name: $0.key, shape: $0.value, isInteger: true)
        },
      read: { positions in
        positions.map { position in
          position < names.count ? tensors[names[position]] ?? Tensor(0) : Tensor(0)
        }
      })
  }
}
