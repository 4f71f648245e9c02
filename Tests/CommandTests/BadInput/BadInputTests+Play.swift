import Games
import Studies

extension BadInputTests {
  private static let names = PlayCatalogue.rows.map(\.name).joined(separator: ", ")

  /// Games, payoffs, people and costs.
  static let games = [
    Case("play matrx", "there is no game 'matrx' (did you mean matrix?); there are \(names)"),
    Case("play matrix in/nowhere.csv", "in/nowhere.csv: cannot be read: No such file or directory"),
    Case(
      "play matrix in/ragged.csv",
      "in/ragged.csv: line 2: found 2 numbers, expected 3 as in the first row"),
    Case(
      "play matrix in/nan.csv",
      "in/nan.csv: line 2, column 2: found 'NaN', expected a finite number"),
    Case(
      "play matrix in/texts.csv",
      "in/texts.csv: line 2, column 2: found 'many', expected a finite number"),
    Case(
      "play matrix in/one-column.csv",
      "in/one-column.csv: line 1: found a single column, expected at least two, separated by comma, semicolon, tab, bar or spaces"
    ),
    Case(
      "play matrix in/one-row.csv",
      "in/one-row.csv: found a single row of numbers, expected at least two"),
    Case(
      "play matrix in/square.csv --second in/wide.csv",
      "in/wide.csv: 2 rows and 3 columns; expected 2 and 2, as in in/square.csv"),
    Case(
      "play matrix --second in/square.csv",
      "'in/square.csv' holds the second player's payoffs; expected a file of the first's, too"),
    Case(
      "play matrix --rounds 0", "--rounds is 0; expected 1 to 1000000"),
    Case(
      "play matrix --costs in/costs.csv",
      "--costs: the game 'matrix' has no use for it; expected --second, --rounds"),
    Case(
      "play bilinear in/square.csv",
      "the game 'bilinear' reads no file; expected none, not 'in/square.csv'"),
    Case("play bilinear --step-size -1", "--step-size is -1; expected a number above 0"),
    Case(
      "play dirac-gan --form minmax",
      "--form is 'minmax' (did you mean minimax?); expected minimax, non-saturating, wasserstein, penalized"
    ),
    Case("play matrix --list", "--list is about all games; expected it without 'matrix'"),
    Case(
      "play performative --strengths 1,two",
      "--strengths is '1,two'; expected numbers joined by commas"),
    Case(
      "play performative --strengths 0",
      "--strengths: expected one to six numbers above 0 and at most 1000000"),
    Case(
      "play performative --target good",
      "--target: the people that are built in have their own; expected a table"),
    Case(
      "play performative in/people.csv --target good --strategic income",
      "in/people.csv: the column 'job' holds texts such as 'a'; expected numbers; leave such columns out, or "
        + "write them as numbers"),
    Case(
      "play performative in/constant.csv --target good --strategic income",
      "in/constant.csv: the column 'income' is 1 in every row; expected columns that differ"),
    Case(
      "play performative in/holes.csv --target good --strategic income",
      "in/holes.csv: 0 rows are complete; expected at least two"),
    Case(
      "play strategic in/people.csv --costs in/costs.csv",
      "in/people.csv: which column is to be predicted? Say so by --target"),
    Case(
      "play strategic in/people.csv --target god --costs in/costs.csv",
      "in/people.csv: --target: there is no column 'god' (did you mean good?); there are income, job, good"
    ),
    Case(
      "play strategic in/people.csv --target good",
      "in/people.csv: what do changes cost? Say so by --costs FILE, a table of feature, price and change"
    ),
    Case(
      "play strategic in/three.csv --target good --costs in/costs.csv",
      "in/three.csv: the column 'good' holds 3 different values ('a', 'b', 'c'); expected two"),
    Case(
      "play strategic in/people.csv --target good --favorable maybe --costs in/costs.csv",
      "--favorable is 'maybe'; expected 'no' or 'yes', as in the column 'good'"),
    Case(
      "play strategic in/people.csv --target good --costs in/unknown-costs.csv",
      "in/unknown-costs.csv, line 2: there is no feature 'incom' (did you mean income?) in the table of people"
    ),
    Case(
      "play strategic in/people.csv --target good --costs in/ordered-costs.csv",
      "in/ordered-costs.csv: job: categories have no order; expected any or never, not down"),
    Case(
      "play strategic in/people.csv --target good --costs in/negative-costs.csv",
      "in/negative-costs.csv: income: the price is -1.0; expected a number from 0"),
    Case(
      "play strategic in/people.csv --target good --costs in/sideways-costs.csv",
      "in/sideways-costs.csv, line 2: the change is 'sideways'; expected any, up, down, never"),
    Case(
      "play strategic in/people.csv --target good --costs in/priceless-costs.csv",
      "in/priceless-costs.csv: costs: there is no column 'price'; there are feature, change"),
    Case(
      "play strategic in/people.csv --target good --costs in/no-costs.csv",
      "in/no-costs.csv: no feature can be changed; expected one at least"),
    Case(
      "play strategic in/people.csv --target good --costs in/twice-costs.csv",
      "in/twice-costs.csv, line 3: the feature 'income' has a price already; expected one row each"),
    Case(
      "play strategic --cost-shape l2",
      "--cost-shape is 'l2'; expected l1, euclidean, quadratic, separable"),
    Case("play strategic --benefit 0", "--benefit is 0; expected a number above 0"),
    Case(
      "play strategic --report page.json",
      "--report is 'page.json', but its output is not a .json file; expected a name that ends in .html"
    ),
    Case("play spam --count 0", "--count is 0; expected 1 to 20"),
    Case(
      "play spam in/square.csv",
      "in/square.csv, line 1: found no tab; expected a label (spam or ham), a tab and the text"),
    Case(
      "play spam in/labels.txt",
      "in/labels.txt, line 2: the label is 'junk'; expected spam or ham"),
  ]
}
