#!/usr/bin/env bash
#
# setup-target.sh - makes `cargo build --target wasm32-wasip2` work with the rustc on PATH.
#
# Connectors compile to WebAssembly components with plain cargo, which needs the standard library
# of the wasm32-wasip2 target in the Rust sysroot. There are two roads to it:
#
#   1. `rustup target add wasm32-wasip2`, wherever rustup can reach its download server.
#   2. From source, for machines that reach only a Debian mirror and a crates index (many CI
#      machines): the Rust library source of exactly the installed version and wasi-libc come as
#      Debian packages, cargo builds the standard library from them once, and the result is
#      copied into the sysroot.
#
# The script is safe to run before every build: when the target is ready it says so and stops. A
# stamp file beside the target in the sysroot records which rustc the target was last seen working
# with, so that a changed toolchain is noticed and the target made anew.
#
# What it deliberately does not do:
#   - It names no package server. Mirror addresses, proxies and credentials are those that apt,
#     rustup and cargo are already configured with on this machine.
#   - It installs no packages and changes nothing outside the Rust sysroot. Package indexes,
#     packages and the build live in a scratch folder that is removed at the end. The library
#     source is linked into the sysroot for the length of the build only: left there, it would
#     go stale at the next toolchain update.
#   - It does not accept unsigned packages, and does not take the source of a nearby version.
#   - It does not install or update Rust itself, and does not build the `test` crate for the
#     target on road 2 (connectors are tested through their host).

set -euo pipefail
umask 022
export LC_ALL=C

readonly TARGET=wasm32-wasip2
readonly SUITES=(bookworm-backports trixie trixie-backports forky sid)
readonly RUSTUP_SECONDS=60 APT_SECONDS=300 BUILD_SECONDS=3600

usage() {
  cat <<'HELP'
Usage: setup-target.sh [--check | --help]

Makes the wasm32-wasip2 target of the rustc on PATH ready to build with: by rustup where it can
reach its server, otherwise from source with the help of a Debian mirror and the crates index.
Does nothing when the target is ready.

  --check   only say whether the target is ready; exit 0 if it is, 1 if not
  --help    this text

Building from source needs bash, apt-get, dpkg-deb, cargo, a C linker (cc), about 400 MB in
$TMPDIR (or /tmp) while it runs, and write access to the Rust sysroot. It does not need root.
HELP
}

