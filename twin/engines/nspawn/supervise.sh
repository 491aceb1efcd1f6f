#!/bin/sh
# Runs one machine until it is powered off: own control groups, systemd-nspawn, again after each reboot.
# With RESCUE_ROOT its first boot is into the rescue system there, which sees the machine's own disk at /mnt.
# Arguments: CGROUP NETWORK-NAMESPACE, then those of systemd-nspawn. Ends with nspawn's exit code.
set -u
group=$1
namespace=$2
shift 2
hierarchies=/sys/fs/cgroup
[ -e $hierarchies/cgroup.controllers ] || hierarchies='/sys/fs/cgroup/*'

# Version 1 starts a cpuset without any CPU, so the parent's are copied down.
make_group() {
  mkdir -p "$1/$2"
  for setting in cpuset.cpus cpuset.mems; do
    if [ -e "$1/$2/$setting" ] && [ -z "$(cat "$1/$2/$setting")" ]; then cat "$1/$setting" >"$1/$2/$setting"; fi
  done
  if [ -e "$1/$2/cgroup.clone_children" ]; then echo 1 >"$1/$2/cgroup.clone_children"; fi
}

for root in $hierarchies; do
  if [ -L "$root" ] || [ ! -e "$root/cgroup.procs" ]; then continue; fi
  make_group "$root" "${group%/*}"
  make_group "$root/${group%/*}" "${group##*/}"
  echo $$ >"$root/$group/cgroup.procs"
done

# What the guest left behind must not meet its next boot.
tidy() {
  for root in $hierarchies; do
    if [ -d "$root/$group" ]; then find "$root/$group" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null; fi
  done
  ip -n "$namespace" -o link show | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | while read -r link; do
    case $link in
      lo) ;;
      eth0 | enp*) ip -n "$namespace" address flush dev "$link" ;;
      *) ip -n "$namespace" link delete "$link" 2>/dev/null ;;
    esac
  done
  ip netns exec "$namespace" nft flush ruleset
}

while :; do
  if [ -n "${RESCUE_ROOT-}" ]; then
    systemd-nspawn "$@" "--directory=$RESCUE_ROOT" "--bind=$DISK_ROOT:/mnt" --hostname=rescue </dev/null
  else
    systemd-nspawn "$@" </dev/null
  fi
  code=$?
  RESCUE_ROOT=
  # 133 is how nspawn says that its guest asked for a reboot.
  [ "$code" -eq 133 ] || exit "$code"
  tidy
done
