import Robustness
import Testing

@Suite struct ThreatReferenceTests {
  @Test(arguments: [
    ("linf:0.3", Norm.infinity, 0.3), ("linf:8/255", .infinity, 8.0 / 255), ("l2:0.5", .two, 0.5),
    ("l2:1e-3", .two, 1e-3), ("linf:0", .infinity, 0), ("linf:1e+2", .infinity, 100),
    ("linf:1.e+2", .infinity, 100), ("l1:1E+1", .one, 10), ("l0:20", .zero, 20),
  ])
  func `a ball reads and writes itself`(_ text: String, _ norm: Norm, _ radius: Double) throws {
    let threat = try ThreatReference(text)
    #expect(threat.norm == norm)
    #expect(threat.radius == radius)
    #expect(threat.description == text)
    let ball = try threat.ball()
    #expect(try ThreatReference(ball.description).radius == radius)
    #expect(try threat.threat().norm == norm)
  }

  @Test(arguments: [
    ("rotation:30", 1), ("rotation:30+shift:3", 1), ("linf:0.1+rotation:10", 1),
    ("linf:0.3|l2:2", 2), ("linf:8/255|rotation:10+shift:2|patch:5px@3,4", 3),
    ("flow:0.5", 1), ("patch:0.1", 1), ("patch:5px", 1), ("patch:0.1@0,0", 1), ("hue:30", 1),
    ("saturation:0.5", 1), ("brightness:0.2", 1), ("contrast:0.5", 1), ("fog:0.5", 1),
    ("blur:2", 1), ("linf:1e+2+shift:1", 1),
  ])
  func `an expression reads and writes itself`(_ text: String, _ alternatives: Int) throws {
    let reference = try ThreatReference(text)
    #expect(reference.description == text)
    #expect(try reference.threat().alternatives.count == alternatives)
    // What the threat calls itself is read back, too.
    #expect(try ThreatReference("\(reference.threat())").alternatives.count == alternatives)
    #expect(reference.isLimited && !reference.isEmpty)
  }

  @Test(arguments: [
    "linf", "l2", "l1", "l0", "rotation", "hue", "saturation", "brightness", "contrast", "fog",
    "blur",
  ])
  func `a name alone is a threat of all sizes`(_ text: String) throws {
    let reference = try ThreatReference(text)
    #expect(!reference.isLimited && reference.radius == nil && reference.description == text)
    _ = try reference.threat()
  }

  @Test(arguments: [
    "linf:-1", "linf:abc", "linf:nan", "linf:inf", "linf:1/0", "linf:0/0", "linf:1/2/3", "linf:",
    "", ":", "linf:/", "l3:1", "linf:1e999", "linf: 0.3", "LINF:0.3", "l2:8/-255", "linf:0.1+",
    "+linf:0.1", "linf:0.1|", "|", "linf:0.1++l2:1", "rotation:181", "rotation:-1", "contrast:1.5",
    "patch:2", "patch:5px@", "patch:5px@1", "patch:5px@1,2,3", "patch:1.5px", "patch:-3px",
    "patch:0px", "l0:5.5", "l0:1/2",
    "rotation:5@1,2", "hue:200", "rotation:x", "linf+rotation:3", "linf:1e+", "(linf:1)", "0.3",
  ])
  func `anything else is refused in one line that quotes it`(_ text: String) {
    do {
      _ = try ThreatReference(text)
      Issue.record("accepted \(text)")
    } catch {
      #expect(error.description.contains("'\(text)'"))
      #expect(!error.description.contains("\n"))
    }
  }

  @Test(arguments: ["shift", "flow", "patch"])
  func `what has no size needs an amount`(_ text: String) throws {
    let reference = try ThreatReference(text)
    #expect(throws: ThreatError.unsized(text)) { try reference.threat() }
  }

  @Test func `a missing amount is missed in one wording`() throws {
    #expect(throws: ThreatReferenceError.amount("linf:1|l2", "l2")) {
      try ThreatReference("linf:1|l2").checkAmounts()
    }
    #expect(throws: ThreatReferenceError.amount("hue+linf:1", "hue")) {
      try ThreatReference("hue+linf:1")
    }
    try ThreatReference("linf:1|l2:2").checkAmounts()
    #expect(
      ThreatReferenceError.amount("linf:1|l2", "l2").description
        == "threat 'linf:1|l2': 'l2' needs an amount, such as l2:0.5 or l2:2")
  }

  @Test(arguments: ["hue:30", "rotation:5", "shift:3", "fog:0.5", "blur:2", "linf:1", "patch:1"])
  func `threats are told as one writes them`(_ text: String) throws {
    #expect("\(try ThreatReference(text).threat())" == text)
  }

  @Test func `only one ball is a ball, and only one term has another size`() throws {
    for text in ["rotation:30", "linf:0.1|l2:1", "linf:0.1+shift:1", "rotation"] {
      let reference = try ThreatReference(text)
      #expect(throws: ThreatReferenceError.notBall(text)) { try reference.ball() }
    }
    #expect(throws: ThreatReferenceError.amount("l2", "l2")) { try ThreatReference("l2").ball() }
    #expect(try ThreatReference("rotation:30").with(radius: 5).radius == 5)
    #expect(throws: ThreatReferenceError.parts("linf:0.1|l2:1")) {
      try ThreatReference("linf:0.1|l2:1").with(radius: 1)
    }
  }
}
