import Datasets
import Diagnosis
import Tensors
import Testing

@Suite("Columns of very different ranges are named, and nothing else") struct ColumnFindingTests {
  private func finding(_ names: [String], _ widths: [Float], deviations: [Double]? = nil)
    -> Finding?
  {
    Finding.columns(
      names: names, lower: widths.map { _ in 0 }, upper: widths,
      deviations: deviations ?? widths.map { Double($0) / 4 })
  }

  private func numbers(_ count: Int) -> [String] { (0..<count).map(String.init) }

  @Test("tables whose ranges differ by ten are named, with the two that differ most")
  func tables() throws {
    let found = try #require(finding(["share", "income", "member"], [1, 1000, 1]))
    #expect(found.kind == .columnRanges)
    #expect(found.evidence.contains("'share' 0 to 1 and 'income' 0 to 1000"))
    #expect(found.mend.contains("data-range columns"))
    // Nine columns of 0 and 1 to each number, as of categories.
    let hot = (0..<60).map { $0 % 10 == 0 ? Float(10_000) : 1 }
    #expect(finding(numbers(60), hot) != nil)
    #expect(finding((0..<60).map { "job_\(String(repeating: "x", count: $0 + 1))" }, hot) != nil)
    #expect(finding(["a", "b"], [1e-4, 1e-6])?.evidence.contains("1e-06") == true)
  }

  @Test("alike, constant and standardised columns are not")
  func sound() {
    #expect(finding(["a", "b", "c"], [1, 9, 0]) == nil)
    #expect(finding(["a"], [5]) == nil && finding(["a", "b"], [0, 0]) == nil)
    #expect(finding(["a", "b"], [2, 40], deviations: [1, 1]) == nil)
  }

  @Test("nor are pictures and series in rows")
  func samples() throws {
    let data = try DataReference("mnist:test").load()
    for (first, count) in [(0, 10_000), (0, 1000), (2000, 256), (5000, 64)] {
      let rows = try data.inputs(at: first..<first + count).scalars
      var (lower, upper) = ([Float](repeating: 1, count: 784), [Float](repeating: 0, count: 784))
      for (place, value) in rows.enumerated() {
        lower[place % 784] = min(lower[place % 784], value)
        upper[place % 784] = max(upper[place % 784], value)
      }
      for names in [
        numbers(784), (0..<784).map { "pixel\($0)" },
        (0..<784).map { "\($0 / 28 + 1)x\($0 % 28 + 1)" },
      ] {
        #expect(
          Finding.columns(
            names: names, lower: lower, upper: upper, deviations: upper.map(Double.init)) == nil)
      }
    }
    // A walk that begins at nothing.
    #expect(finding((0..<100).map { "t\($0)" }, (1...100).map { Float($0).squareRoot() }) == nil)
  }
}
