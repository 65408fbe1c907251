#!/usr/bin/env bash
#
# setup.sh ROOT - installs Request Tracker 5 from Debian bookworm below ROOT, once.
#
# Request Tracker is a Perl application with some two hundred packages, so it gets a system of its own: ROOT/system is
# a Debian made by debootstrap, and nothing is installed outside of it. ROOT/pristine.sqlite is its database with
# what board.pl puts there (queues, custom fields, people, tokens); every run of serve.sh starts from a copy of it.
#
# The mirror is the one that apt on this machine is configured with; no server's name is written here. Safe to run any
# time: what is done is not done again, and another run at the same time is waited for. Needs root, about a
# gigabyte, and some minutes.
set -euo pipefail
umask 022
export LC_ALL=C

say() { printf 'request-tracker: [%3ds] %s\n' "$SECONDS" "$*"; }
die() {
  printf 'request-tracker: %s\n' "$@" >&2
  exit 1
}

root=${1:?usage: setup.sh ROOT}
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || die 'a system in a folder needs root to be made and entered (debootstrap, chroot).' 'Run it as root.'
mkdir -p "$root"
root=$(cd "$root" && pwd)
system=$root/system
readonly root here system

exec 9>"$root/lock"
flock 9

# Commands inside see no terminal, no services are started by packages, and mounts are gone with the command.
inside() {
  unshare --mount sh -c 'mount -t proc proc "$1/proc"; root=$1; shift; exec chroot "$root" "$@"' sh "$system" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

quietly() {
  "$@" >"$root/log" 2>&1 </dev/null || {
    tail -n 20 "$root/log" >&2
    die "failed: $*" "All of what it said is in $root/log."
  }
}

debian_mirror() {
  apt-get indextargets --format '$(IDENTIFIER) $(COMPONENT) $(RELEASE) $(SITE)' |
    awk '$1 == "Packages" && $2 == "main" && $3 ~ /^(bullseye|bookworm|trixie|forky|sid)$/ { print $4; exit }'
}

make_system() {
  local mirror scratch keys=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "apt's configuration names no Debian mirror." 'Add one (any release, component main) and run apt-get update.'
  say 'making a small Debian bookworm (a minute or two)'
  scratch=$(mktemp -d "$root/debootstrap.XXXXXX")
  local proxy=''
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if [ -n "$proxy" ]; then export http_proxy=$proxy; fi
  # Straight from the package, so that nothing is installed on this machine.
  (cd "$scratch" && quietly apt-get -o APT::Sandbox::User=root download debootstrap)
  dpkg-deb -x "$scratch"/debootstrap_*.deb "$scratch/tool"
  rm -rf "$system" "$system.new"
  DEBOOTSTRAP_DIR=$scratch/tool/usr/share/debootstrap quietly \
    "$scratch/tool/usr/sbin/debootstrap" --variant=minbase --keyring="$keys" bookworm "$system.new" "$mirror"
  printf '#!/bin/sh\nexit 101\n' >"$system.new/usr/sbin/policy-rc.d"
  chmod +x "$system.new/usr/sbin/policy-rc.d"
  mv "$system.new" "$system"
  rm -rf "$scratch"
}

install_request_tracker() {
  say 'installing Request Tracker 5 into it (three to five minutes)'
  cp /etc/resolv.conf "$system/etc/resolv.conf"
  # It reaches the mirror as this machine does.
  apt-config dump Acquire::http Acquire::https >"$system/etc/apt/apt.conf.d/90machine"
  quietly inside apt-get update
  quietly inside apt-get install --yes --no-install-recommends \
    request-tracker5 rt5-standalone rt5-db-sqlite dbconfig-no-thanks rt5-clients msmtp-mta
  quietly inside apt-get clean
}

# The port is in the addresses that Request Tracker writes into its answers; serve.sh sets it.
configure() {
  cat >"$system/etc/request-tracker5/RT_SiteConfig.d/90-probity.pm" <<'PERL'
use utf8;
Set($rtname, 'board');
Set($Organization, 'board');
Set($WebPath, '');
Set($WebDomain, '127.0.0.1');
Set($WebBaseURL, 'http://127.0.0.1:' . ($ENV{PROBITY_RT_PORT} || 80));
Set($WebURL, RT->Config->Get('WebBaseURL') . '/');
Set($WebPort, $ENV{PROBITY_RT_PORT} || 80);
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '/srv/rt.sqlite');
Set($MailCommand, 'testfile');
Set($LogToSTDERR, 'warning');
# So small that a test can file more than is kept.
Set($MaxAttachmentSize, 200_000);
Set($DropLongAttachments, 1);
1;
PERL
}

make_board() {
  say 'making the database, the queues and the people'
  rm -f "$system/srv/rt.sqlite"
  quietly inside /usr/sbin/rt-setup-database-5 --action init --skip-create
  cp "$here/board.pl" "$system/srv/board.pl"
  inside perl /srv/board.pl >"$root/tokens.new" 2>"$root/log" || {
    tail -n 20 "$root/log" >&2
    die 'the queues and people could not be made; see above.'
  }
  chmod 600 "$root/tokens.new"
  mv "$system/srv/rt.sqlite" "$root/pristine.sqlite"
  mv "$root/tokens.new" "$root/tokens"
  cp "$here/board.pl" "$root/board.pl"
}

[ -e "$system/usr/sbin/policy-rc.d" ] || make_system
[ -x "$system/usr/share/request-tracker5/libexec/rt-server" ] || install_request_tracker
configure
cmp -s "$here/board.pl" "$root/board.pl" || make_board
say "Request Tracker $(inside dpkg-query -W -f '${Version}' request-tracker5) is ready in $root"
