// Evaluates a network, shows the progress, is cancelled, goes on, and writes record and page into a folder.
import Gibbon

let folder = CommandLine.arguments.dropFirst().first ?? "."
var asked = EvaluationSpecification(model: "mnist-robust", threat: "linf:0.3")
asked.data.count = 40
asked.attacks = "apgd-ce,square"
asked.checks = false

let study = try EvaluationStudy(asked, keepingStateIn: folder + "/state")
let (events, source) = AsyncStream.makeStream(of: StudyEvent.Progress.self)
let first = Task {
  defer { source.finish() }
  return try await study.run(
    telling: Observer { if case .progress(let progress) = $0 { source.yield(progress) } })
}
for await progress in events {
  print("\(progress.stage.title): \(progress.done) of \(progress.stage.total)")
  if progress.done == 10 { first.cancel() }
}
do { _ = try await first.value } catch let end as StudyInterrupted { print(end) }

let second = try EvaluationStudy(asked, keepingStateIn: folder + "/state")
let result = try await second.run(
  telling: Observer { if case .note(let line) = $0 { print(line) } })
try result.record.write(to: folder + "/record.json")
try await result.writePage(to: folder + "/page.html")
second.discardState()
