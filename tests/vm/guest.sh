#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests that need a kernel of their own; runs in the guest. One line a check:
# "ok - what" or "not ok - what". Arguments: -b DIR, where all was built (build); -f SECONDS of
# fuzzing (20); -n N, tries of strangers in the storm (20000); -r N, so many times a camera is
# plugged in anew meanwhile (6); names of the tests to run (all).

cd "$(dirname "$0")/../.." || exit 1
build=build
fuzz=20
[ "${1:-}" != -b ] || { build=$2 && shift 2; }
[ "${1:-}" != -f ] || { fuzz=$2 && shift 2; }
tries=20000
replugs=6
[ "${1:-}" != -n ] || { tries=$2 && shift 2; }
[ "${1:-}" != -r ] || { replugs=$2 && shift 2; }
export PATH=$PWD/$build:$PATH
module=$build/kmod-$(uname -r)/plateveil.ko
state=/run/webcam.state
pictures=/run/pictures
# shellcheck source=tests/checks.sh
. tests/checks.sh
says() { # TEXT COMMAND...: it fails and says so
	local text=$1
	shift
	! "$@" >/run/says 2>&1 && grep -q -- "$text" /run/says
}

# --- the camera --------------------------------------------------------------

camera=/dev/video0
plug() { # [WEBCAM OPTIONS]
	webcam --fps 5 --state "$state" "$@" "$pictures" >/run/webcam.log 2>&1 &
	webcam_pid=$!
	wait_for 15 test -e "$camera"
}
is_plugged() { grep -qsx 1209 /sys/bus/usb/devices/*/idVendor; }
# The kernel takes its time, too: plug() waits for a node, which is not to be the old one.
unplug() {
	kill "$webcam_pid"
	wait "$webcam_pid" 2>/dev/null
	wait_for 15 refused is_plugged
}
another_camera() { # [WEBCAM OPTIONS]: in the place of the one before, veiled anew
	plateveil down >/dev/null 2>&1
	unplug
	wait_for 15 refused test -e "$camera"
	plug "$@"
	veil_up
}
light() { grep -q "^streaming $1" "$state"; }

# --- the veil ----------------------------------------------------------------

view=
# The emulated processor is slow: a small search, and time for it. The zone lies
# over the code that the webcam shows (tests/vm/pattern.h).
write_rules() {
	mkdir -p /etc/plateveil
	cat >/etc/plateveil/plateveil.conf <<-END
	[veil]
	search = 320
	deadline = 20000
	lease = 3000
	[zone "code"]
	rectangle = 40 40 25 20
	END
}
veil_up() {
	[ -n "${webcam_pid:-}" ] || plug
	plateveil up "$camera" >/run/up.log 2>&1 || { cat /run/up.log; return 1; }
	view=$(sed -n 's/.* is veiled as //p' /run/up.log)
}
veiler() { pgrep -x plateveil-veil; }
has_video() { readlink "/proc/$1/fd/"* 2>/dev/null | grep -q video; } # PROCESS: a camera's or view's node open
watch() { # NAME [VIEWER OPTIONS]: a viewer in the background
	local name=$1
	shift
	viewer "$@" "$view" >"/run/$name" 2>&1 &
	viewer_pid=$!
}
view_for() { # NAME [VIEWER OPTIONS]: a viewer until it ends
	local name=$1
	shift
	viewer "$@" "${view}" >"/run/$name" 2>&1
}
saw_last() { # NAME KIND: what it sees at the moment
	[ "$(grep -oE '^[0-9.]+ [a-zA-Z]+' "/run/$1" | tail -n 1 | cut -d' ' -f2)" = "$2" ]
}
end_watch() { # NAME WHAT: the verdict on a whole watch
	kill "$viewer_pid" 2>/dev/null
	wait "$viewer_pid" 2>/dev/null
	check "$2: nor in a fresh buffer anything" test $? != 3
	check "$2: something was seen" grep -qE '^[0-9.]+ [a-zA-Z]' "/run/$1"
	check "$2: the code was never seen" refused grep -q LEAK$ "/run/$1"
}

load() {
	# shellcheck disable=SC2046 # words
	modprobe -a $(modinfo -F depends "$module" | tr , ' ') vhci-hcd uvcvideo
	insmod "$module"
}

# --- tests -------------------------------------------------------------------

test_module() {
	check "without the module, a clear error" says "modprobe plateveil" plateveil up
	check "the module loads" load
	check "hostile requests are refused" veil abuse
	check "status without a veil" plateveil status
	check "an ordinary user cannot veil" says "needs root" \
		setpriv --reuid 65534 --clear-groups plateveil up
	check "an ordinary user can ask" setpriv --reuid 65534 --clear-groups plateveil status
	chmod 666 /dev/plateveil
	check "the module itself asks for privilege" refused \
		setpriv --reuid 65534 --clear-groups veil create hostile
}

test_no_helper() {
	local id feed
	read -r id view feed < <(veil create orphan)
	check "a view streams before any helper" view_for orphan -n 20
	check "and shows the card alone" grep -q 'card=20 veiled=0 whole=0 LEAK=0' /run/orphan
	chmod 666 "$feed"
	check "an ordinary user cannot open the feed" refused \
		setpriv --reuid 65534 --clear-groups veil open "$feed" 0
	veil open "$view" 600 &
	wait_for 20 has_video $!
	check "the module stays while an app is open" refused rmmod plateveil
	check "a veil can go while an app is open" veil remove "$id"
	kill %veil 2>/dev/null
	wait
	check "then the module unloads" rmmod plateveil
	check "and loads again" insmod "$module"
}

test_errors() {
	check "no camera: a clear error" says "no camera found" plateveil up
	plug
	check "not a camera: a clear error" says "not a camera" plateveil up /dev/video1
	check "no such device: a clear error" says "does not exist" plateveil up /dev/video9
	v4l2-ctl -d "$camera" --stream-mmap --stream-to=/dev/null >/dev/null 2>&1 &
	local busy=$!
	wait_for 10 light 1
	check "busy camera: a clear error" says "busy" plateveil up "$camera"
	kill $busy
	wait $busy 2>/dev/null
	wait_for 10 light 0
	check "unknown rule: a clear error" says "no rule is called" plateveil rules set glow 3
	check "bad value: a clear error" says "whole number" plateveil rules set margin lots
}

test_veiled() {
	check "the camera is veiled" veil_up
	check "nobody watches: the camera is closed" light 0
	check "an app streams" view_for first -w -n 60 -t 90
	check "veiled ones among them" grep -qE 'veiled=[1-9]' /run/first
	check "not one with the code" grep -q 'LEAK=0' /run/first
	tail -n 1 /run/first
	check "an app streams JPEG" view_for jpeg -j -w -n 60 -t 90
	check "whole JPEGs, veiled ones among them" grep -qE 'veiled=[1-9]' /run/jpeg
	check "not one with the code there" grep -q 'LEAK=0' /run/jpeg
	tail -n 1 /run/jpeg
	check "the camera closes after the last viewer" wait_for 10 light 0
	check "status tells" sh -c 'plateveil status | grep -q "Emulated Webcam (veiled)"'
	plateveil status
}

view_says() { # CONTROL VALUE
	[ "$(v4l2-ctl -d "$view" -C "$1")" = "$1: $2" ]
}
camera_says() { grep -qx "$1 $2" "$state"; }

test_controls() {
	check "the view has the camera's controls" view_says brightness 128
	v4l2-ctl -d "$view" -c brightness=200
	check "one set on the view goes to the camera" wait_for 15 camera_says brightness 200
	check "which needs no light" light 0
	watch controls -e
	wait_for 40 saw_last controls veiled
	v4l2-ctl -d "$view" -c contrast=77
	check "while it streams, too" wait_for 15 camera_says contrast 77
	v4l2-ctl -d "$camera" -c brightness=33
	check "one set on the camera shows on the view" wait_for 15 view_says brightness 33
	check "and the other stays" view_says contrast 77
	local hammers=() id began
	for id in 0x980900 0x980901; do # brightness and contrast
		veil hammer "$view" $id &
		hammers+=($!)
	done
	sleep 3
	began=$(cut -d' ' -f1 /proc/uptime)
	check "who sets controls without end keeps no veiler from veiling" \
		wait_for 30 saw_since controls veiled "$began"
	sleep 10
	began=$(cut -d' ' -f1 /proc/uptime)
	check "nor does it then" wait_for 30 saw_since controls veiled "$began"
	check "nor hangs one" refused grep -q "hangs; ending it" /run/plateveil/log
	kill "${hammers[@]}"
	wait "${hammers[@]}" 2>/dev/null
	end_watch controls "controls"
}

test_killed() {
	watch killed
	check "live again" wait_for 30 saw_last killed veiled
	check "the camera is on" light 1
	local killed
	killed=$(cut -d' ' -f1 /proc/uptime)
	kill -9 "$(veiler)"
	check "helper killed with -9: the card" wait_for 10 saw_since killed card "$killed"
	check "and it comes back by itself" wait_for 40 saw_last killed veiled
	local pid
	pid=$(veiler)
	kill -STOP "$pid"
	check "helper stopped: the card" wait_for 15 saw_last killed card
	local lines
	lines=$(wc -l </run/killed)
	sleep 3
	check "and nothing else while it is stopped" test "$(wc -l </run/killed)" = "$lines"
	kill -CONT "$pid"
	check "continued: live again" wait_for 40 saw_last killed veiled
	kill -STOP "$(veiler)"
	kill -9 "$(pgrep -x plateveild)"
	check "plateveild killed with -9: the card" wait_for 15 saw_last killed card
	check "no helper outlives it, nor a stopped one" wait_for 5 refused veiler
	check "up again takes the same veil" veil_up
	check "and the app that stayed sees it live" wait_for 40 saw_last killed veiled
	end_watch killed "killed and stopped"
}

# The picture's red is the same down a column, its green is not (tests/vm/pattern.c): where the camera's matrix is taken
# for BT.601's, some of the one is taken for the other. At green's edges JPEG errs: a tenth of the rows may.
in_true_colours() {
	v4l2-ctl -d "$view" --stream-mmap --stream-skip=3 --stream-count=1 --stream-to=/run/colours >/dev/null 2>&1
	od -An -v -tu1 -w4 /run/colours |
		awk 'NR % 320 == 301 { print int(1.164 * ($1 - 16) + 1.596 * ($4 - 128) + 0.5) }' | sort -n |
		awk '{ red[NR] = $1 }
		END { print "red from", red[24], "to", red[456] >"/dev/stderr"; exit !(NR == 480 && red[456] - red[24] < 7) }'
}

# A camera whose one format libv4l2 has ideas of its own about, and whose colours are BT.709's.
test_nv12() {
	check "a camera that gives NV12 alone is veiled" another_camera --nv12
	watch nv12
	check "and seen" wait_for 40 saw_last nv12 veiled
	check "in its colours" in_true_colours
	end_watch nv12 "NV12"
	check "nobody broke the sandbox" refused grep -q "broke its sandbox" /run/plateveil/log
	check "and the one before, again" another_camera
}

# A camera on a bad cable: what comes damaged is left out, and the rest is as of any other.
test_damaged() {
	check "a camera whose frames come damaged is veiled" another_camera --faulty
	local option
	for option in -w -j; do # raw, and JPEG
		view_for damaged $option -w -n 40 -t 90
		check "it is seen ($option)" grep -qE 'veiled=[1-9]' /run/damaged
		check "without a leak ($option)" grep -q 'LEAK=0' /run/damaged
	done
	watch damaged
	check "status counts what was left out" wait_for 40 sh -c 'plateveil status --json | grep -q "\"dropped_frames\":.*[1-9]"'
	check "and names it" wait_for 20 sh -c 'plateveil status | grep -q "pictures are refused"'
	check "while it is seen" wait_for 20 saw_last damaged veiled
	end_watch damaged "damaged"
	check "and the one before, again" another_camera
}

# Of the large plate of a picture of a street nothing is left but a surface, which is no card's.
letterless() { # FILE
	ffmpeg -v error -i "$1" -vf crop=60:28:521:362 -pix_fmt gray -f rawvideo - | od -An -v -tu1 -w1 |
		awk 'NR == 1 { a = b = $1 } $1 < a { a = $1 } $1 > b { b = $1 } END { exit !(a > 60 && b - a < 70) }'
}
# Where no zone is, what is found is veiled.
test_found() {
	local pictures=/run/street # of plug
	mkdir -p $pictures
	ffmpeg -v error -y -i scripts/demo/before-after.jpg -vf crop=600:450:200:0,scale=640:480 -q:v 2 \
		-pix_fmt yuvj420p $pictures/0.jpg
	plateveil rules set search 640 >/dev/null
	plateveil rules set lease 10000 >/dev/null # no cards between pictures
	check "a street" another_camera
	check "has a plate" refused letterless $pictures/0.jpg
	watch warm # a snapshot waits ten seconds
	wait_for 60 saw_last warm veiled
	check "one takes a picture" plateveil snapshot /out/street.jpg
	check "where it is veiled" letterless /out/street.jpg
	end_watch warm "a street before"
	watch found -j
	check "an app that takes JPEG sees a street" wait_for 60 saw_last found veiled
	check "status counts its plates" wait_for 40 sh -c 'plateveil status | grep -q "plates *[1-9]"'
	rm -f /out/street-mjpeg.jpg
	v4l2-ctl -d "$view" --stream-mmap --stream-skip=3 --stream-count=1 --stream-to=/out/street-mjpeg.jpg >/dev/null 2>&1
	check "where they are veiled, too" letterless /out/street-mjpeg.jpg
	end_watch found "a street"
	write_rules
	pictures=/run/pictures
	check "and the one before, again" another_camera
}

test_unplugged() {
	watch unplugged
	check "live before" wait_for 40 saw_last unplugged veiled
	unplug
	check "camera unplugged: the card" wait_for 15 saw_last unplugged card
	check "status says why" wait_for 5 sh -c 'plateveil status | grep -q "warning"'
	plug
	check "plugged in again: live again" wait_for 60 saw_last unplugged veiled
	kill -USR1 "$webcam_pid"
	check "camera hangs: the card" wait_for 15 saw_last unplugged card
	kill -USR2 "$webcam_pid"
	check "and goes on" wait_for 40 saw_last unplugged veiled
	end_watch unplugged "unplugged"
}

test_many() {
	local slow
	watch slow
	slow=$viewer_pid
	watch quick
	check "two apps at once" wait_for 40 saw_last quick veiled
	check "status names who watches" sh -c "plateveil status | grep -q 'viewer (process $slow)'"
	kill -STOP $slow
	check "a stopped app holds up no other" view_for third -n 20 -t 60
	check "which sees frames all the while" grep -qE '(card|veiled)=[1-9]' /run/third
	kill -CONT $slow
	end_watch quick "two apps"
	viewer_pid=$slow
	end_watch slow "the slow one"
	check "ffmpeg records the view as any webcam" ffmpeg -v error -y -f v4l2 \
		-video_size 640x480 -i "$view" -frames:v 10 -pix_fmt yuyv422 -f rawvideo /run/ffmpeg.raw
	check "ten frames of it" test "$(stat -c %s /run/ffmpeg.raw)" = $((640 * 480 * 2 * 10))
	rm /run/ffmpeg.raw
}

test_rules() {
	watch rules
	check "live" wait_for 40 saw_last rules veiled
	check "a rule changes while running" plateveil rules set style fill
	echo 'margin = -1' >>/etc/plateveil/plateveil.conf
	check "a bad file is refused with its line" says "conf:" plateveil rules check
	sed -i '$d' /etc/plateveil/plateveil.conf
	check "too short a deadline" plateveil rules set deadline 1
	check "veils frames whole" wait_for 30 saw_last rules whole
	plateveil rules set deadline 20000 >/dev/null
	check "and time enough does not" wait_for 30 saw_last rules veiled
	end_watch rules "rules changed"
}

test_sandbox() {
	watch sandbox
	wait_for 40 saw_last sandbox veiled
	local pid
	pid=$(veiler)
	local user
	user=$(id -u plateveil-veiler 2>/dev/null || echo 65534)
	check "the veiler is a user of its own" grep -q "^Uid:.$user.$user.$user" "/proc/$pid/status"
	check "without capabilities" grep -q '^CapEff:.0000000000000000' "/proc/$pid/status"
	check "can gain none" grep -q '^NoNewPrivs:.1' "/proc/$pid/status"
	check "under a system call filter" grep -q '^Seccomp:.2' "/proc/$pid/status"
	check "has no limit to raise, no process and no file to make" sh -c "
		grep -Eq '^Max processes +0 +0 ' /proc/$pid/limits && grep -Eq '^Max file size +0 +0 ' /proc/$pid/limits &&
		grep -Eq '^Max open files +64 +64 ' /proc/$pid/limits && grep -Eq '^Max core file size +0 +0 ' /proc/$pid/limits"
	# The camera, by a pass of the module's, has no name.
	check "holds nothing but feed, camera, plateveild and /dev/null" test "$(ls -l "/proc/$pid/fd" |
		sed -n 's/.* -> //p' | sed 's/socket:.*/socket/; s/video[0-9]*/video/' | sort | tr '\n' ,)" = \
		"/,/dev/null,/dev/null,/dev/null,/dev/video,socket,"
	check "sees an empty file system" sh -c "[ -z \"\$(ls -A /proc/$pid/root/)\" ]"
	check "has a network of its own" test "$(readlink "/proc/$pid/ns/net")" != \
		"$(readlink /proc/self/ns/net)"
	end_watch sandbox "sandbox"
	check "no way out of the sandbox" breakout
}