say() { printf 'setup-target: [%3ds] %s\n' "$SECONDS" "$*"; }
warn() { say "$*" >&2; }
die() {
  printf 'setup-target: error: %s\n' "$1" >&2
  shift
  if [ $# -gt 0 ]; then printf '  %s\n' "$@" >&2; fi
  exit 1
}

# The lines of a log that say what went wrong, indented for display. Addresses may carry a user
# name and password; those are not shown.
excerpt() {
  [ -s "$1" ] || return 0
  { grep -E '^error' -A 5 "$1" || grep -E '^[EW]: ' "$1" | awk '!seen[$0]++' | grep . || tail -n 15 "$1"; } |
    sed -n 1,20p | mask | sed 's/^/    | /' >&2
}
mask() { sed -E 's#(://)[^/@ ]+@#\1***@#g'; }

have() { command -v "$1" >/dev/null 2>&1; }

# --- clean-up ------------------------------------------------------------------------------------

SCRATCH='' LIBRARY_LINK='' LIBRARY_ASIDE='' NEW_TARGET=''

unlink_library() {
  [ -n "$LIBRARY_LINK" ] || return 0
  if [ -L "$LIBRARY_LINK" ]; then rm -f "$LIBRARY_LINK"; fi
  if [ -e "$LIBRARY_ASIDE" ]; then mv "$LIBRARY_ASIDE" "$LIBRARY_LINK"; fi
  rmdir "$RUSTLIB/src/rust" "$RUSTLIB/src" 2>/dev/null || true
  LIBRARY_LINK=''
}

cleanup() {
  unlink_library
  if [ -n "$NEW_TARGET" ]; then rm -rf "$NEW_TARGET"; fi
  if [ -n "$SCRATCH" ]; then rm -rf "$SCRATCH"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- is the target ready? ------------------------------------------------------------------------

find_toolchain() {
  have rustc || die 'rustc is not on PATH' 'Install Rust first, then run this again.'
  local version
  version=$(rustc -vV) || die '`rustc -vV` failed' 'Repair the Rust toolchain first, then run this again.'
  RELEASE=$(sed -n 's/^release: //p' <<<"$version")
  COMMIT=$(sed -n 's/^commit-hash: //p' <<<"$version")
  SYSROOT=$(rustc --print sysroot)
  RUSTLIB=$SYSROOT/lib/rustlib
  LIBDIR=$RUSTLIB/$TARGET/lib
  STAMP=$RUSTLIB/$TARGET.probity-stamp
  STAMP_KEY="rustc $RELEASE ${COMMIT:-unknown}"
  RUSTUP_MANIFEST=$RUSTLIB/manifest-rust-std-$TARGET
}

# Compiles and links a small program, as strictly as the further rustc arguments ask.
probe() {
  local out=$SCRATCH/probe.wasm
  rm -f "$out"
  printf 'fn main() { println!("{}", std::env::args().count()); }\n' |
    rustc --edition 2021 --crate-name probe --target "$TARGET" "$@" -o "$out" - \
      >"$SCRATCH/probe.log" 2>&1 || return 1
  # "\0asm", then the layer that marks a component rather than a core module.
  [ "$(od -An -tx1 -N8 "$out" | tr -d ' \n')" = 0061736d0d000100 ] || {
    echo 'error: what rustc linked is not a WebAssembly component' >"$SCRATCH/probe.log"
    return 1
  }
}

# Sets NOT_READY to the reason when the target is not ready.
is_ready() {
  local file
  NOT_READY=''
  if [ "$(rustc --print target-libdir --target "$TARGET" 2>/dev/null)" != "$LIBDIR" ]; then
    NOT_READY="rustc $RELEASE does not look for $TARGET in its sysroot, or does not know that target"
    return 1
  fi
  for file in "$LIBDIR"/libstd-*.rlib "$LIBDIR"/libcore-*.rlib "$LIBDIR"/liballoc-*.rlib \
    "$LIBDIR"/self-contained/{crt1-command.o,crt1-reactor.o,libc.a}; do
    [ -s "$file" ] || { NOT_READY="${file#"$RUSTLIB"/} is missing"; return 1; }
  done
  if [ "$(head -n 1 "$STAMP" 2>/dev/null)" = "$STAMP_KEY" ]; then
    probe || { NOT_READY='a small program does not compile with it'; return 1; }
  else
    # Never seen with this rustc: ask everything that connectors need of it, which includes the
    # LLVM bitcode that link-time optimization reads.
    probe -Copt-level=1 -Clto=fat -Cpanic=abort ||
      { NOT_READY="a small program does not compile with it under rustc $RELEASE"; return 1; }
  fi
}

write_stamp() {
  printf '%s\n%s\n' "$STAMP_KEY" "$1" >"$STAMP"
}

finish() {
  write_stamp "$1"
  say "$TARGET is ready for rustc $RELEASE, $1"
  say "if you built connectors before, remove their target/$TARGET folder: cargo does not notice a new standard library"
}

# --- road 1: rustup ------------------------------------------------------------------------------

# An unusable target must be out of the way first: rustup takes what it once installed to be still
# there, and refuses to write over files it does not know.
remove_unusable_target() {
  local line file
  if [ -e "$RUSTUP_MANIFEST" ] && have rustup; then
    say "rustup lists $TARGET but it is unusable: having rustup remove it"
    # rustup refuses to remove a component whose files are not all there.
    while IFS= read -r line; do
      file=${line#file:}
      case $file in
        *..*) continue ;;
        lib/rustlib/"$TARGET"/*) ;;
        *) continue ;;
      esac
      if [ ! -e "$SYSROOT/$file" ]; then
        mkdir -p "$(dirname "$SYSROOT/$file")"
        : >"$SYSROOT/$file"
      fi
    done <"$RUSTUP_MANIFEST"
    RUST_BACKTRACE=0 timeout -k 5 "$RUSTUP_SECONDS" rustup target remove "$TARGET" \
      >"$SCRATCH/rustup-remove.log" 2>&1 || {
      warn 'rustup could not remove it; going on'
      excerpt "$SCRATCH/rustup-remove.log"
    }
  elif [ -d "$LIBDIR" ]; then
    if have dpkg && dpkg -S "$LIBDIR" >/dev/null 2>&1; then
      die "$LIBDIR belongs to an installed Debian package and is unusable: $NOT_READY" \
        'Repair or remove that package, or put another Rust toolchain first on PATH.'
    fi
    say "removing the unusable $LIBDIR"
  fi
  rm -rf "${RUSTLIB:?}/$TARGET" "$STAMP"
}

road_rustup() {
  local log=$SCRATCH/rustup.log
  if ! have rustup; then
    WHY_NOT_RUSTUP='rustup is not on PATH'
  elif [ ! -e "$RUSTLIB/multirust-channel-manifest.toml" ]; then
    WHY_NOT_RUSTUP="$SYSROOT is not a toolchain that rustup installed"
  else
    say "road 1: rustup target add $TARGET (at most $RUSTUP_SECONDS s)"
    local status=0
    RUST_BACKTRACE=0 timeout -k 5 "$RUSTUP_SECONDS" rustup target add "$TARGET" >"$log" 2>&1 || status=$?
    if [ "$status" = 0 ]; then
      is_ready && return 0
      WHY_NOT_RUSTUP="rustup added the target, but $NOT_READY"
      excerpt "$SCRATCH/probe.log"
    elif [ "$status" = 124 ] || [ "$status" = 137 ]; then
      WHY_NOT_RUSTUP="rustup was not done after $RUSTUP_SECONDS s"
    else
      WHY_NOT_RUSTUP="rustup target add failed: $({ grep -m 1 '^error' "$log" || tail -n 1 "$log"; } | mask | cut -c 1-240)"
    fi
  fi
  return 1
}

# --- road 2: from source -------------------------------------------------------------------------

fail_source() {
  die "the $TARGET target could not be set up" \
    "road 1, rustup: $WHY_NOT_RUSTUP" \
    "road 2, from source: $1" \
    '' \
    'What to do, either of:' \
    "- let this machine reach rustup's download server (or its mirror, RUSTUP_DIST_SERVER), or" \
    "- ${2:-repair what road 2 names above}," \
    'then run this again.'
}

# Debian mirrors among apt's enabled sources, one a line: address, a tab, the keyring that signs it
# if the source names one. Reads both of apt's formats, and works before any `apt-get update`.
debian_mirrors() {
  local LIST='' PARTS='' codename
  eval "$(apt-config shell LIST Dir::Etc::SourceList/f PARTS Dir::Etc::SourceParts/d)"
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null || true)
  local files=() file
  for file in "$LIST" "${PARTS%/}"/*.list "${PARTS%/}"/*.sources; do
    if [ -f "$file" ] && [ -r "$file" ]; then files+=("$file"); fi
  done
  [ "${#files[@]}" -gt 0 ] || return 0
  awk -v own="${codename:-stable}" '
    function emit(address, suite, key) {
      if (suite ~ /-security$|\// || address ~ /^(cdrom|file|copy):/) return
      sub(/-.*/, "", suite)
      if (suite != own && suite !~ /^(oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)$/) return
      if (key !~ /^\//) key = ""
      gsub(/[ \t]+/, ",", key)
      if (!seen[address]++) print address "\t" key
    }
    function has(list, word,   parts, i, n) {
      n = split(list, parts)
      for (i = 1; i <= n; i++) if (parts[i] == word) return 1
      return 0
    }
    function stanza(   uris, suites, i, j, n, m) {
      if (has(field["types"], "deb") && has(field["components"], "main") &&
          tolower(field["enabled"]) !~ /^(no|false|0|off|without|disable)$/) {
        n = split(field["uris"], uris)
        m = split(field["suites"], suites)
        for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) emit(uris[i], suites[j], field["signed-by"])
      }
      split("", field)
    }
    FNR == 1 { stanza(); name = ""; deb822 = FILENAME ~ /\.sources$/ }
    { sub(/\r$/, "") }
    deb822 && /^#/ { next }
    deb822 && /^[ \t]*$/ { stanza(); name = ""; next }
    deb822 && /^[ \t]/ { sub(/^[ \t]+/, ""); field[name] = field[name] " " $0; next }
    deb822 {
      name = tolower(substr($0, 1, index($0, ":") - 1))
      sub(/^[^:]*:[ \t]*/, "")
      sub(/[ \t]+$/, "")
      field[name] = $0
      next
    }
    { sub(/#.*/, "") }
    $1 == "deb" {
      sub(/^[ \t]*deb[ \t]+/, "")
      key = ""
      if (match($0, /^\[[^]]*\][ \t]*/)) {
        options = substr($0, 1, RLENGTH)
        $0 = substr($0, RLENGTH + 1)
        if (match(options, /signed-by=[^] \t]+/)) key = substr(options, RSTART + 10, RLENGTH - 10)
      }
      for (i = 3; i <= NF; i++) if ($i == "main") emit($1, $2, key)
    }
    END { stanza() }
  ' "${files[@]}"
}

