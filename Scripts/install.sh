#!/usr/bin/env bash
# Installs the command with its completions, manual page and licences below a folder, or removes what it installed.
#
#     Scripts/install.sh BUILD PREFIX      BUILD is SwiftPM's folder of a build, PREFIX becomes /usr/local or the like
#     Scripts/install.sh --remove PREFIX
set -euo pipefail
sources=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  printf 'gibbon install: %s\n' "$1" >&2
  exit 2
}

[ $# -eq 2 ] || fail "expected BUILD PREFIX or --remove PREFIX"
command=$2/bin/gibbon
bash_completions=$2/share/bash-completion/completions/gibbon
zsh_completions=$2/share/zsh/site-functions/_gibbon
fish_completions=$2/share/fish/vendor_completions.d/gibbon.fish
manual=$2/share/man/man1/gibbon.1
documents=$2/share/doc/gibbon

if [ "$1" = --remove ]; then
  rm -f "$command" "$bash_completions" "$zsh_completions" "$fish_completions" "$manual"
  rm -rf "$documents"
  exit
fi

built=$1/release/gibbon
[ -x "$built" ] || fail "found no command at $built"

# Modes are said, so that whoever installs with a narrow umask still installs for everyone.
put() {
  install -D -m "$1" "$2" "$3"
}

put 755 "$built" "$command"
# The symbols are two thirds of the file, and are of use beside the sources only.
strip "$command"

made=$(mktemp)
trap 'rm -f "$made"' EXIT
for shell in bash zsh fish; do
  target=${shell}_completions
  "$built" --generate-completion-script "$shell" >"$made" || fail "$built made no completions for $shell"
  # Shells read this, nobody runs it.
  sed -i '1{/^#!/d}' "$made"
  put 644 "$made" "${!target}"
done

if [ -f "$sources/Documentation/gibbon.1" ]; then put 644 "$sources/Documentation/gibbon.1" "$manual"; fi

for document in LICENSE NOTICE CHANGELOG.md; do put 644 "$sources/$document" "$documents/$document"; done
put 644 "$sources/Sources/CEmbedded/mnist/LICENSE.md" "$documents/licences/mnist"

# What is linked into the command, rather than loaded by it: Swift packages and Swift's own libraries.
for checkout in "$1"/checkouts/*; do
  licence=$checkout/LICENSE.txt
  [ -f "$licence" ] || licence=$checkout/LICENSE
  [ -f "$licence" ] || fail "found no licence in $checkout"
  put 644 "$licence" "$documents/licences/$(basename "$checkout")"
  if [ -f "$checkout/NOTICE.txt" ]; then
    put 644 "$checkout/NOTICE.txt" "$documents/licences/$(basename "$checkout").NOTICE"
  fi
done

# swift-crypto holds BoringSSL, whose licences stand in its files alone: each that differs, once.
boringssl=$1/checkouts/swift-crypto/Sources/CCryptoBoringSSL
[ -d "$boringssl" ] || fail "found no BoringSSL in $boringssl"
find "$boringssl" -type f -regex '.*\.\(cc\|h\|inc\|S\)' -print0 | LC_ALL=C sort -z | xargs -0 perl -0777 -ne '
  while (m{(/\*.*?\*/|(?:^[ \t]*//[^\n]*\n)+)}gsm) {
    my $comment = $1;
    next unless $comment =~ /Copyright/;
    $comment =~ s{^[ \t]*(?:/\*|\*/|\*|//) ?}{}gm;
    $comment =~ s{\*/\s*$}{};
    $comment =~ s{[ \t]+$}{}gm;
    $comment =~ s{\A\s+|\s+\z}{}g;
    print "$comment\n\n" unless $seen{$comment}++;
  }' >"$made"
put 644 "$made" "$documents/licences/boringssl"

toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
[ -f "$toolchain/share/swift/LICENSE.txt" ] || fail "found no licence of Swift in $toolchain/share/swift"
put 644 "$toolchain/share/swift/LICENSE.txt" "$documents/licences/swift"