escaped() { [ "$(grep -c 'the veiler of .* ended' /run/escape.log)" -ge "$1" ]; }
# Veilers that, after ten frames, each try another way out.
test_escape() {
	plateveil down >/dev/null
	wait_for 10 refused pgrep -x plateveild
	plateveild-hostile --on-demand 2>/run/escape.log &
	local hostile=$!
	wait_for 20 test -S /run/plateveil/control
	check "a veil whose veilers mean no good" veil_up
	watch escape
	local call
	for call in openat socket execve sendmsg; do
		check "one that tries $call is ended, and the log says so" \
			wait_for 60 grep -q "broke its sandbox: $call (" /run/escape.log
	done
	check "one that keeps plateveild busy with tales is ended, too" wait_for 60 escaped 5
	check "and one that asks for its camera without end" wait_for 60 escaped 6
	check "one that does not is not" wait_for 60 saw_last escape veiled
	check "each breach is told of once" test "$(grep -c 'broke its sandbox' /run/escape.log)" = 5
	check "the app saw the card each time" test "$(grep -c ' card$' /run/escape)" -ge 6
	end_watch escape "escape"
	plateveil down >/dev/null
	wait $hostile
	check "and the honest ones are back" veil_up
}

test_down() {
	watch down
	wait_for 40 saw_last down veiled
	check "the module stays while it is used" refused rmmod plateveil
	check "down" plateveil down "$camera"
	wait "$viewer_pid"
	check "the app loses its device" test $? = 4
	check "plateveild is gone" wait_for 5 refused pgrep -x plateveild
	check "the module unloads" rmmod plateveil
	check "and loads" insmod "$module"
	check "up again after a reload" veil_up
	check "veiled after a reload" view_for reload -w -n 30 -t 90
	check "without a leak" grep -q 'veiled=[1-9].*LEAK=0' /run/reload
}