# Runs an apt tool on one suite of one mirror, with lists, cache and source list of its own.
apt_on() {
  local tool=$1 suite=$2
  shift 2
  timeout -k 5 "$APT_SECONDS" "$tool" -q -c "$SCRATCH/apt/apt.conf" \
    -o Dir::Etc::SourceList="$SCRATCH/apt/$suite.list" \
    -o Dir::State::Lists="$SCRATCH/apt/lists-$suite" "$@"
}

prepare_apt() {
  local address=$1 keys=$2 suite key arch options
  arch=$(dpkg --print-architecture)
  options="target=Packages lang=none arch=$arch"
  if [ ! -r "${keys%%,*}" ]; then
    keys=''
    for key in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
      if [ -r "$key" ]; then keys=$key; break; fi
    done
  fi
  if [ -n "$keys" ]; then options+=" signed-by=$keys"; fi
  rm -rf "$SCRATCH/apt"
  mkdir -p "$SCRATCH/apt/cache/archives/partial"
  for suite in "${SUITES[@]}"; do
    mkdir -p "$SCRATCH/apt/lists-$suite/partial"
    printf 'deb [%s] %s %s main\n' "$options" "$address" "$suite" >"$SCRATCH/apt/$suite.list"
  done
  # Read after the machine's own configuration. Hooks are cleared because they would act on the
  # system's own package cache; pins and a default release would only get in the way.
  cat >"$SCRATCH/apt/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear APT::Default-Release;
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
Acquire::AllowInsecureRepositories "false";
Acquire::GzipIndexes "true";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Dir::Cache "$SCRATCH/apt/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
CONF
}

