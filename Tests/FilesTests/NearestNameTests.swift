import Files
import Testing

/// Which name was meant.
@Suite struct NearestNameTests {
  private static let names = [
    "count", "offset", "threat", "target", "attack", "step-size", "steps", "l2", "linf",
  ]

  @Test(
    arguments: [
      ("cout", "count"), ("coutn", "count"), ("counts", "count"), ("Count", "count"),
      ("thraet", "threat"), ("step_size", "step-size"), ("stepsize", "step-size"),
      ("lniff", nil), ("lnif", "linf"), ("linf", "linf"), ("targt", "target"),
      ("l7", nil), ("off", "offset"), ("ste", nil), ("frobnicate", nil), ("", nil), ("c", nil),
      ("attack", "attack"),
    ] as [(String, String?)])
  func aFewKeystrokes(written: String, meant: String?) {
    #expect(written.nearest(among: Self.names) == meant)
    #expect(
      written.suggestion(among: Self.names, prefix: "--")
        == (meant.map { " (did you mean --\($0)?)" } ?? ""))
  }

  @Test func whatIsAsNearToSeveralIsNotGuessed() {
    #expect("abd".nearest(among: ["abc", "abe"]) == nil)
    #expect("abd".nearest(among: ["abc", "abc"]) == "abc")
    #expect("thread".nearest(among: ["threat", "threads"]) == "threads")
    #expect("abc".nearest(among: ["abcdefg", "abchijk"]) == nil)
    #expect("abd".nearest(among: []) == nil)
  }
}