# Of the module alone, from its own test program; a line a check, as here.
test_interface() {
	modprobe vivid n_devs=1 # a camera for gates to stand on
	module-tests || failed=1
	echo "# the same as a 32-bit program"
	build/module-tests32
	case $? in
	0) ;;
	126) echo "skipped - 32-bit programs: this kernel runs none" ;;
	*) failed=1 ;;
	esac
	rmmod vivid
}

# What v4l2-compliance has against a node, with streaming; its last line is printed.
complaints() { # DEVICE NAME; but for what is like $except
	v4l2-compliance -d "$1" -s 10 2>&1 | tr '\r' '\n' >"/out/compliance-$2.txt"
	echo "# compliance $2: $(tail -n 1 "/out/compliance-$2.txt" | sed 's/.*: \([0-9]*, Succ\)/\1/')" >&2
	# A frame that was missed is counted, as it should be: that is the machine's pace, no fault.
	grep -E 'FAIL$|warn: ' "/out/compliance-$2.txt" | grep -v 'got sequence number' |
		grep -v "${except:-^$}" | sort -u >"/run/complaints-$2"
}
# Nothing may fail that the kernel's own vivid does not fail there with the same tool: three times, since it
# waits for two seconds at most, in which the emulated processor may stand still.
no_worse() { # DEVICE NAME VIVID'S
	local try
	rm -f /run/worse
	for try in 1 2 3; do
		complaints "$1" "$2"
		grep -q 'Succeeded: ' "/out/compliance-$2.txt" || { echo "v4l2-compliance came to no end"; return 1; }
		comm -23 "/run/complaints-$2" "/run/complaints-$3" >/run/more
		[ ! -e /run/worse ] || comm -12 /run/more /run/worse >/run/both
		[ ! -e /run/worse ] || mv /run/both /run/more
		mv /run/more /run/worse
		[ -s /run/worse ] || return 0
	done
	cat /run/worse
	grep 'fail: ' "/out/compliance-$2.txt"
	return 1
}
node_called() { # NAME
	grep -lx "$1" /sys/class/video4linux/*/name | sed 's|.*/\(video[0-9]*\)/name|/dev/\1|'
}

