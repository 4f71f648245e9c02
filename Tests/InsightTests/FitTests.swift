import Insight
import Tensors
import Testing

/// Power laws, Student's distribution, straight pieces and quantiles.
@Suite struct FitTests {
  @Test func aPowerLawIsFound() throws {
    let fit = LogLogFit([1, 3, 10, 40, 200].map { (x: $0, y: 7 * $0.squareRoot()) })
    #expect(abs(fit.slope - 0.5) < 1e-12)
    #expect(abs(fit.value(at: 25) - 35) < 1e-9)
    #expect(try #require(fit.upper) - #require(fit.lower) < 1e-9)
    #expect(abs(LogLogFit([(x: 1, y: 2), (x: 2, y: 8)]).slope - 2) < 1e-12)
    #expect(LogLogFit([(x: 1, y: 2), (x: 2, y: 8)]).lower == nil)
  }

  @Test func theIntervalIsThatOfLeastSquares() throws {
    // By hand: the residuals' squares add up to 0.018, those of x to 5; two degrees of freedom.
    let points = [(0.0, 1.0), (1, 1.6), (2, 1.9), (3, 2.5)]
    let fit = LogLogFit(points.map { (x: exponential($0.0), y: exponential($0.1)) })
    #expect(abs(fit.slope - 0.48) < 1e-12)
    let rest = 0.018
    let margin = 4.302653 * (rest / 2 / 5).squareRoot()
    #expect(abs(try #require(fit.upper) - fit.slope - margin) < 1e-6)
  }

  private func exponential(_ x: Double) -> Double { Double.exp(x) }

  /// Published to six digits.
  @Test(arguments: [
    (1, 12.706205), (2, 4.302653), (3, 3.182446), (10, 2.228139), (78, 1.990847), (1000, 1.962339),
  ])
  func quantilesOfStudent(freedom: Int, quantile: Double) {
    #expect(abs(StudentT(freedom: freedom).quantile(0.975) - quantile) < 2e-6 * quantile)
  }

  @Test func straightPieces() {
    let places = (0...100).map { Double($0) / 50 - 1 }
    let line = LineScan(places: places, values: places.map { 3 * $0 - 1 })
    #expect(line.linearity > 1 - 1e-12 && line.knots(within: 1e-9) == [0, 100])
    #expect(line.tangentError(slope: 3, at: 50) < 1e-12)
    let bent = LineScan(places: places, values: places.map { abs($0) })
    #expect(bent.linearity < 0.01 && bent.knots(within: 1e-9) == [0, 50, 100])
    #expect(bent.tangentError(slope: 1, at: 50) == 2)
    let flat = LineScan(places: places, values: places.map { _ in 2 })
    #expect(flat.linearity == 1 && flat.knots(within: 0) == [0, 100])
    let wave = LineScan(places: places, values: places.map { Double.sin(9 * $0) })
    let (coarse, fine) = (wave.knots(within: 0.1).count, wave.knots(within: 0.01).count)
    #expect(coarse >= 6 && fine > coarse)
  }

  @Test func quantiles() throws {
    #expect(Spread([]) == nil)
    let one = try #require(Spread([3]))
    #expect(one.median == 3 && one.lower == 3 && one.upper == 3)
    let four = try #require(Spread([4, 1, 3, 2]))
    #expect(four.median == 2.5 && four.lower == 1.75 && four.upper == 3.25)
    let endless = try #require(Spread([1, .infinity, 2]))
    #expect(endless.median == 2 && endless.upper == .infinity)
  }
}
