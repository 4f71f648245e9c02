import Archives
import Files
import Graphs
import Settings
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

  /// Finds the weights of a network of some form.
  ///
  /// All dictionaries are looked through, with any prefix that names have in common. What fits has every parameter of the
  /// form in its shape, and beside them nothing that a network of this form would have to compute with: no further
  /// parts in modules that the form has, no further layers of a series, such as `fc3` beside `fc2`. Of several sets that fit
  /// an average of weights comes first, then the usual keys, then the file's order.
  ///
  /// - Parameters:
  ///   - architecture: The form.
  ///   - entry: Which of several sets is wanted: the keys and the prefix under which it lies, joined by dots, or a
  ///     beginning or end of them.
  ///   - ignoresNormalization: Whether what the file says of a normalisation does not count.
  /// - Returns: The weights, and what else is to be said of them.
  /// - Throws: `NetworkError.file` that lists with their shapes what is missing, surplus or misfit, or the entries that
  ///   there are; what `StateDict.init(pyTorch:)` throws if the values cannot be read.
  public func fit(
    to architecture: Architecture, entry: String? = nil, ignoresNormalization: Bool = false
  ) throws -> WeightsFit {
    let search = try WeightsSearch(self, graph: architecture.graph(), entry: entry)
    guard let chosen = search.fits.first else {
      throw search.refusal(architecture, hints: hints(architecture, search))
    }
    var surplus = chosen.sorted.surplus
    surplus.averages = search.partialAverages
    if !ignoresNormalization, !surplus.normalization.isEmpty {
      throw NetworkError.file(
        name,
        "\(surplus.normalization.prefix(4).joined(separator: ", "))"
          + " \(surplus.normalization.count == 1 ? "seems" : "seem") to belong to a normalisation, but"
          + " \(surplus.normalization.count == 1 ? "is" : "are") no pair of means and deviations for"
          + " \(architecture.input.shape[0]) channels; give it by \(Setting.mean) and \(Setting.std)"
      )
    }
    let set = sets[chosen.set]
    let names = chosen.match.entries.keys.sorted()
    let pair = chosen.sorted.normalization
    let tensors = try set.read(
      names.compactMap { chosen.match.entries[$0] } + (pair.map { [$0.mean, $0.deviation] } ?? []))
    let parameters = Dictionary(uniqueKeysWithValues: zip(names, tensors))
    let normalization = pair.map { pair in
      WeightsNormalization(
        meanName: set.entries[pair.mean].name, deviationName: set.entries[pair.deviation].name,
        mean: Array(tensors[names.count].scalars),
        deviation: Array(tensors[names.count + 1].scalars))
    }
    return WeightsFit(
      file: name, entry: chosen.name, parameters: parameters,
      others: search.fits.dropFirst().map(\.name), normalization: normalization, surplus: surplus)
  }

  /// The known forms that some of the weights fit.
  ///
  /// - Parameter entry: As for `fit(to:entry:ignoresNormalization:)`.
  /// - Returns: The forms, in the order of `Architecture.all`.
  public func architectures(entry: String? = nil) -> [Architecture] {
    let forms = Architecture.all.compactMap { form in (try? form.graph()).map { (form, $0) } }
    let indices = WeightsSearch.indices(of: self, for: forms.map(\.1))
    return forms.filter { _, graph in
      !WeightsSearch(
        self, graph: graph, entry: entry, indices: indices, seeksNearest: false
      ).fits.isEmpty
    }.map(\.0)
  }

  /// What may help where nothing fits.
  private func hints(_ architecture: Architecture, _ search: WeightsSearch) -> [String] {
    var hints: [String] = []
    let names = sets.flatMap { $0.entries.map(\.name) }
    func hasEnd(_ ends: String...) -> Bool {
      names.contains { name in ends.contains { name.hasSuffix($0) } }
    }
    if names.contains(where: { $0.contains("flat_param") }) {
      hints.append(
        "they are flattened, as by FSDP; \(TensorObstacle.distributed.remedy)")
    } else if hasEnd("weight_mask") {
      hints.append(
        "weights are pruned; save them after torch.nn.utils.prune.remove(layer, 'weight')")
    } else if hasEnd(".weight_g", ".original0") {
      hints.append(
        "weights are saved in parts; save them after torch.nn.utils.parametrize.remove_parametrizations(layer,"
          + " 'weight'), or remove_weight_norm")
    } else if hasEnd(".weight_orig", ".original") {
      hints.append(
        "weights are saved in parts; save them after torch.nn.utils.parametrize.remove_parametrizations(layer,"
          + " 'weight'), or remove_spectral_norm")
    }
    if let whole = WeightsShards.whole(of: name) { hints.append(whole) }
    let other = architectures().map(\.name)
    if !other.isEmpty { hints.append("they fit \(other.joined(separator: " or "))") }
    return hints
  }
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

