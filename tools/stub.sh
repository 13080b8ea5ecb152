#!/bin/sh
# Sluice @VERSION@ with its runtime in one file: this script, and behind it an archive of the runtime and the program.
# The first start unpacks it into a folder of its own; every later one only starts what is there.
#   SLUICE_CACHE        where to unpack (default: /var/cache for root, else $XDG_CACHE_HOME or ~/.cache)
#   SLUICE_PERMISSIONS  flags of the runtime (default: --allow-all; --print-permissions prints the least)
set -eu
fail() { printf 'sluice: %s\n' "$1" >&2; exit 1; }

# Nobody else may write where a program is taken from: root's is never below a home folder.
base=${SLUICE_CACHE:-}
if [ -z "$base" ]; then
  if [ "$(id -u)" = 0 ]; then base=/var/cache
  elif [ -n "${XDG_CACHE_HOME:-}" ]; then base=$XDG_CACHE_HOME
  elif [ -n "${HOME:-}" ]; then base=$HOME/.cache
  else fail 'no folder to unpack into: set SLUICE_CACHE'
  fi
fi
home=$base/sluice-@HASH@

if [ ! -e "$home" ]; then
  old=$(umask)
  umask 077
  mkdir -p "$base" || fail "cannot create $base: set SLUICE_CACHE"
  new=$home.$$
  rm -rf "$new"
  mkdir "$new" || fail "cannot create $new: set SLUICE_CACHE"
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  tail -n +@LINES@ "$0" | gzip -dc | tar -xof - -C "$new" || fail "cannot unpack into $new"
  # The archive's last file: all is there. Who was first keeps the name.
  [ -f "$new/app.js" ] || fail "cannot unpack into $new"
  if [ ! -e "$home" ]; then mv "$new" "$home"; fi
  rm -rf "$new" "$home/${new##*/}"
  trap - EXIT HUP INT TERM
  umask "$old"
fi
[ -O "$home" ] && [ ! -L "$home" ] && [ -O "$home/deno" ] && [ -O "$home/app.js" ] ||
  fail "$home belongs to another user: remove it, or set SLUICE_CACHE"

export DENO_DIR="$home/cache" DENO_NO_UPDATE_CHECK=1
# shellcheck disable=SC2086 # several flags
exec "$home/deno" run --quiet --no-prompt --no-config --no-lock --no-remote --no-npm \
  --unstable-net --unstable-worker-options ${SLUICE_PERMISSIONS:---allow-all} "$home/app.js" "$@"