# Versions of a package in a suite, the highest first. Reads the suite's index at the first call.
versions() {
  local package=$1 suite=$2
  if [ ! -e "$SCRATCH/apt/read-$suite" ]; then
    : >"$SCRATCH/apt/read-$suite"
    apt_on apt-get "$suite" update >>"$SCRATCH/apt.log" 2>&1 || true
  fi
  apt_on apt-cache "$suite" madison "$package" 2>>"$SCRATCH/apt.log" | awk -F' *[|] *' '{ print $2 }' || true
}

download() {
  local suite=$1 package=$2 version=$3
  mkdir -p "$SCRATCH/debs"
  (cd "$SCRATCH/debs" && apt_on apt-get "$suite" download "$package=$version") >>"$SCRATCH/apt.log" 2>&1
}

# Looks through one mirror. On success SOURCE_DEB (unless rustup's source is used) and WASI_DIR are
# in place and USED says what they are.
fetch_packages() {
  local suite version source_suite='' source_version='' order=() after=() before=()
  for suite in "${SUITES[@]}"; do
    for version in $(versions rust-src "$suite"); do
      SEEN+=" ${version%%[-+]*}"
      case $version in
        "$RELEASE"[-+]*) source_suite=$suite source_version=$version; break 2 ;;
      esac
    done
  done

  if [ "$RUSTUP_SOURCE" = 1 ]; then
    USED="rustup's rust-src"
  elif [ -n "$source_suite" ]; then
    say "downloading rust-src $source_version from $source_suite"
    download "$source_suite" rust-src "$source_version" || {
      WHY_NOT_SOURCE="rust-src $source_version could not be downloaded"
      excerpt "$SCRATCH/apt.log"
      return 1
    }
    SOURCE_DEB=$(echo "$SCRATCH"/debs/rust-src_*.deb)
    USED="rust-src $source_version"
  else
    WHY_NOT_SOURCE="no rust-src package of version $RELEASE in ${SUITES[*]}"
    if [ -z "$SEEN" ]; then
      WHY_NOT_SOURCE="no package index of ${SUITES[*]} could be read, or none lists rust-src"
      excerpt "$SCRATCH/apt.log"
    fi
    return 1
  fi

  # The wasi-libc nearest to the library in age is the one of the same suite: the distribution's
  # own Rust is built against it. Then the newer suites, then the older ones.
  for suite in "${SUITES[@]}"; do
    if [ "${#after[@]}" -gt 0 ] || [ "$suite" = "$source_suite" ]; then
      after+=("$suite")
    else
      before=("$suite" "${before[@]}")
    fi
  done
  order=("${after[@]}" "${before[@]}")
  for suite in "${order[@]}"; do
    for version in $(versions wasi-libc "$suite"); do
      rm -f "$SCRATCH"/debs/wasi-libc_*.deb
      download "$suite" wasi-libc "$version" || continue
      rm -rf "$SCRATCH/wasi"
      dpkg-deb -x "$SCRATCH"/debs/wasi-libc_*.deb "$SCRATCH/wasi" || continue
      WASI_DIR=$SCRATCH/wasi/usr/lib/$TARGET
      if [ -f "$WASI_DIR/libc.a" ] && [ -f "$WASI_DIR/crt1-command.o" ] && [ -f "$WASI_DIR/crt1-reactor.o" ]; then
        say "using wasi-libc $version from $suite"
        USED+=", wasi-libc $version"
        return 0
      fi
    done
  done
  WHY_NOT_SOURCE="no wasi-libc package with usr/lib/$TARGET could be had from ${SUITES[*]}"
  excerpt "$SCRATCH/apt.log"
  return 1
}