test_compliance() {
	local id feed format
	read -r id view feed < <(veil create compliance)
	modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=0 num_outputs=1 output_types=1
	wait_for 10 test -n "$(node_called vivid-000-vid-out)"
	complaints "$(node_called vivid-000-vid-cap)" vivid-capture
	complaints "$(node_called vivid-000-vid-out)" vivid-output
	for format in YUYV NV12 YU12 MJPG; do
		# That of Debian 12 dislikes how its kernel describes NV12, and so all about it.
		if [ $format = NV12 ] && v4l2-compliance --version | grep -q ' 1\.22\.'; then
			echo "skipped - v4l2-compliance in NV12: that of v4l-utils 1.22 dislikes the kernel's own"
			continue
		fi
		veil modes "$id" $format
		check "v4l2-compliance on the view in $format" no_worse "$view" "view-$format" vivid-capture
		[ $format = MJPG ] && continue # a JPEG that it does not know how to seal
		check "v4l2-compliance on the feed in $format" no_worse "$feed" "feed-$format" vivid-output
	done
	check "the module outlives v4l2-compliance" veil remove "$id"
	rmmod vivid
}

# shellcheck source=tests/vm/service.sh
. tests/vm/service.sh
# shellcheck source=tests/vm/gate.sh
. tests/vm/gate.sh

