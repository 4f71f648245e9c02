import Reports
import Testing

@Suite struct TableTests {
  private var table: Table {
    var table = Table(columns: [.words("attack"), .numbers("accuracy"), .marks("ok")])
    table.append(["fgsm", "91.2 %", "x"])
    table.append(["Carlini–Wagner é", .emphasised("5.1 %"), ""])
    return table
  }

  @Test func text() {
    #expect(
      table.text() == """
        attack            accuracy  ok
        ────────────────  ────────  ──
        fgsm                91.2 %  x
        Carlini–Wagner é     5.1 %

        """)
  }

  @Test func textWithoutRows() {
    let empty = Table(caption: "Nothing yet", columns: [.words("a"), .numbers("b")])
    #expect(empty.text() == "Nothing yet\n\na  b\n─  ─\n")
  }

  @Test func markdown() {
    #expect(
      table.markdown() == """
        | attack           |  accuracy | ok  |
        | ---------------- | --------: | :-: |
        | fgsm             |    91.2 % |  x  |
        | Carlini–Wagner é | **5.1 %** |     |

        """)
  }

  @Test func markdownEscapes() {
    var table = Table(columns: [.words("a|b")])
    table.append(["*x* <b>"])
    #expect(table.markdown() == "| a\\|b        |\n| ----------- |\n| \\*x\\* \\<b\\> |\n")
  }

  @Test func controlCharactersCannotReachATerminal() {
    var table = Table(columns: [.words("file")])
    table.append(["a\u{1B}[31m\nb\u{202E}"])
    #expect(table.text() == "file\n─────────\na\u{FFFD}[31m b\u{FFFD}\n")
  }

  @Test func combiningAndWideCharactersAlign() {
    var table = Table(columns: [.words("n"), .words("x")])
    table.append(["e\u{301}", "1"])
    table.append(["漢", "2"])
    #expect(table.text() == "n   x\n──  ─\ne\u{301}   1\n漢  2\n")
  }
}
