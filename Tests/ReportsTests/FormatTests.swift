import Reports
import TestSupport
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (3.14159, 2, "3.14"), (0.285, 2, "0.29"), (9.995, 2, "10.00"),
    (-1.5, 0, "-2"),
    (-0.001, 2, "0.00"), (1e-7, 3, "0.000"), (6e-4, 3, "0.001"), (123456789.0, 1, "123456789.0"),
    (1e20, 0, "100000000000000000000"), (0.5, 0, "1"), (0.05, 1, "0.1"), (0.04, 1, "0.0"),
    (99.95, 1, "100.0"), (.infinity, 2, "inf"), (.nan, 2, "nan"),
  ])
  func fixed(value: Double, decimals: Int, expected: String) {
    #expect(Format.fixed(value, decimals: decimals) == expected)
  }

  @Test(arguments: [
    (0.01875, 6, "0.01875"), (0.018750000000000003, 6, "0.01875"), (8.0 / 255, 6, "0.0313725"),
    (12_345_678.0, 6, "12345700"), (0.0, 6, "0"), (-1.0, 3, "-1"), (1e-30, 6, "1e-30"),
    (9.999999, 3, "10"), (.infinity, 3, "inf"), (123.456, 6, "123.456"), (1e21, 2, "1e+21"),
  ])
  func significant(value: Double, digits: Int, expected: String) {
    #expect(Format.significant(value, digits: digits) == expected)
  }

  @Test func fixedReadsBackWithinHalfAUnit() {
    var generator = SeededGenerator(9)
    for _ in 0..<5000 {
      let decimals = Int.random(in: 0...6, using: &generator)
      let scales: [Double] = [1e-6, 1e-3, 1, 1e3, 1e6]
      let scale = scales[Int.random(in: 0..<5, using: &generator)]
      let value = Double.random(in: -1...1, using: &generator) * scale
      let text = Format.fixed(value, decimals: decimals)
      guard let read = Double(text) else { Issue.record("\(text)"); continue }
      let unit = (0..<decimals).reduce(1.0) { unit, _ in unit / 10 }
      #expect(abs(read - value) <= unit * 0.500001)
      #expect(text.split(separator: ".").count == (decimals == 0 ? 1 : 2))
      #expect(decimals == 0 || text.split(separator: ".").last?.count == decimals)
    }
  }

  @Test(arguments: [
    (0.985, 1, "98.5 %"), (1.0, 1, "100.0 %"), (0.0, 1, "0.0 %"), (0.9996, 1, "> 99.9 %"),
    (0.0004, 1, "< 0.1 %"), (0.0005, 1, "0.1 %"), (0.999, 0, "> 99 %"), (0.004, 0, "< 1 %"),
    (0.285, 0, "29 %"), (-0.25, 0, "-25 %"), (1.004, 0, "100 %"), (.nan, 1, "nan"),
  ])
  func percent(share: Double, decimals: Int, expected: String) {
    #expect(Format.percent(share, decimals: decimals) == expected)
  }

  @Test(arguments: [
    (0.0, "0 s"), (0.00002, "20 µs"), (0.0849, "85 ms"), (0.99949, "999 ms"), (0.9996, "1.0 s"),
    (3.21, "3.2 s"), (9.96, "10 s"), (59.6, "1 min"), (72.4, "1 min 12 s"), (3599.6, "1 h"),
    (7500, "2 h 5 min"), (86399, "1 d"), (90000, "1 d 1 h"), (-72, "-1 min 12 s"),
    (.infinity, "unknown"),
  ])
  func duration(seconds: Double, expected: String) {
    #expect(Format.duration(seconds: seconds) == expected)
  }

  @Test func counts() {
    #expect(Format.count(1234) == "1234")
    #expect(Format.count(12345) == "12\u{202F}345")
    #expect(Format.count(-1_234_567, separator: ",") == "-1,234,567")
    #expect(Format.count(UInt64.max, separator: " ") == "18 446 744 073 709 551 615")
  }

  @Test func shortest() {
    #expect(Format.shortest(8) == "8")
    #expect(Format.shortest(0.3) == "0.3")
    #expect(Format.shortest(-0.0) == "0")
    #expect(Format.shortest(1e16) == "1e+16")
  }
}
