import ArgumentParser
import Datasets
import Diagnosis
import Files
import JSON
import Networks
import Reports
import Robustness
import Tensors

extension AttackCommand {
  /// The networks that the attack is made on instead of the model.
  func surrogates(for subject: Subject) throws -> [AttackRun.Surrogate] {
    try (surrogate?.split(separator: ",", omittingEmptySubsequences: false) ?? []).map { name in
      var other = try ModelReference.load(
        String(name), arguments, isOther: true, example: { subject.input.shape }
      ).network
      if subject.input.shape.rank == 3 { other = try other.takingPictures() }
      guard other.input.shape == subject.input.shape, other.outputCount == subject.outputCount
      else {
        throw BadArgument(
          "--surrogate \(name) takes \(other.input.shape) and has \(other.outputCount) outputs; expected"
            + " \(subject.input.shape) and \(subject.outputCount), as \(model) has")
      }
      return AttackRun.Surrogate(name: String(name), network: other)
    }
  }

  /// The examples, if no photograph is attacked.
  func load(for input: InputForm, _ aim: Aim) throws -> Dataset {
    guard label == nil else { throw BadArgument("--label belongs to a photograph; there is none") }
    if let save, !save.hasSuffix(".npz"), !save.hasSuffix(".safetensors") {
      throw BadArgument(
        "--save is '\(save)'; expected a name that ends in .npz or .safetensors, or in .png for a"
          + " photograph")
    }
    // Whole numbers may be those of a regression; what is no class is not made one.
    return try examples.load(
      for: input, needsLabels: !aim.ignoresLabels,
      targets: aim.targets == .numbers ? .numbers : nil)
  }

  /// The photograph to be attacked.
  func open(photo path: String, for input: InputForm) throws -> Photograph {
    guard examples.data == nil, examples.count == nil, examples.offset == 0, radii == nil else {
      throw BadArgument(
        "\(path): expected either a photograph or --data, --count, --offset and --radii")
    }
    if let save, !save.hasSuffix(".png") {
      throw BadArgument("--save is '\(save)'; expected a name that ends in .png for a photograph")
    }
    let options = try examples.form.options(for: nil)
    let photograph = try Photograph(path: path, for: input, resize: options.resize)
    if let remark = photograph.remark { Terminal.note("gibbon: \(remark)") }
    return photograph
  }

  /// Attacks the photograph and writes what came of it.
  func run(
    on photograph: Photograph, _ work: AttackRun.Request
  ) async throws {
    let subject = work.subject
    let label = try label.map { try ClassName.number($0, "--label", subject, work.data) }
    let result = try await Interrupt.guarding(subject) {
      let compiled = try subject.model(work.algorithms)
      let report = try await Checkup.perform(subject, compiled, on: [try photograph.input])
      Checkup.warn(report)
      var result = try await PhotographAttack.perform(
        on: photograph, label: label, work, by: compiled)
      result.run.findings = report?.findings
      return result
    }
    var delivery = Delivery()
    delivery.tell(result.text(savedAs: save))
    if let save {
      if let png = result.png {
        delivery.step { try AtomicFile.write(png, to: save) }
      } else {
        Terminal.warning("nothing was saved to \(save), for no adversarial example was found")
      }
    }
    delivery.write(result.json.text(.pretty) + "\n", to: json)
    delivery.write(try result.page().html(), to: report)
    try delivery.finish()
    try result.run.checkEnd(keptIn: [json].compactMap { $0 }, nil)
  }
}
