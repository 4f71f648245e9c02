import Gibbon

// How many digits no allowed change can make a network misread, and how many an attack does not.
let network = try Network(path: "mnist-robust")
let digits = try Dataset("mnist:test").prefix(20)
let certification = try await network.certify(digits, within: "linf:0.02")
let result = try await network.evaluate(
  on: digits, within: "linf:0.02", attacks: ["apgd-ce"], checks: false)
print("\(certification.accuracy.count) to \(result.evaluation.robust.count) of 20 hold")
for example in certification.examples where !example.isCertified {
  print("\(example.index) may be broken: margins up to \(example.certificate.margin)")
}

// Networks against radii, and what may be done with the numbers.
var asked = MatrixSpecification(
  models: ["mnist-standard", "mnist-robust"], threats: ["linf:0.05,0.1"])
asked.data.count = 20
asked.attacks = "apgd-ce"
let matrix = try await MatrixStudy(asked).run().matrix
for row in matrix.rows {
  print(row.model, row.clean.share, matrix.columns.indices.map { row.robust($0).share })
}