# Puts the library source where cargo looks for it, for the length of the build.
link_library() {
  local root=$RUSTLIB/src/rust
  say 'unpacking the library source'
  mkdir -p "$SCRATCH/source"
  dpkg-deb --fsys-tarfile "$SOURCE_DEB" |
    tar -x -C "$SCRATCH/source" --strip-components=5 --wildcards './usr/src/rustc-*/library/*'
  rm -f "$SOURCE_DEB"
  [ -f "$SCRATCH/source/std/Cargo.toml" ] && [ -f "$SCRATCH/source/Cargo.lock" ] || return 1
  mkdir -p "$root"
  LIBRARY_LINK=$root/library LIBRARY_ASIDE=$root/library.probity-aside
  if [ -L "$LIBRARY_LINK" ] && [ ! -e "$LIBRARY_LINK" ]; then rm -f "$LIBRARY_LINK"; fi
  if [ -e "$LIBRARY_LINK" ]; then mv "$LIBRARY_LINK" "$LIBRARY_ASIDE"; fi
  ln -s "$SCRATCH/source" "$LIBRARY_LINK"
}

build_std() {
  local crate=$SCRATCH/crate name sep=$'\x1f'
  mkdir -p "$crate/src"
  : >"$crate/src/lib.rs"
  cat >"$crate/Cargo.toml" <<'TOML'
[package]
name = "setup-target-scratch"
version = "0.0.0"
edition = "2021"

[workspace]
TOML
  (
    # Settings meant for other builds must not reach the standard library. Those that say how to
    # reach the crates index stay.
    while IFS= read -r name; do
      case $name in
        RUSTFLAGS | RUSTDOCFLAGS | RUSTC | RUSTC_* | RUSTDOC | CARGO_INCREMENTAL) unset "$name" ;;
        CARGO_ENCODED_* | CARGO_BUILD_* | CARGO_TARGET_* | CARGO_PROFILE_* | CARGO_UNSTABLE_*) unset "$name" ;;
      esac
    done < <(compgen -e)
    # Straight to this toolchain: another one may be the default in the scratch folder.
    if [ -x "$SYSROOT/bin/cargo" ]; then PATH=$SYSROOT/bin:$PATH; fi
    # Bitcode is what link-time optimization of the connectors reads. The remapping keeps paths of
    # this machine out of the connectors, which carry source paths in their panic messages.
    local flags=-Cembed-bitcode=yes
    flags+="$sep--remap-path-prefix=$RUSTLIB/src/rust=/rustc/${COMMIT:-$RELEASE}"
    flags+="$sep--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/rust/deps"
    export PATH CARGO_ENCODED_RUSTFLAGS=$flags CARGO_TARGET_DIR=$SCRATCH/build RUSTC_BOOTSTRAP=1
    cd "$crate"
    timeout -k 5 "$BUILD_SECONDS" cargo build --release -Zbuild-std=std,panic_abort --target "$TARGET"
  ) >"$SCRATCH/build.log" 2>&1
}

install_std() {
  local rlib lib
  NEW_TARGET=$RUSTLIB/.$TARGET.new.$$
  lib=$NEW_TARGET/lib
  mkdir -p "$lib/self-contained"
  cp "$WASI_DIR"/{crt1-command.o,crt1-reactor.o,libc.a} "$lib/self-contained/"
  for rlib in "$SCRATCH/build/$TARGET/release/deps"/*.rlib; do
    case ${rlib##*/} in libsetup_target_scratch-*) continue ;; esac
    cp "$rlib" "$lib/"
  done
  rm -rf "${RUSTLIB:?}/$TARGET"
  mv "$NEW_TARGET" "$RUSTLIB/$TARGET"
  NEW_TARGET=''
}

