/// Which Gibbon this is.
public enum Version {
  /// The version, as records name it.
  public static let text = "0.1.0"
}
