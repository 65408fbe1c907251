#!/usr/bin/env bash
#
# serve.sh ROOT COMMAND… - runs a command beside a fresh Request Tracker, made by setup.sh ROOT.
#
# The command finds the server in PROBITY_RT_URL (loopback, a port that was free) and the tokens of board.pl in
# PROBITY_RT_PROBITY, PROBITY_RT_SECRETARY and so on, one for each person. The database is a copy of the pristine one. When the
# command ends, however it ends, so does the server, by its id.
set -euo pipefail
umask 022
export LC_ALL=C

root=$(cd "${1:?usage: serve.sh ROOT COMMAND…}" && pwd)
shift
readonly root system=$root/system

exec 9>"$root/lock"
flock 9

while IFS='=' read -r name token; do export "PROBITY_RT_$name=$token"; done <"$root/tokens"
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
export PROBITY_RT_URL=http://127.0.0.1:$port

cp "$root/pristine.sqlite" "$system/srv/rt.sqlite"
chroot "$system" chown www-data:www-data /srv /srv/rt.sqlite

# Every step becomes the next one, so that the id is the server's, which is a single process. The lock is not for it
# to inherit: it would be held for as long as the server lived.
unshare --mount sh -c 'mount -t proc proc "$1/proc"; root=$1; shift; exec chroot --userspec=www-data:www-data "$root" "$@"' sh "$system" \
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "PROBITY_RT_PORT=$port" \
  /usr/share/request-tracker5/libexec/rt-server --server HTTP::Server::PSGI --host 127.0.0.1 --port "$port" \
  >"$root/server.log" 2>&1 </dev/null 9>&- &
server=$!
stop() {
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# It is this server and not another one on the port if it knows a token of this board. The token goes by standard
# input, since arguments are for everybody to read.
answers() {
  printf 'header = "Authorization: token %s"\n' "$PROBITY_RT_PROBITY" |
    curl --silent --fail --max-time 5 --config - --output /dev/null "$PROBITY_RT_URL/REST/2.0/rt"
}
until answers; do
  kill -0 "$server" 2>/dev/null || {
    tail -n 20 "$root/server.log" >&2
    echo "request-tracker: the server did not start; $root/server.log has it all" >&2
    exit 1
  }
  [ "$SECONDS" -lt 60 ] || {
    echo "request-tracker: no answer within a minute; see $root/server.log" >&2
    exit 1
  }
  sleep 0.2
done
echo "request-tracker: answers on $PROBITY_RT_URL after $SECONDS s"

"$@" 9>&-
