#!/usr/bin/env bash
# Installs what Gibbon builds with, where it is missing: oneDNN 2.6 or later, libpng, zlib,
# libzip and TurboJPEG.
set -euo pipefail

fail() {
  printf 'gibbon set-up: %s\n' "$1" >&2
  exit 2
}

# Whether the compiler finds a header; the most direct question there is.
has_header() {
  printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1
}

command -v swift >/dev/null 2>&1 || fail "needs Swift 6.3 or later; see https://www.swift.org/install"
command -v cc >/dev/null 2>&1 || fail "needs a C compiler (cc), such as clang or gcc"

packages=()
has_header oneapi/dnnl/dnnl.h || packages+=(libdnnl-dev)
has_header png.h || packages+=(libpng-dev)
has_header zlib.h || packages+=(zlib1g-dev)
has_header zip.h || packages+=(libzip-dev)
has_header turbojpeg.h || packages+=(libturbojpeg0-dev)

if [ ${#packages[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    fail "install oneDNN 2.6 or later (major version 2), libpng 1.6, zlib, libzip and TurboJPEG with their headers; on macOS: brew install onednn libpng zlib libzip jpeg-turbo"
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "needs root or sudo to install ${packages[*]}"
    as_root=(sudo)
  fi
  printf 'Installing %s\n' "${packages[*]}" >&2
  "${as_root[@]}" apt-get update -qq || fail "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${packages[@]}" >/dev/null ||
    fail "apt-get could not install ${packages[*]}"
fi

version=$(printf '#include <oneapi/dnnl/dnnl_version.h>\nDNNL_VERSION_MAJOR DNNL_VERSION_MINOR\n' |
  cc -E -P -x c - 2>/dev/null | tail -n 1)
read -r major minor <<<"$version"
[ "$major" = 2 ] && [ "$minor" -ge 6 ] ||
  fail "found oneDNN $major.$minor; this version of Gibbon needs 2.6 or later of major version 2 (Debian: libdnnl-dev)"
