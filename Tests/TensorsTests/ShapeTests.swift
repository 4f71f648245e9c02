import Tensors
import Testing

struct ShapeTests {
  @Test func countsScalars() {
    #expect(([2, 3, 4] as Shape).count == 24)
    #expect(([] as Shape).count == 1)
    #expect(([3, 0, 2] as Shape).count == 0)
    #expect(([2, 3, 4] as Shape).rank == 3)
    #expect(([2, 3, 4] as Shape)[1] == 3)
  }

  @Test func stridesAreRowMajor() {
    #expect(([2, 3, 4] as Shape).strides == [12, 4, 1])
    #expect(([5] as Shape).strides == [1])
    #expect(([] as Shape).strides == [])
  }

  @Test func derivesShapes() {
    let shape: Shape = [2, 3]
    #expect(shape.replacing(axis: 1, with: 7) == [2, 7])
    #expect(shape.prepending(5) == [5, 2, 3])
    #expect(shape.droppingFirst == [3])
    #expect(shape.prepending(4).droppingFirst == shape)
    #expect(shape != [3, 2])
  }

  @Test func describesItself() {
    #expect(([1, 28, 28] as Shape).description == "1x28x28")
    #expect(([] as Shape).description == "scalar")
  }
}