test_fuzz() {
	plateveil down >/dev/null 2>&1
	wait_for 10 refused pgrep -x plateveild
	modprobe vivid n_devs=1 node_types=0x20001 # cameras for gates to stand on
	check "the module outlives $fuzz seconds of fuzzing" fuzz-ioctl -t "$fuzz"
	check "its veils and gates go" veil clear
	check "and vivid goes as it came" rmmod vivid
	check "and unloads after them" wait_for 10 rmmod plateveil
	check "and loads again" insmod "$module"
}

# Where the kernel looks for leaks: twice, since memory in use on the way looks lost once.
test_leaks() {
	local report=/sys/kernel/debug/kmemleak
	[ -e $report ] || { echo "skipped - nothing leaks: this kernel has no kmemleak"; return; }
	check "the module can be taken out" rmmod plateveil
	echo scan >$report
	sleep 6
	echo scan >$report
	cat $report >/out/kmemleak.txt
	insmod "$module"
	check "nothing leaks" test ! -s /out/kmemleak.txt
	head -n 40 /out/kmemleak.txt
}

echo "# kernel: $(uname -r)"
echo "# compiler: $(grep -aom1 'GCC: ([^)]*) [0-9.]*' "$module" | sed -n '1s/.*) //p')"
echo "# v4l-utils: $(v4l2-compliance --version 2>/dev/null | sed -n 's/^v4l2-compliance \([0-9.]*\).*/\1/p')"
pattern "$pictures" || exit 1
# Else "never seen" would say nothing.
ffmpeg -v error -y -i "$pictures/000.jpg" -pix_fmt yuyv422 -f rawvideo /run/code.raw
viewer -f /run/code.raw >/dev/null
check "who shows the code is found out" test $? = 3
# Of a user's own virtual machine the host's secrets are not even root's to read, and without them no group is made.
(: </etc/gshadow) 2>/dev/null || { rm -f /etc/shadow /etc/gshadow && pwconv && grpconv; }
systemd-sysusers "$PWD/scripts/install/sysusers.conf" 2>/dev/null || echo "# no systemd-sysusers: veilers are nobody"
write_rules
getent group plateveil >/dev/null || groupadd -r plateveil
[ $# -gt 0 ] || set -- module interface compliance no_helper errors veiled found nv12 damaged controls killed unplugged many \
	rules control service documented sandbox escape down gate storm fuzz leaks lock
for name; do
	echo "# $name"
	declare -F "test_$name" >/dev/null || { not_ok "there is no test called $name"; continue; }
	[ "$name" = module ] || [ -d /sys/module/plateveil ] || load
	"test_$name"
done
[ -s /run/plateveil/log ] && sed 's/^/# log: /' /run/plateveil/log | tail -n 20
exit $failed
