#!/usr/bin/env bash
# Installs what Gibbon builds with, where it is missing: oneDNN 2.6 or later or 3.x, libpng, zlib, libzip and
# TurboJPEG. Another oneDNN than the system's is named by ONEDNN, a folder with include and lib.
set -euo pipefail

fail() {
  printf 'gibbon set-up: %s\n' "$1" >&2
  exit 2
}

command -v swift >/dev/null 2>&1 || fail "needs Swift 6.3 or later; see https://www.swift.org/install"
command -v cc >/dev/null 2>&1 || fail "needs a C compiler (cc), such as clang or gcc"

compiler=(cc -E -P -x c)
if [ -n "${ONEDNN:-}" ]; then
  [ -f "$ONEDNN/include/oneapi/dnnl/dnnl.h" ] && compgen -G "$ONEDNN/lib/libdnnl.*" >/dev/null ||
    fail "ONEDNN is $ONEDNN; expected a folder with include/oneapi/dnnl/dnnl.h and lib/libdnnl.so"
  compiler+=("-I$ONEDNN/include")
fi

# Whether the compiler finds a header; the most direct question there is.
has_header() {
  printf '#include <%s>\n' "$1" | "${compiler[@]}" - >/dev/null 2>&1
}

packages=()
has_header oneapi/dnnl/dnnl.h || packages+=(libdnnl-dev)
has_header png.h || packages+=(libpng-dev)
has_header zlib.h || packages+=(zlib1g-dev)
has_header zip.h || packages+=(libzip-dev)
has_header turbojpeg.h || packages+=(libturbojpeg0-dev)

missing=${#packages[@]}
if [ "$missing" -gt 0 ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    fail "install oneDNN (2.6 or later, or 3.x), libpng 1.6, zlib, libzip and TurboJPEG with their headers; on macOS: brew install onednn libpng zlib libzip jpeg-turbo"
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "needs root or sudo to install ${packages[*]}"
    as_root=(sudo)
  fi
  printf 'Installing %s\n' "${packages[*]}" >&2
  "${as_root[@]}" apt-get update -qq || fail "apt-get update failed; install ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${packages[@]}" >/dev/null ||
    fail "apt-get could not install ${packages[*]}"
fi

version=$(printf '#include <oneapi/dnnl/dnnl_version.h>\nDNNL_VERSION_MAJOR DNNL_VERSION_MINOR\n' |
  "${compiler[@]}" - 2>/dev/null | tail -n 1) || version=
[[ $version =~ ^([0-9]+)\ ([0-9]+)$ ]] || fail "found a oneDNN of unknown version; install 2.6 or later, or 3.x (Debian: libdnnl-dev)"
major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
[ "$major" -eq 3 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 6 ]; } ||
  fail "found oneDNN $major.$minor; install 2.6 or later, or 3.x (Debian: libdnnl-dev), or name one by make ONEDNN=/path"

if [ "$missing" -eq 0 ]; then
  printf 'Everything that Gibbon builds with is installed: Swift, a C compiler, oneDNN %s.%s, libpng, zlib, libzip, TurboJPEG.\n' \
    "$major" "$minor"
else
  printf 'Installed; everything that Gibbon builds with is there now.\n'
fi