extension Architecture {
  /// A network of this form with the weights that were found for it.
  ///
  /// - Parameters:
  ///   - fit: The weights; a normalisation that the file keeps is part of the network unless a description is given.
  ///   - description: As for `network(loading:input:)`.
  /// - Returns: The network.
  /// - Throws: `NetworkError.input` if the description does not fit.
  public func network(
    loading fit: WeightsFit, input description: InputDescription? = nil
  ) throws -> Network {
    try network(
      loading: fit.parameters, input: description ?? input.normalizing(by: fit.normalization))
  }
}

extension InputDescription {
  /// The same but for the normalisation, if there is another.
  public func normalizing(by other: WeightsNormalization?) -> InputDescription {
    guard let other else { return self }
    return InputDescription(
      shape: shape, lowerBound: lowerBound, upperBound: upperBound, networkRange: networkRange,
      mean: other.mean, standardDeviation: other.deviation, layout: layout,
      channelOrder: channelOrder, classNames: classNames)
  }
}

/// A file of tensors in safetensors' form: a network that Gibbon wrote, or the weights of another program.
public enum TensorFile: Sendable {
  /// A network that says its form itself.
  case network(NetworkFile)
  /// Tensors alone, which may be spread over files that the file lists.
  case weights(Checkpoint)

  /// Reads a file, or the list of several.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged, `NetworkError` if it
  ///   is malformed; the message names the file.
  public init(path: String) throws {
    let contents = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    let start = Array(contents.bytes.prefix(FileKind.prefixCount))
    if FileKind(start: start, count: contents.bytes.count) == .shards {
      self = .weights(try WeightsShards(contents, path: path).checkpoint())
      return
    }
    let file: SafeTensorsFile
    do {
      file = try SafeTensorsFile(bytes: contents.bytes, name: contents.name)
    } catch {
      let fault = error.isUnsupported ? "" : "not a whole safetensors file: "
      throw NetworkError.file(error.file, "\(fault)\(error.place): \(error.expectation)")
    }
    self =
      NetworkFile.isNetwork(file) ? .network(try NetworkFile(file)) : .weights(Checkpoint(file))
  }
}

extension Checkpoint {
  /// The tensors of a safetensors file that another program wrote.
  init(_ file: SafeTensorsFile) {
    self.init(
      name: file.name, sets: [TensorSet(file.tensors, integers: file.integers.mapValues(\.shape))])
  }
}

/// Why the values of a tensor cannot become parameters, and what helps.
struct TensorObstacle: Hashable, Sendable {
  /// What the tensor is, to follow "is".
  let words: String

  /// What to do about it.
  let remedy: String

  static let quantised = TensorObstacle(
    words: "a quantised tensor", remedy: "save the network before it is quantised")

  static let sparse = TensorObstacle(
    words: "a sparse tensor", remedy: "save it dense, by tensor.to_dense()")

  static let complex = TensorObstacle(
    words: "a tensor of complex numbers, which no known architecture has",
    remedy: "use the network through program:COMMAND")

  static let nested = TensorObstacle(
    words: "a nested tensor", remedy: "save its parts as tensors of their own")

  static let meta = TensorObstacle(
    words: "a tensor without values, as on PyTorch's device meta",
    remedy: "load the weights into the network before it is saved")

  static let distributed = TensorObstacle(
    words: "a part of a tensor that is spread over devices",
    remedy: "save the whole, by torch.distributed.checkpoint.state_dict.get_model_state_dict with"
      + " StateDictOptions(full_state_dict=True, cpu_offload=True)")

  /// Numbers of a type that is not read, such as `float8_e4m3fn`.
  static func type(_ name: String) -> TensorObstacle {
    if name.hasPrefix("complex") || name.hasPrefix("Complex") { return complex }
    if name.lowercased().hasPrefix("qint") || name.lowercased().hasPrefix("quint") {
      return quantised
    }
    return TensorObstacle(
      words: "a tensor of \(name)", remedy: "save it as floats, by tensor.float()")
  }

  /// A tensor that is described in a way that makes no sense.
  static func malformed(_ words: String) -> TensorObstacle {
    TensorObstacle(words: "malformed: " + words, remedy: "save the file again")
  }
}
