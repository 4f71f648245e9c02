#!/usr/bin/env bash
# Makes a package of Debian, gibbon_VERSION-1_ARCHITECTURE.deb, for the release that this machine runs: it depends on the
# libraries that the command was linked with. Built from the same files it is the same file.
#
#     Scripts/make-deb.sh BUILD FOLDER     BUILD is SwiftPM's folder of a build, FOLDER where the package goes
#
# The maintainer is the one that DEBFULLNAME and DEBEMAIL name, as for Debian's own tools, else the newest commit's author.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'gibbon deb: %s\n' "$1" >&2
  exit 2
}

[ $# -eq 2 ] || fail "expected BUILD FOLDER"
built=$1/release/gibbon
for tool in patchelf dpkg-deb dpkg-shlibdeps; do
  command -v "$tool" >/dev/null 2>&1 || fail "needs $tool; on Debian: apt-get install patchelf dpkg dpkg-dev"
done
[ -x "$built" ] || fail "found no command at $built"
version=$("$built" --version)-1 || fail "$built does not run"
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH=$epoch

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
root=$temporary/root
documents=$root/usr/share/doc/gibbon
Scripts/install.sh "$1" "$root/usr"

# Debian's policy: the system's folders alone are searched for libraries, and /usr/share/zsh/site-functions is not ours.
patchelf --remove-rpath "$root/usr/bin/gibbon"
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root/usr/share/zsh/site-functions/_gibbon" "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
if [ -f "$root/usr/share/man/man1/gibbon.1" ]; then gzip -n -9 "$root/usr/share/man/man1/gibbon.1"; fi

# All licences in the one file in which Debian looks for them.
mv "$documents/licences" "$temporary/licences"
rm "$documents/LICENSE"
mv "$documents/CHANGELOG.md" "$documents/changelog"
gzip -n -9 "$documents/changelog"
{
  printf 'gibbon (%s) unstable; urgency=medium\n\n  * Built from the sources of this version; see changelog.gz.\n\n' "$version"
  printf ' -- %s  %s\n' "$maintainer" "$(date --utc --rfc-email --date "@$epoch")"
} | gzip -n -9 >"$documents/changelog.Debian.gz"

# Yams, which reads recipes, holds the sources of libyaml and compiles them; Swift's package manager links no other.
mkdir -p "$root/usr/share/lintian/overrides"
printf '# Yams compiles it in, and offers no way to link the one of the system.\ngibbon: embedded-library *libyaml*\n' \
  >"$root/usr/share/lintian/overrides/gibbon"

# A text as a field of the machine-readable form: indented, with a dot on empty lines.
as_field() {
  sed -E 's/[[:space:]]+$//; s/^$/./; s/^/ /' "$@"
}

{
  cat <<'TEXT'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: gibbon
Comment: Parts of other projects are linked into the command; those that its sources do not hold are listed below
 under their projects' names.

Files: *
Copyright: the authors of Gibbon
License: Apache-2.0

Files: Sources/CEmbedded/mnist/*
Copyright: Yann LeCun, Corinna Cortes and Christopher J. C. Burges
License: CC-BY-SA-3.0
Comment: The MNIST database of handwritten digits, derived from NIST Special Databases 1 and 3, is part of the
 command. Its contents are unchanged, only the gzip wrapping is new.

Files: Sources/ONNXMessages/*
Copyright: ONNX Project Contributors
License: Apache-2.0

Files: swift/* swift-argument-parser/* swift-protobuf/*
Copyright: Apple Inc. and the Swift project authors
License: Apache-2.0-with-Runtime-Library-Exception

Files: yams/*
Copyright: JP Simard, Kirill Simonov and the authors of Yams and LibYAML
License: Expat

Files: swift-crypto/* swift-asn1/*
Copyright: the SwiftCrypto project authors, the SwiftASN1 project authors
License: Apache-2.0
Comment: What these two ask to be told of themselves:
TEXT
  cat "$temporary"/licences/*.NOTICE | as_field
  cat <<'TEXT'

Files: swift-crypto/Sources/CCryptoBoringSSL/*
Copyright: the BoringSSL authors, the OpenSSL project, Eric Young and those named in their licences below
License: BoringSSL

License: Apache-2.0
 On Debian systems, the full text of the Apache License, Version 2.0, is in /usr/share/common-licenses/Apache-2.0.

License: Apache-2.0-with-Runtime-Library-Exception
 The Apache License, Version 2.0, which is in /usr/share/common-licenses/Apache-2.0 on Debian systems, with this
 exception:
 .
TEXT
  sed -n '/^## Runtime Library Exception/,$p' "$temporary/licences/swift" | sed '1d' | sed '/./,$!d' | as_field
  cat <<'TEXT'

License: Expat
TEXT
  as_field "$(find "$temporary/licences" -maxdepth 1 -iname yams)"
  cat <<'TEXT'

License: CC-BY-SA-3.0
 The Creative Commons Attribution-ShareAlike 3.0 licence, https://creativecommons.org/licenses/by-sa/3.0/, covers
 these files and nothing else:
 .
TEXT
  as_field "$temporary/licences/mnist"
  printf '\nLicense: BoringSSL\n'
  as_field "$temporary/licences/boringssl"
} >"$documents/copyright"

# The tool reads the fields of a source package, which there is not.
mkdir "$temporary/debian"
printf 'Source: gibbon\n\nPackage: gibbon\nArchitecture: any\n' >"$temporary/debian/control"
depends=$(cd "$temporary" && dpkg-shlibdeps -O "root/usr/bin/gibbon" 2>"$temporary/messages") ||
  fail "dpkg-shlibdeps could not resolve the libraries: $(grep -m 1 error "$temporary/messages")"
depends=${depends#shlibs:Depends=}

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<TEXT
Package: gibbon
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size --exclude DEBIAN "$root" | cut -f 1)
Depends: $depends
Recommends: libcurl4 | libcurl3-gnutls
Section: science
Priority: optional
Description: adversarial robustness of classifiers
 Gibbon looks for adversarial examples: inputs of a classifier, changed so
 little that a person hardly sees it, that the classifier then gets wrong. It
 finds them, shows them, measures how many there are, and trains networks that
 withstand them. Every success that it reports has been checked.
 .
 Networks are read from ONNX, PyTorch and safetensors files, or asked elsewhere
 by HTTP or through a program. The MNIST data and two networks are built in:
 "gibbon demo" tells the whole story and leaves a report with pictures.
TEXT
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

mkdir -p "$2"
archive=$2/gibbon_${version}_$architecture.deb
chmod -R u+rwX,go+rX,go-w "$root"
# Times later than this commit's are taken back to it, earlier ones do not occur.
find "$root" -exec touch --no-dereference --date "@$epoch" {} +
dpkg-deb --root-owner-group --build "$root" "$archive.part" >/dev/null
mv "$archive.part" "$archive"
printf '%s\n' "$archive"
