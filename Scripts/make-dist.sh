#!/usr/bin/env bash
# Packs gibbon-VERSION-linux-ARCHITECTURE.tar.gz: the command with every library that it needs except glibc's, each found
# relative to the command, so that the folder works wherever it is unpacked. Built from the same files it is the same file.
#
#     Scripts/make-dist.sh BUILD FOLDER    BUILD is SwiftPM's folder of a build, FOLDER where the archive goes
#
# libcurl, which asks remote models by HTTP, is left to the system: its two dozen libraries decide whom to trust and are
# mended too often to be frozen here. Without it the command works, and says what to install when an address is asked.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'gibbon dist: %s\n' "$1" >&2
  exit 2
}

[ $# -eq 2 ] || fail "expected BUILD FOLDER"
built=$1/release/gibbon
for tool in patchelf dpkg-query strip; do
  command -v "$tool" >/dev/null 2>&1 || fail "needs $tool; on Debian: apt-get install patchelf dpkg binutils"
done
[ -x "$built" ] || fail "found no command at $built"

# The package that a file belongs to, which may be known under /usr where the loader says /lib.
package_of() {
  { dpkg-query -S "$1" || dpkg-query -S "/usr$1" || dpkg-query -S "$(readlink -f "$1")"; } 2>/dev/null |
    head -n 1 | cut -d : -f 1
}

# Debian calls a library's package by its soname: libdnnl.so.2 is in libdnnl2, libpng16.so.16 in libpng16-16.
package_named() {
  sed -E 's/([0-9])\.so\.?/\1-/; s/\.so\.?//; s/-$//' <<<"${1,,}"
}

# What the command loads, and what that loads: lines of a name, its file or nothing, and its package or nothing.
closure=()
missing=()
while read -r soname arrow file _; do
  [ "$arrow" = "=>" ] || continue
  [ "$file" = not ] && file=
  package=$([ -z "$file" ] || package_of "$file") || package=
  if [ -z "$package" ]; then
    missing+=("$(package_named "$soname") ($soname${file:+, found as $file})")
  elif [ "$package" != libc6 ]; then
    closure+=("$soname $file $package")
  fi
done < <(ldd "$built")
[ ${#missing[@]} -eq 0 ] || fail "these libraries belong to no installed package of Debian: $(printf '%s; ' "${missing[@]}" |
  sed 's/; $//')"

version=$("$built" --version) || fail "$built does not run"
name=gibbon-$version-linux-$(uname -m)

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
root=$temporary/$name
Scripts/install.sh "$1" "$root"
libraries=$root/lib/gibbon
licences=$root/share/doc/gibbon/licences
mkdir -p "$libraries"

# Names of our own keep a library of the system apart from ours: libcurl's libssl may want a later libcrypto than this one.
own_name() {
  printf 'gibbon-%s' "$1"
}

renames=()
for entry in "${closure[@]}"; do
  read -r soname _ _ <<<"$entry"
  renames+=(--replace-needed "$soname" "$(own_name "$soname")")
done

# In two steps: patchelf 0.14 writes one string over the other when it does both.
repoint() {
  patchelf "${renames[@]}" "$1"
  patchelf --set-rpath "$2" "$1"
}

{
  printf 'Libraries in lib/gibbon, as Debian built them. Only their names and search paths are changed;\n'
  printf 'their sources are those of the source package that is named.\n\n'
  printf '%s\t%s\t%s\t%s\n' library package version source
} >"$licences/LIBRARIES"
for entry in "${closure[@]}"; do
  read -r soname file package <<<"$entry"
  copy=$libraries/$(own_name "$soname")
  install -m 755 "$file" "$copy"
  patchelf --set-soname "$(own_name "$soname")" "$copy"
  repoint "$copy" "\$ORIGIN"
  [ -f "/usr/share/doc/$package/copyright" ] || fail "found no licence of $package in /usr/share/doc/$package"
  install -m 644 "/usr/share/doc/$package/copyright" "$licences/$package"
  dpkg-query -W -f "$soname\t\${Package}\t\${Version}\t\${source:Package} \${source:Version}\n" "$package" >>"$licences/LIBRARIES"
done
repoint "$root/bin/gibbon" "\$ORIGIN/../lib/gibbon"

# Debian's files refer to the full texts of common licences by their place on a Debian system.
common=$(cat "$licences"/* | grep -oE '/usr/share/common-licenses/[A-Za-z0-9.+-]*[A-Za-z0-9+]' | sort -u)
mkdir "$licences/common-licenses"
for text in $common; do install -m 644 "$text" "$licences/common-licenses/"; done

# The archive must not tell when and by whom it was packed.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
mkdir -p "$2"
archive=$2/$name.tar.gz
tar --create --directory "$temporary" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" \
  --mode=u+rwX,go+rX,go-w --format=gnu "$name" | gzip -n -9 >"$archive.part"
mv "$archive.part" "$archive"
printf '%s\n' "$archive"
