import Foundation
import JSON
import Testing

/// `gibbon certify`: certificates of classifiers under noise.
@Suite struct CertifyTests {
  @Test func certificatesAreConsistent() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "certify mnist-robust --smoothing gaussian:0.25 --radii 0.1,0.25,2 --count 12"
        + " --draws 500 --json out.json --report out.html", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    // 500 draws that all agree certify 0.55 at most.
    #expect(result.errors.contains("no example can be certified within 2"))
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let examples = try #require(json["examples"]?.arrayValue)
    let radii = try #require(json["certified"]?.arrayValue)
    #expect(examples.count == 12 && radii.count == 3)
    for radius in radii {
      let value = try #require(radius["radius"]?.doubleValue)
      #expect(
        radius["count"]?.intValue
          == examples.count {
            $0["prediction"] == $0["label"] && ($0["radius"]?.doubleValue ?? 0) >= value
          })
    }
    #expect(examples.allSatisfy { $0["draws"]?.intValue == 600 })
    #expect((radii.first?["count"]?.intValue ?? 0) > 6 && radii.last?["count"]?.intValue == 0)
    #expect(try #require(folder.text("out.html")).contains("Certified accuracy"))
  }

  @Test func decisionsNeedFewerDraws() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "certify mnist-robust --smoothing gaussian:0.25 --radii 0.1 --count 8 --draws 3000"
        + " --anytime --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect((json["draws_per_example"]?.doubleValue ?? .infinity) < 1000)
    let radii = (json["examples"]?.arrayValue ?? []).map { $0["radius"]?.doubleValue }
    #expect(radii.allSatisfy { $0 == 0 || $0 == 0.1 } && radii.contains(0.1))
  }

  @Test(arguments: [
    (
      "--smoothing normal:1",
      "--smoothing is 'normal:1'; expected gaussian:DEVIATION or uniform:HALF-WIDTH, such as gaussian:0.25"
    ),
    (
      "--smoothing gaussian:0",
      "--smoothing is 'gaussian:0'; expected gaussian:DEVIATION or uniform:HALF-WIDTH, such as gaussian:0.25"
    ),
    (
      "--smoothing gaussian:1 --radii 0.5,0.5",
      "--radii is '0.5,0.5'; expected different numbers above 0 joined by commas, such as 0.25,0.5"
    ),
    ("--smoothing gaussian:1 --draws 0", "--draws is 0; expected 1 to 1,000,000,000"),
    (
      "--smoothing gaussian:1 --alpha 0.7",
      "--alpha is 0.7; expected a number above 0 and below 0.5"
    ),
  ])
  func whatIsWrongIsSaidInALine(words: String, message: String) throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "certify mnist-standard --count 2 --json out.json " + words, in: folder)
    #expect(result.status == 2)
    #expect(result.errors == "gibbon: \(message)\n")
    #expect(folder.names.isEmpty)
  }
}
