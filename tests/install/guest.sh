#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a machine where the packages were installed and that systemd has started: plugs in a webcam and
# looks at what becomes of it. One line a check. Argument: where the test's own programs are.

cd "$(dirname "$0")/../.." || exit 1
export PATH=$PWD/$1:$PATH
# shellcheck source=tests/checks.sh
. tests/checks.sh
# Someone who may use cameras, and no more.
user=(setpriv --reuid 65534 --regid 65534 --groups "$(getent group video | cut -d: -f3)")
# As an application opens it.
opens() { "${user[@]}" dd if="$1" of=/dev/null count=0 status=none 2>/dev/null; }
sees_veiled() { # [NODE]: a user's application, within a minute
	local pid seen=1
	rm -f /run/viewer # of the time before
	"${user[@]}" viewer "${1:-$view}" >/run/viewer 2>&1 &
	pid=$!
	wait_for 60 grep -qs ' veiled$' /run/viewer && seen=0
	kill $pid
	wait $pid || seen=1 # it saw the code
	tail -n 1 /run/viewer
	return $seen
}
active() { systemctl is-active --quiet plateveild; }
main_pid() { systemctl show -P MainPID plateveild; }
another_than() { active && [ "$(main_pid)" != "$1" ]; }

view=/dev/v4l/by-veil/Emulated_Webcam
camera=/dev/video0

echo "# systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'), started in $(cut -d. -f1 /proc/uptime) s"
check "the service has started by itself" wait_for 20 active
check "and the module" test -d /sys/module/plateveil
systemd-analyze security plateveild 2>&1 | tail -n 1 | sed 's/^/# /'
level=$(systemd-analyze security plateveild |
	sed -n 's/.*level for plateveild.service: \([0-9]*\).*/\1/p')
check "systemd finds it well protected" test "${level:-9}" -le 3

systemctl stop plateveild
modprobe -r plateveil
mkdir -p /run/modprobe.d
echo "install plateveil /bin/false" >/run/modprobe.d/none.conf
check "where there is no module the service does not mind" systemctl start plateveild
check "nor runs, or tries again" refused sh -c 'sleep 7; [ "$(systemctl show -P NRestarts -P ActiveState plateveild | paste -s)" != "0	inactive" ]'
rm /run/modprobe.d/none.conf
modprobe plateveil
check "and starts once it is loaded" wait_for 20 active

# Plugged in, and no other step.
pattern /run/pictures
modprobe vhci-hcd
webcam --fps 5 /run/pictures >/run/webcam.log 2>&1 &
check "a camera that is plugged in is veiled" wait_for 40 test -e $view
check "a user's application sees it" sees_veiled
check "a user cannot open the camera itself" refused opens $camera
check "nor is it for whoever sits at the machine" refused sh -c "udevadm info $camera | grep -q CURRENT_TAGS.*:uaccess:"
check "but the view is" sh -c "udevadm info $view | grep -q CURRENT_TAGS.*:uaccess:"
veiler=$(pgrep -x plateveil-veil)
check "its frames are seen by a user of its own alone" \
	test "$(stat -c %U "/proc/$veiler")" = plateveil-veiler -o \
	"$(awk '/^Uid/ { print $2 }' "/proc/$veiler/status")" = "$(id -u plateveil-veiler)"
plateveil status

before=$(main_pid)
plateveil gate --deny
kill -9 "$before"
check "the supervisor killed with the gate shut: root gets nothing" refused sh -c "exec 9<>$camera"
check "another follows" wait_for 20 another_than "$before"
check "and the user sees it again" sees_veiled
before=$(main_pid)
kill -STOP "$before"
check "the supervisor hung: the watchdog brings another" wait_for 60 another_than "$before"

check "the gate is as it was" refused sh -c "exec 9<>$camera"
plateveil gate --divert
check "diverted, the camera's own node is for users" wait_for 20 opens $camera
check "who see the view there" sees_veiled $camera
plateveil gate --off
check "without the gate it is not" refused opens $camera
check "nor when udev has looked again" sh -c "udevadm settle; [ \$(stat -c %a $camera) = 600 ]"
plateveil rules set --camera "Emulated Webcam" automatic no
plateveil down
check "a camera that the rules leave alone is its users'" wait_for 20 opens $camera
plateveil rules unset --camera "Emulated Webcam" automatic
check "and is not once they do not" wait_for 20 refused opens $camera

before=$(main_pid)
mkdir -p /run/udev/rules.d
echo 'DEVPATH=="/devices/virtual/video4linux/*", PROGRAM="/bin/sleep 1"' >/run/udev/rules.d/50-slow.rules
udevadm control --reload
plateveil up "$camera"
check "up is done once udev is, however slow" opens $view
rm /run/udev/rules.d/50-slow.rules
udevadm control --reload
check "up veils it again, and a user sees it" sees_veiled
viewer $view >/run/throughout 2>&1 &
throughout=$!
check "and goes on looking" wait_for 60 grep -q ' veiled$' /run/throughout
dpkg -i "$1"/deb/plateveil_*.deb >/run/dpkg.log 2>&1 || cat /run/dpkg.log
check "installed again: the service is another" wait_for 20 another_than "$before"
check "and the camera is veiled" sees_veiled
before=$(wc -l </run/throughout)
check "and who looked goes on" wait_for 60 sh -c "tail -n +$before /run/throughout | grep -q ' veiled$'"
kill $throughout
check "and never saw the code" wait $throughout
tail -n 3 /run/throughout

plateveil gate --deny
plateveil gate "$camera" --divert
dpkg --purge plateveil 2>&1 | sed -u 's/^/# /'
check "purged, but for the module: no service" refused active
check "no gates" wait_for 10 opens $camera
dpkg --purge plateveil-dkms 2>&1 | sed -u 's/^/# /'
check "then no module" test ! -e /sys/module/plateveil
check "no view" test ! -e /dev/v4l/by-veil
check "no user" refused getent passwd plateveil-veiler
check "nothing in /run" test ! -e /run/plateveil
check "and the camera is the users' again" wait_for 10 opens $camera
journalctl -q --no-pager -o cat -u plateveild | tail -n 20 | sed 's/^/# log: /'
exit $failed
