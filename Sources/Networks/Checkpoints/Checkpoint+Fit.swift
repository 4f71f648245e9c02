import Graphs
import Settings
import Tensors

extension Checkpoint {
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
        "\(surplus.normalization.prefix(4).joined(separator: ", ")) \(surplus.normalization.count == 1 ? "seems" : "seem") to belong to a normalisation, but"
          + " \(surplus.normalization.count == 1 ? "is" : "are") no pair of means and deviations for \(architecture.input.shape[0]) channels; say it with \(Setting.mean)"
          + " and \(Setting.std)")
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
