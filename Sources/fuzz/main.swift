// Reads thousands of damaged files in child processes, and tells which of them crashed or used too much memory.
//
//     fuzz FORMAT FILE... [--count 10000] [--seed 1]
//
// Each mutant is made from its number alone, so that a finding can be made again and written to a file:
//
//     fuzz write FORMAT FILE NUMBER OUT [--seed 1]

import Files

exit(status: FuzzCommand(Array(CommandLine.arguments.dropFirst())).run())
