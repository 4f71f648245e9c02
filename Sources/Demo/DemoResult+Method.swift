import Robustness
import Datasets
import Settings
import Reports
import Studies
extension DemoResult {
  /// How to get every number again.
  func method(_ folder: DemoFolder) -> [HTMLBlock] {
    let files = DemoFolder.networks.map(folder.file)
    var blocks: [HTMLBlock] = [
      .heading("How to reproduce each number"),
      .paragraph(
        """
        Everything follows from the seed. The two networks lie beside this page, and each command below \
        prints one number of the table, whatever the size of its batches. The same seed gives the same \
        bits again on the same machine with the same number of threads; elsewhere a sum may be rounded \
        otherwise, and a few images of \(Format.count(count)) may fall to the other side.
        """),
      .facts([
        ("version", "\(Version.text)"), ("seed", "\(settings.seed)"),
        ("threads", RichText("\(threads)")), ("data", "\(test.name)"),
        ("threat", RichText(settings.threat)),
        ("time", RichText(Format.duration(seconds: stages.reduce(0) { $0 + $1.seconds }))),
      ]),
      .heading("Everything at once", level: 3),
      .code(ShellWords.lines(settings.command)),
      .heading("The networks", level: 3),
      .code(
        (networks.standard.commands(output: files.standard)
          + networks.robust.commands(output: files.robust)).map { ShellWords.lines($0) }
          .joined(separator: "\n")),
    ]
    for (network, file) in [("standard", files.standard), ("robust", files.robust)] {
      blocks.append(.heading("The \(network) network under attack", level: 3))
      for row in table.rows where !row.isNatural {
        let share = network == "standard" ? row.shares.standard : row.shares.robust
        blocks += [
          .paragraph("\(row.name): \(strong: Format.percent(share.share, decimals: 2))"),
          .code(ShellWords.lines(row.trial.command(file))),
        ]
      }
    }
    return blocks + [
      .paragraph(
        """
        Each prints the natural accuracy as well. The noise of the same length takes each image’s length \
        from \(code: DemoFolder.radii): that of the change with which \(settings.strongAttack) fooled \
        the standard network, or the median, \(table.medianRadius), where there was none.
        """),
      .heading("The curves", level: 3),
      .code(curveCommand(files.robust)),
      .paragraph(
        """
        An image counts as read rightly at a size if its \(code: "robust") is true in the results of that \
        and of all smaller sizes. All numbers of this page are in \(code: DemoFolder.json), the time that \
        each attack took and the evaluations that it needed among them.
        """),
    ]
  }

  private func curveCommand(_ file: String) -> String {
    let radii = settings.radii.map { Format.shortest($0) }.joined(separator: " ")
    let command = ShellWords.lines([
      "gibbon", "attack", file, "\(Setting.count)", "\(curves.count)", "\(Setting.attack)", "pgd",
      Setting.spelling(ofOption: "steps"), "\(settings.curveSteps)", "\(Setting.seed)",
      "\(settings.seed)",
    ])
    return """
      for eps in \(radii)
      do
      \(command) \\
        \(Setting.threat) linf:$eps \(Setting.json) at-$eps.json
      done
      """
  }
}
