#!/usr/bin/env bash
# Checks what is handed on: the archive and the package, made twice, run without network on a Debian that has nothing but
# its smallest set of packages, and taken away again; and `make install` with its opposite. One line for each check.
#
#     Scripts/check-dist.sh BUILD [RELEASE]    BUILD is SwiftPM's folder of a build, RELEASE this machine's by default
#
# Needs root, debootstrap and lintian. On another RELEASE, a later one, only the archive is tried: the package is made for
# this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'gibbon check-dist: %s\n' "$1" >&2
  exit 2
}

[ $# -eq 1 ] || [ $# -eq 2 ] || fail "expected BUILD [RELEASE]"
build=$1
[ "$(id -u)" -eq 0 ] || fail "needs root, for chroot"
for tool in debootstrap lintian unshare; do
  command -v "$tool" >/dev/null 2>&1 || fail "needs $tool; on Debian: apt-get install debootstrap lintian util-linux"
done
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
release=${2:-$here}
mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Origin: Debian' "Codename: $here" | head -n 1)
[ -n "$mirror" ] || fail "apt knows no mirror of Debian's $here; run apt-get update"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
root=$temporary/root
log=$temporary/log
failures=0

# Runs a check, and says what it printed only if it failed.
check() {
  local title=$1 status
  shift
  # Not in the condition of an `if`, where failures in the midst of a check would count for nothing.
  set +e
  (set -e && "$@") >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    printf 'ok    %s\n' "$title"
  else
    printf 'FAIL  %s\n' "$title"
    sed 's/^/      /' "$log"
    failures=$((failures + 1))
  fi
}

not() {
  ! "$@"
}

# What is mounted in the root ends with the command that runs there.
# shellcheck disable=SC2016
mounts='root=$1; shift
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"'
online() {
  unshare --mount bash -ec "$mounts" online "$root" "$@"
}
offline() {
  unshare --mount --net bash -ec "$mounts" offline "$root" "$@"
}

# All files of the root but those in which dpkg and the checks themselves write.
files() {
  (cd "$root" && find . -path ./proc -prune -o -path ./tmp -prune -o -path ./var/lib/dpkg -prune -o -path ./var/log -prune \
    -o -path ./var/cache -prune -o -print | LC_ALL=C sort)
}

tells_story() {
  rm -rf "$root/tmp/demo"
  offline "$1" demo --quick --out /tmp/demo
  for file in report.html report.json standard.safetensors robust.safetensors; do test -s "$root/tmp/demo/$file"; done
}

is_offline() {
  [ "$(offline cat /proc/net/dev | grep -c :)" -eq 1 ]
}

# One line, and the exit status of a failed run.
asks_for_libcurl() {
  local status=0
  offline "$1" predict http://127.0.0.1:9/ --data mnist:test --count 1 --output /tmp/out.npz >"$temporary/said" 2>&1 || status=$?
  cat "$temporary/said"
  [ "$status" -eq 2 ] && [ "$(wc -l <"$temporary/said")" -eq 1 ] && grep -q 'needs libcurl' "$temporary/said"
}

# Everything that is loaded is the archive's own or glibc's.
loads_its_own() {
  offline ldd "$1" >"$temporary/loaded"
  cat "$temporary/loaded"
  not grep -q 'not found' "$temporary/loaded"
  while read -r name arrow file _; do
    [ "$arrow" = "=>" ] || continue
    [[ $file != */lib/gibbon/* ]] || continue
    # It is known under /usr on some releases, so one of the two is not found.
    { offline dpkg-query -S "$file" "/usr$file" || true; } | grep '^libc6:' || { echo "$name is not glibc's" && false; }
  done <"$temporary/loaded"
}

makes_twice() {
  "$1" "$build" "$temporary/first"
  # At another time, by another umask, in another zone.
  (umask 077 && TZ=Pacific/Auckland "$1" "$build" "$temporary/second")
  diff -r "$temporary/first" "$temporary/second"
}

has_no_errors() {
  lintian --allow-root --no-tag-display-limit "$package" >"$temporary/lint" || true
  cat "$temporary/lint"
  not grep -q '^E:' "$temporary/lint"
}

has_no_package() {
  not offline dpkg-query -W gibbon
  files | diff "$temporary/before" -
}

installs_and_uninstalls() {
  local stage=$temporary/stage version
  version=$("$build/release/gibbon" --version)
  Scripts/install.sh "$build" "$stage/usr/local"
  [ "$("$stage/usr/local/bin/gibbon" --version)" = "$version" ]
  for file in bin/gibbon share/bash-completion/completions/gibbon share/zsh/site-functions/_gibbon \
    share/fish/vendor_completions.d/gibbon.fish share/doc/gibbon/LICENSE share/doc/gibbon/NOTICE; do
    test -s "$stage/usr/local/$file"
  done
  bash -n "$stage/usr/local/share/bash-completion/completions/gibbon"
  touch "$stage/usr/local/bin/another"
  Scripts/install.sh --remove "$stage/usr/local"
  [ "$(cd "$stage" && find . -type f)" = ./usr/local/bin/another ]
}

check "install and uninstall" installs_and_uninstalls
check "the archive is the same when it is made again" makes_twice Scripts/make-dist.sh
archive=$(compgen -G "$temporary/first/gibbon-*.tar.gz") || fail "there is no archive to go on with"
check "debootstrap makes a $release" debootstrap --variant=minbase "$release" "$root" "$mirror"
check "no network in there" is_offline

tar -xzf "$archive" -C "$root/opt"
unpacked=/opt/$(basename "$archive" .tar.gz)
check "archive: what it loads is its own, or glibc's" loads_its_own "$unpacked/bin/gibbon"
check "archive: gibbon demo --quick" tells_story "$unpacked/bin/gibbon"
check "archive: an address without libcurl is one clear line" asks_for_libcurl "$unpacked/bin/gibbon"
rm -rf "${root:?}$unpacked"

if [ "$release" = "$here" ]; then
  check "the package is the same when it is made again" makes_twice Scripts/make-deb.sh
  package=$(compgen -G "$temporary/first/gibbon_*.deb") || fail "there is no package to go on with"
  check "lintian finds no error" has_no_errors
  sed 's/^/      /' "$temporary/lint"
  cp "$package" "$root/tmp/gibbon.deb"
  check "package: its dependencies are there to be had" online sh -ec \
    'apt-get -qq update; apt-get -qq satisfy --yes --no-install-recommends "$1"' sh "$(dpkg-deb -f "$package" Depends)"
  files >"$temporary/before"
  check "package: dpkg -i" offline dpkg -i /tmp/gibbon.deb
  check "package: its files are as they were packed" offline dpkg --verify gibbon
  check "package: gibbon demo --quick" tells_story gibbon
  check "package: an address without libcurl is one clear line" asks_for_libcurl gibbon
  check "package: dpkg -r" offline dpkg -r gibbon
  check "package: nothing is left" has_no_package
  check "package: dpkg -i once more" offline dpkg -i /tmp/gibbon.deb
  check "package: dpkg -P" offline dpkg -P gibbon
  check "package: nothing is left of that either" has_no_package
fi

[ "$failures" -eq 0 ] || fail "$failures checks failed"
