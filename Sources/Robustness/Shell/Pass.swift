/// What a request asks of the model.
enum Pass: Int, CaseIterable {
  /// The outputs, for an attack.
  case forward
  /// The outputs, for the shell's own judgement.
  case exact
  /// The outputs and a gradient.
  case gradient
}
