# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests of the gate, for tests/vm/guest.sh.
# shellcheck disable=SC2154,SC2034 # what guest.sh sets and uses

shows_raw() {
	timeout 20 viewer -n 5 -t 10 "$camera" >/run/raw 2>&1
	grep -q 'LEAK=[1-9]' /run/raw
}
raw() { # SECONDS: does the camera's own node show the raw picture, once who had it has closed it?
	wait_for "$1" shows_raw # each try of which takes its time
}
denied() { # COMMAND...: it fails for want of permission
	says "Permission denied" "$@"
}
look_raw() { ffmpeg -v error -y -f v4l2 -video_size 640x480 -i "$1" -frames:v 1 -f null -; }
interface() { # the USB interface that uvcvideo drives
	basename "$(realpath /sys/class/video4linux/video0/device)"
}

gate_deny() {
	check "without a gate the raw picture is there for everyone" raw 5
	check "a gate on all cameras" plateveil gate --deny
	check "ffmpeg is refused" denied look_raw "$camera"
	check "root's shell is refused" says "Permission denied" sh -c "exec 9<>$camera"
	check "so is the metadata node" says "Permission denied" sh -c "exec 9<>/dev/video1"
	check "devices lists the camera all the same" sh -c "plateveil devices | grep -q '^$camera *camera'"
	check "status tells of the gate" sh -c "plateveil status | grep -q '^gate *all cameras: deny, on 2 nodes'"
	watch denied
	check "the view is live" wait_for 60 saw_last denied veiled
	kill -9 "$(pgrep -x plateveild)"
	check "plateveild killed: the card" wait_for 15 saw_last denied card
	check "the gate stands" denied look_raw "$camera"
	check "plateveild goes on where it was" veil_up
	check "live again" wait_for 60 saw_last denied veiled
	unplug
	check "unplugged: the card" wait_for 15 saw_last denied card
	plug
	check "plugged in again: refused from the beginning" denied look_raw "$camera"
	check "and live" wait_for 60 saw_last denied veiled
	local name
	name=$(interface)
	echo "$name" >/sys/bus/usb/drivers/uvcvideo/unbind
	echo "$name" >/sys/bus/usb/drivers/uvcvideo/bind
	check "driver bound anew: refused" sh -c "! [ -e $camera ] || ! (exec 9<>$camera) 2>/dev/null"
	unplug # 6.1's uvcvideo does not get its streaming interface back while a file is open
	plug
	check "and refused when it is plugged in again" denied look_raw "$camera"
	check "live once more" wait_for 60 saw_last denied veiled
	end_watch denied "denied"
	check "the gate goes" plateveil gate --off
	check "there is no second one to take away" says "no gate of that kind" plateveil gate --off
}

gate_busy() {
	local stream
	wait_for 15 light 0
	v4l2-ctl -d "$camera" --stream-mmap --stream-to=/dev/null >/dev/null 2>&1 &
	stream=$!
	check "another application streams" wait_for 15 light 1
	check "a gate is refused, with the reason" says "has $camera open" plateveil gate "$camera" --deny
	check "--stop sets it up" plateveil gate "$camera" --deny --stop
	check "the stream ends" wait_for 15 light 0
	sleep 2
	kill $stream 2>/dev/null
	wait $stream 2>/dev/null
	wait_for 20 sh -c 'ls /dev/video* | grep -q .'
	check "and its camera has the gate" sh -c \
		'plateveil doors | grep -c "^shut .*Emulated.*are refused" | grep -qx 2'
	# Its number may be another one, as after any unplugging with a file open.
	unplug
	plug
	check "plugged in again, too" denied look_raw "$camera"
	check "the gate goes" plateveil gate "$camera" --off
	check "and the raw picture is back" raw 5
}

gate_divert() {
	check "the camera's node is diverted" plateveil gate --divert
	viewer -w -n 60 -t 90 "$camera" >/run/diverted 2>&1
	check "the old node shows the veiled picture" grep -qE 'veiled=[1-9]' /run/diverted
	check "and the code not once" grep -q 'LEAK=0' /run/diverted
	tail -n 1 /run/diverted
	check "ffmpeg records the old node as any webcam" ffmpeg -v error -y -f v4l2 \
		-video_size 640x480 -i "$camera" -frames:v 5 -pix_fmt yuyv422 -f rawvideo /run/ffmpeg.raw
	check "five frames of it" test "$(stat -c %s /run/ffmpeg.raw)" = $((640 * 480 * 2 * 5))
	check "with no code in them" viewer -f /run/ffmpeg.raw
	rm -f /run/ffmpeg.raw
	if command -v gst-launch-1.0 >/dev/null; then
		check "GStreamer does, too" timeout 120 gst-launch-1.0 -q v4l2src device="$camera" \
			num-buffers=5 ! video/x-raw,format=YUY2,width=640,height=480 ! \
			filesink location=/run/gst.raw
		check "with no code in them" viewer -f /run/gst.raw
		rm -f /run/gst.raw
	else
		echo "skipped - GStreamer: not here"
	fi
	check "the metadata node is refused" says "Permission denied" sh -c "exec 9<>/dev/video1"
	complaints "$view" view-uvc
	# It is the view's by all that it says, and the camera's by where it is.
	except="media bus_info" check \
		"v4l2-compliance fails nothing on the diverted node that it does not on the view" \
		no_worse "$camera" diverted-uvc view-uvc
	veil open "$camera" 600 &
	wait_for 20 has_video $!
	check "uvcvideo stays while a diverted file is open" refused rmmod uvcvideo
	check "and plateveil" refused rmmod plateveil
	kill %%
	wait %% 2>/dev/null
	watch_node diverted
	check "live on the old node" wait_for 60 saw_last diverted veiled
	unplug
	check "unplugged: the card" wait_for 15 saw_last diverted card
	plug
	check "plugged in again under its number: live" wait_for 60 saw_last diverted veiled
	end_watch diverted "diverted"
	check "the gate goes" plateveil gate --off
	check "and the raw picture is back" raw 5
}
watch_node() { # NAME: as watch, on the camera's own node
	viewer "$camera" >"/run/$1" 2>&1 &
	viewer_pid=$!
}