road_source() {
  local tool address keys mirrors found=0
  for tool in apt-get apt-cache apt-config dpkg dpkg-deb tar awk cargo cc; do
    have "$tool" || fail_source "$tool is not on PATH" "put $tool on PATH"
  done
  : >"$SCRATCH/apt.log"
  mirrors=$(debian_mirrors)
  [ -n "$mirrors" ] || {
    fail_source "apt's configuration names no Debian mirror" \
      "add a Debian mirror (any release, component main) to apt's sources"
  }
  SEEN='' USED='' SOURCE_DEB='' WASI_DIR='' RUSTUP_SOURCE=0 WHY_NOT_SOURCE=''
  if [ -e "$RUSTLIB/manifest-rust-src" ] && [ -f "$RUSTLIB/src/rust/library/std/Cargo.toml" ]; then
    RUSTUP_SOURCE=1
  fi

  say 'road 2: building the standard library from source, once'
  while IFS=$'\t' read -r address keys; do
    say "looking for rust-src $RELEASE and wasi-libc at $(mask <<<"$address")"
    prepare_apt "$address" "$keys"
    if fetch_packages; then found=1; break; fi
    warn "$WHY_NOT_SOURCE"
  done <<<"$mirrors"
  if [ "$found" = 0 ]; then
    SEEN=$(tr ' ' '\n' <<<"$SEEN" | sed '/^$/d' | sort -uV | paste -sd' ')
    case " $SEEN " in
      '  ') fail_source "$WHY_NOT_SOURCE" "let apt reach a Debian mirror that carries those releases" ;;
      *" $RELEASE "*) fail_source "$WHY_NOT_SOURCE" ;;
      *) fail_source "$WHY_NOT_SOURCE" "use a Rust version whose source the mirror carries (seen there: $SEEN)" ;;
    esac
  fi

  if [ "$RUSTUP_SOURCE" = 0 ]; then
    link_library || fail_source "the rust-src package does not hold the library where expected"
  fi
  say 'compiling (about a minute on two idle cores)'
  build_std || {
    excerpt "$SCRATCH/build.log"
    fail_source 'compiling the standard library failed; the log above says where' \
      'make sure cargo reaches the crates index and cc works'
  }
  unlink_library
  say "copying into $LIBDIR"
  install_std || fail_source "$LIBDIR could not be written"
  is_ready || {
    excerpt "$SCRATCH/probe.log"
    fail_source "the library was built and copied, but $NOT_READY"
  }
}

# --- main ----------------------------------------------------------------------------------------

main() {
  local check=0
  case ${1-} in
    '') ;;
    --check) check=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  [ $# -le 1 ] || { usage >&2; exit 2; }

  # Toolchain overrides hold by folder: look from where the connectors' crates are.
  cd "$(dirname "${BASH_SOURCE[0]}")"
  find_toolchain
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/probity-setup-target.XXXXXX")

  if is_ready; then
    say "$TARGET is ready for rustc $RELEASE"
    if [ "$check" = 0 ] && [ "$(head -n 1 "$STAMP" 2>/dev/null)" != "$STAMP_KEY" ]; then
      write_stamp 'found working' 2>/dev/null || true
    fi
    exit 0
  fi
  say "$TARGET is not ready for rustc $RELEASE: $NOT_READY"
  if [ "$check" = 1 ]; then exit 1; fi

  [ -w "$RUSTLIB" ] || die "$RUSTLIB is not writable by $(id -un)" \
    "Run this as the sysroot's owner, or put a Rust toolchain of your own first on PATH."
  if have flock; then
    exec 9<"$RUSTLIB"
    if ! flock -n 9; then
      say 'another run is at work on this toolchain: waiting for it'
      flock 9
      if is_ready; then say "$TARGET is ready for rustc $RELEASE"; exit 0; fi
    fi
  fi

  remove_unusable_target
  if road_rustup; then
    finish 'by rustup'
    exit 0
  fi
  warn "road 1 is closed: $WHY_NOT_RUSTUP"
  # Half an attempt must not be taken for a target.
  rm -rf "${RUSTLIB:?}/$TARGET"
  road_source
  finish "from source ($USED)"
}

main "$@"
