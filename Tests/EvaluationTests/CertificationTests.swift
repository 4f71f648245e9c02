import Certificates
import Evaluation
import Foundation
import Graphs
import Robustness
import Tensors
import Testing

/// Verified accuracy beside what attacks say.
@Suite struct CertificationTests {
  private func example(
    _ index: Int, isRight: Bool = true, margin: Double, _ bound: Certificate.Bound = .interval
  ) -> Certification.Example {
    Certification.Example(
      index: index, label: 0, isRight: isRight,
      certificate: Certificate(margin: margin, bound: bound))
  }

  private func record(_ index: Int, isBroken: Bool) -> ExampleRecord {
    let change = ExampleRecord.Break(
      input: Tensor([0.5], shape: [1]), margin: 1, rounding: .clear, prediction: 1, distance: 0.1,
      attack: "pgd", restart: 0)
    return ExampleRecord(
      index: index, label: 0, prediction: 0, cleanMargin: -1, margin: isBroken ? 1 : -1,
      adversarialExample: isBroken ? change : nil, nearest: nil, passes: .zero, stagePasses: [],
      failure: nil)
  }

  @Test("a planted false bound is told with its index")
  func plantedFalseBound() {
    let certification = Certification(examples: [
      example(7, margin: -0.5), example(8, margin: 0.5), example(9, margin: -0.25, .linear),
      example(10, isRight: false, margin: -1), example(11, margin: .nan, .linear),
    ])
    #expect(certification.accuracy == Proportion(2, of: 5))
    #expect(certification.count(by: .interval) == 1 && certification.count(by: .linear) == 1)
    let broken = [7, 8, 9, 10, 11].map { record($0, isBroken: $0 != 7) }
    #expect(certification.contradictions(with: broken) == [9])
    let sound = [7, 8, 9, 10, 11].map { record($0, isBroken: $0 == 8 || $0 == 11) }
    #expect(certification.contradictions(with: sound).isEmpty)
  }

  @Test("a certification comes back from JSON, also without a bound")
  func coding() throws {
    let certification = Certification(examples: [
      example(1, margin: -1), example(2, margin: .infinity, .linear), example(3, margin: 0),
    ])
    let coded = try JSONEncoder().encode(certification)
    #expect(try JSONDecoder().decode(Certification.self, from: coded) == certification)
    let unknown = Certificate(margin: .nan, bound: .linear)
    let read = try JSONDecoder().decode(
      Certificate.self, from: try JSONEncoder().encode(unknown))
    #expect(read.margin.isNaN && !read.isCertified && read.bound == .linear)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Certification.self, from: Data("{\"examples\": []}".utf8))
    }
  }

  /// z = (|x|, 1) by two ReLUs: intervals know |x| <= 2 e around e, linear functions more.
  @Test("intervals decide where they suffice, linear functions where they help, and a tie is none")
  func bounds() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2])
    // Rows of the sum x + y and its opposite: what intervals lose comes back when they are added up.
    let first = graph.constant(Tensor([1, 1, 1, 1], shape: [2, 2]))
    let hidden = try graph.relu(try graph.linear(x, weight: first, bias: nil))
    let last = graph.constant(Tensor([0, 0, 1, -1], shape: [2, 2]))
    let bias = graph.constant(Tensor([0.5, 0], shape: [2]))
    graph.output("logits", try graph.linear(hidden, weight: last, bias: bias))
    let bounds = try VerifiedBounds(graph.finish(), parameters: [:])
    let narrow = EnclosingBox(lower: [1, 1], upper: [1.1, 1.1])
    let wide = EnclosingBox(lower: [1, 1], upper: [2, 2])
    let found = bounds.certificates(of: [narrow, wide, wide], labels: [0, 0, 1])
    #expect(found[0].isCertified && found[0].bound == .interval)
    // Merged with the last layer the intervals of both hidden values are a margin of 1.5.
    #expect(found[1].isCertified && found[1].bound == .linear && abs(found[1].margin + 0.5) < 1e-9)
    #expect(!found[2].isCertified && abs(found[2].margin - 0.5) < 1e-9)
  }

  @Test("a matrix: the best of a column, what ties with it, and what is clearly behind")
  func standings() {
    func row(_ name: String, held: Int) -> RobustnessMatrix.Row {
      RobustnessMatrix.Row(
        model: name,
        examples: (0..<100).map { index in
          RobustnessMatrix.Example(
            index: index, label: 0, prediction: 0, isRight: true, isRobust: [index < held],
            isCertified: [index < held - 10])
        }, attacked: [100], passes: [.zero], seconds: [1], verifySeconds: 0)
    }
    let matrix = RobustnessMatrix(
      columns: [RobustnessMatrix.Column(.infinity, radius: 0.1, text: "0.1")],
      rows: [row("a", held: 80), row("b", held: 78), row("c", held: 60), row("d", held: 80)])
    #expect(matrix.standings { $0.isRobust[0] } == [.best, .tied, .behind, .best])
    #expect(matrix.standings { $0.isRight } == [.best, .best, .best, .best])
    #expect(matrix.rows[2].robust(0) == Proportion(60, of: 100))
    #expect(matrix.rows[2].verified(0) == Proportion(50, of: 100))
    #expect(matrix.rows[0].contradictions.isEmpty)
    let planted = RobustnessMatrix.Row(
      model: "planted",
      examples: [
        .init(
          index: 4, label: 0, prediction: 0, isRight: true, isRobust: [true, false],
          isCertified: [true, true])
      ], attacked: [1, 1], passes: [.zero, .zero], seconds: [1, 1], verifySeconds: 1)
    #expect(planted.contradictions == [4])
  }
}
