import Robustness
import Testing

@Suite struct ThreatReferenceTests {
  @Test(arguments: [
    ("linf:0.3", Norm.infinity, 0.3), ("linf:8/255", .infinity, 8.0 / 255), ("l2:0.5", .two, 0.5),
    ("l2:1e-3", .two, 1e-3), ("linf:0", .infinity, 0), ("linf:1e+2", .infinity, 100),
  ])
  func `a threat reads and writes itself`(_ text: String, _ norm: Norm, _ radius: Double) throws {
    let threat = try ThreatReference(text)
    #expect(threat.norm == norm)
    #expect(threat.radius == radius)
    #expect(threat.description == text)
    let ball = try threat.ball()
    #expect(try ThreatReference(ball.description).radius == radius)
  }

  @Test(arguments: [
    "linf:-1", "linf:abc", "linf:nan", "linf:inf", "linf:1/0", "linf:0/0", "linf:1/2/3", "linf:",
    "linf", "", ":", "linf:/", "l3:1", "linf:1e999", "linf: 0.3", "LINF:0.3", "l2:8/-255",
  ])
  func `anything else is refused in one line that quotes it`(_ text: String) {
    do {
      _ = try ThreatReference(text)
      Issue.record("accepted \(text)")
    } catch {
      #expect(error.description.contains("'\(text)'"))
      #expect(!error.description.contains("\n"))
      if case .unsupported = error { Issue.record("\(text) is nonsense") }
    }
  }

  @Test(arguments: ["rotation:30", "shift:3", "linf:0.1+l2:1", "linf:0.1|l2:1"])
  func `what is planned is said to be planned`(_ text: String) {
    do {
      _ = try ThreatReference(text)
      Issue.record("accepted \(text)")
    } catch {
      if case .unsupported = error {} else { Issue.record("\(error)") }
      #expect(error.description.contains("not supported yet"))
    }
  }
}