gate_doors() {
	plateveil gate --deny
	chmod 666 /dev/bus/usb/*/* 2>/dev/null
	plateveil doors >/run/doors
	check "doors tells of a USB device that others may write to" grep -q '^open  /dev/bus/usb' /run/doors
	chmod 600 /dev/bus/usb/*/*
	if modprobe usbmon; then
		chmod 644 /dev/usbmon*
		check "and of one who may listen on the bus" sh -c "plateveil doors | grep -q '^open  /dev/usbmon'"
		chmod 600 /dev/usbmon*
	fi
	check "and of none when it is shut" plateveil doors
	plateveil gate --off
	check "without a gate it is open" says "has no gate" plateveil doors
	plateveil gate --deny >/dev/null
	local media
	for media in /dev/media*; do
		[ -e "$media" ] || continue
		check "$media has no picture" refused v4l2-ctl -d "$media" --stream-mmap --stream-count=1
	done
	plateveil gate --off >/dev/null
}

# A node that no gate can stand on is refused one and told of; there is no guessing.
gate_odd() {
	local odd
	odd=$(dirname "$module")/../odd-$(uname -r)/odd.ko
	insmod "$odd" || failed=1
	check "no gate stands on a node of another kind" says "not as plateveil knows" plateveil gate --deny
	check "nor then on any" refused sh -c "plateveil status | grep -q '^gate'"
	rmmod odd
	check "without it, on all" plateveil gate --deny
	insmod "$odd" || failed=1
	check "doors tells of the one without" sh -c "plateveil doors | grep '/dev/video60'"
	check "beside it a camera's own gate comes" plateveil gate "$camera" --divert
	check "and shows" sh -c "plateveil status | grep -q divert"
	check "goes" plateveil gate "$camera" --off
	check "and that of all turns" plateveil gate --divert
	rmmod odd
	plateveil gate --off >/dev/null
}

# Gates of places, too, that have no camera now.
gate_every() {
	plateveil gate --deny >/dev/null
	plateveil gate "$camera" --divert >/dev/null
	unplug
	check "every gate goes at once" sh -c "plateveil gate --off --every | grep -q '^Every gate is gone'"
	check "there is none then" refused sh -c "plateveil status | grep -q '^gate'"
	check "nor anything a second time" sh -c "plateveil gate --off --every | grep -q '^There was no gate'"
	plug
	check "and a camera that is plugged in there is open" raw 5
	check "one camera and every gate are two wishes" says "^usage" plateveil gate "$camera" --off --every
}

test_gate() {
	veiled_camera
	gate_deny
	gate_busy
	gate_divert
	gate_doors
	gate_odd
	gate_every
}

# Strangers open all nodes as fast as they can, while the camera is plugged in anew, and vivid bound.
test_storm() {
	local i storm
	plateveil down >/dev/null 2>&1
	wait_for 10 refused pgrep -x plateveild
	[ -z "${webcam_pid:-}" ] || unplug
	modprobe -a vhci-hcd uvcvideo
	[ -e /dev/plateveil ] || insmod "$module"
	plateveil gate --deny >/dev/null
	storm -n "$tries" 6 >/run/storm 2>&1 &
	storm=$!
	for i in $(seq "$replugs"); do
		plug
		sleep 0.$((i % 10))
		unplug
	done
	kill $storm
	plug
	check "uvcvideo, plugged in $replugs times: no stranger opened it" wait $storm
	cat /run/storm
	unplug
	modprobe vivid n_devs=1 node_types=0x20001 # video and metadata capture: gates are on no others
	storm -n "$tries" 6 >/run/storm 2>&1 &
	storm=$!
	for i in $(seq "$replugs"); do
		echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
		sleep 0.$((i % 10))
		echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
	done
	kill $storm
	check "vivid, bound $replugs times: no stranger opened it" wait $storm
	cat /run/storm
	rmmod vivid
	plateveil gate --off >/dev/null
	webcam_pid=
}

# The last of all: it cannot be undone.
test_lock() {
	modprobe vivid n_devs=1
	module-tests lock || failed=1
	check "the command, again" sh -c 'plateveil lock | grep -q "^Locked until"'
	check "plateveil says so" says "locked" plateveil gate --off
	check "also of veils" says "locked" plateveil down
	check "status tells" sh -c 'plateveil status | grep -q ^lock'
}
