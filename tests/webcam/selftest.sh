#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tries the emulated webcam against this kernel's uvcvideo, as root in the guest:
#   scripts/vm/run tests/webcam/selftest.sh WEBCAM
# WEBCAM is the built program. Needs v4l2-ctl and ffmpeg.
set -u
webcam=${1:?usage: selftest.sh WEBCAM}
dir=$(mktemp -d)
failures=0
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

ok() { # WHAT, of the last command's status
	local status=$?
	if [ $status -eq 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failures=$((failures + 1))
	fi
	return $status
}

sleep_until() { # SECONDS COMMAND...: whether COMMAND succeeds in time
	local end=$((SECONDS + $1))
	shift
	until "$@" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

state() { # NAME KEY: its value in the camera's state file
	sed -n "s/^$2 //p" "$dir/$1.state"
}

state_is() { [ "$(state "$1" "$2")" = "$3" ]; }

find_node() { # NAME: sets node to the capture node of the camera so called
	local sys
	for sys in /sys/class/video4linux/video*; do
		[ "$(cat "$sys/name" 2>/dev/null)" = "$1: $1" ] ||
			[ "$(cat "$sys/name" 2>/dev/null)" = "$1" ] || continue
		[ "$(cat "$sys/index" 2>/dev/null)" = 0 ] || continue
		node=/dev/${sys##*/}
		[ -c "$node" ] && return 0
	done
	return 1
}

no_node() { ! find_node "$1"; }

plug() { # NAME OPTION... SOURCE...: sets node and pid
	local name=$1
	shift
	"$webcam" --name "$name" --state "$dir/$name.state" "$@" >"$dir/$name.out" 2>"$dir/$name.err" &
	pid=$!
	pids+=("$pid")
	sleep_until 20 find_node "$name"
}

unplug() { # PID NAME
	kill "$1" && wait "$1"
	sleep_until 10 no_node "$2"
}

# What v4l2-ctl calls a stream of COUNT frames; the frames to $dir/frames, the rest
# of what it has to say to $dir/log.
stream() { # FORMAT WIDTH HEIGHT FPS COUNT
	timeout 60 v4l2-ctl -d "$node" --set-fmt-video="pixelformat=$1,width=$2,height=$3" \
		--set-parm="$4" --verbose --stream-mmap=8 --stream-count="$5" \
		--stream-to="$dir/frames" >"$dir/log" 2>&1
}

rate() { # Frames a second by the buffers' timestamps, lost frames counted in.
	awk '/dqbuf:/ { for (i = 1; i < NF; i++) { if ($i == "seq:") s = $(i + 1); if ($i == "ts:") t = $(i + 1) }
		if (!n++) { s0 = s; t0 = t } }
		END { printf "%.1f\n", (n > 1 && t > t0) ? (s - s0) / (t - t0) : 0 }' "$dir/log"
}

lost() { awk '/dqbuf:/ { for (i = 1; i < NF; i++) if ($i == "seq:") s = $(i + 1); n++ } END { print s + 1 - n }' "$dir/log"; }

# Whether $dir/frames is made of SOURCE's frames, whole and in their order; a slow
# reader may have missed some.
same_frames() { # SOURCE
	local files=("$1"/*.jpg) sizes=() at=0 next=0 total tries n=0 i
	for i in "${files[@]}"; do sizes+=("$(stat -c %s "$i")"); done
	total=$(stat -c %s "$dir/frames")
	while [ "$at" -lt "$total" ]; do
		for ((tries = 0; tries < ${#files[@]}; tries++)); do
			i=$(((next + tries) % ${#files[@]}))
			cmp -s -n "${sizes[i]}" -i "$at:0" "$dir/frames" "${files[i]}" && break
		done
		[ $tries -lt ${#files[@]} ] || {
			echo "# byte $at, frame $n is none of the source's"
			return 1
		}
		at=$((at + sizes[i])) next=$((i + 1)) n=$((n + 1))
	done
	[ $n -gt 0 ]
}

say_why() { sed 's/^/# /' "$@" | tail -n 5; }

for size in 640x480 1280x720 1920x1080; do
	mkdir "$dir/$size"
	ffmpeg -v error -f lavfi -i "testsrc2=size=$size:rate=30" -frames:v 8 -q:v 5 \
		"$dir/$size/%02d.jpg" </dev/null || exit 1
done
cat "$dir"/640x480/*.jpg >"$dir/clip.mjpg"
mkdir "$dir/none" "$dir/bad"
head -c 5000 "$dir/640x480/01.jpg" >"$dir/bad/cut.jpg"

modprobe uvcvideo
if [ ! -e /sys/module/vhci_hcd ]; then
	"$webcam" "$dir/640x480" 2>&1 | grep -q "modprobe vhci-hcd"
	ok "says that vhci-hcd is not loaded"
fi
modprobe vhci-hcd
ok "vhci-hcd can be loaded" || exit 1
"$webcam" "$dir/none" 2>&1 | grep -q "has no frames"
ok "says that a directory has no frames"
"$webcam" "$dir/bad" 2>&1 | grep -q "bad/cut.jpg"
ok "names the JPEG that is cut off"

plug one "$dir/640x480" "$dir/1280x720" "$dir/1920x1080"
ok "a camera appears" || { say_why "$dir/one.err"; dmesg | tail -n 20; exit 1; }
grep -q attached "$dir/one.out"
ok "says attached"
"$webcam" --port 0 "$dir/clip.mjpg" 2>&1 | grep -q "port 0 is busy"
ok "says that the port is busy"

v4l2-ctl -d "$node" --list-formats-ext >"$dir/formats"
for want in MJPG YUYV 640x480 1280x720 1920x1080 '30.000 fps' '15.000 fps' '0.250 fps'; do
	grep -q "$want" "$dir/formats"
	ok "offers $want"
done
for size in 640x480 1280x720 1920x1080; do
	stream MJPG "${size%x*}" "${size#*x}" 30 60 && same_frames "$dir/$size"
	ok "MJPEG $size: the source's frames, $(rate) a second, $(lost) lost by the reader" ||
		say_why "$dir/log" "$dir/one.err"
	cmp -s -n "$(stat -c %s "$dir/$size/01.jpg")" "$dir/frames" "$dir/$size/01.jpg"
	ok "MJPEG $size begins with the first frame"
	awk -v r="$(rate)" 'BEGIN { exit !(r > 25 && r < 31) }'
	ok "MJPEG $size comes at 30 a second"
done
stream YUYV 640 480 30 20 && [ "$(stat -c %s "$dir/frames")" = $((20 * 640 * 480 * 2)) ]
ok "YUYV 640x480: whole frames, $(rate) a second" || say_why "$dir/log"
stream MJPG 640 480 5 10
awk -v r="$(rate)" 'BEGIN { exit !(r > 4.8 && r < 5.2) }'
ok "5 a second when asked for: $(rate)"

v4l2-ctl -d "$node" --set-ctrl brightness=200,contrast=7
sleep_until 3 state_is one brightness 200 && state_is one contrast 7
ok "brightness and contrast arrive"
[ "$(v4l2-ctl -d "$node" --get-ctrl brightness)" = "brightness: 200" ]
ok "brightness can be read back"

state_is one streaming 0
ok "the light is off while nobody looks"
v4l2-ctl -d "$node" --stream-mmap >"$dir/reader.log" 2>&1 &
reader=$!
sleep_until 10 state_is one streaming 1
ok "the light is on while somebody looks"
kill $reader
wait $reader
sleep_until 5 state_is one streaming 0
ok "the light goes off after that"

starts=$(state one starts)
good=0
for _ in $(seq 25); do
	timeout 20 v4l2-ctl -d "$node" --stream-mmap --stream-count=2 --stream-to="$dir/frames" \
		>"$dir/log" 2>&1 && same_frames "$dir/640x480" && good=$((good + 1))
done
[ $good -eq 25 ] && [ $(($(state one starts) - starts)) -ge 25 ]
ok "started and stopped $good of 25 times"

frames_move() {
	local before
	before=$(state one frames)
	sleep 1.5
	[ "$(state one frames)" != "$before" ]
}
v4l2-ctl -d "$node" --stream-mmap >"$dir/reader.log" 2>&1 &
reader=$!
sleep_until 10 state_is one streaming 1
frames_move
ok "frames flow"
kill -USR1 "$pid"
sleep 0.5
! frames_move && [ -c "$node" ]
ok "SIGUSR1: none flow, the camera is still there"
kill -USR2 "$pid"
sleep 0.5
frames_move
ok "SIGUSR2: frames flow again"

begin=${EPOCHREALTIME/./}
kill "$pid"
wait "$pid"
ok "ends well on SIGTERM"
reader_gone() { ! kill -0 $reader; }
sleep_until 10 reader_gone
ok "its reader ends $(((${EPOCHREALTIME/./} - begin) / 1000)) ms after it is unplugged" || kill $reader
wait $reader
sleep_until 10 no_node one
ok "its node is gone"
state_is one streaming 0
ok "its light is off"

plug one --once "$dir/clip.mjpg"
ok "plugged in again on the same port" || say_why "$dir/one.err"
stream MJPG 640 480 30 12 && [ "$(lost)" = 0 ] &&
	cmp -s "$dir/frames" <(cat "$dir"/640x480/*.jpg "$dir"/640x480/0{8,8,8,8}.jpg)
ok "--once holds the last frame, from a file of JPEGs" || say_why "$dir/log"
one=$pid

plug two --port 1 --speed super --fps 10 "$dir/1280x720"
ok "a second camera, at super speed" || say_why "$dir/two.err"
find_node one
v4l2-ctl -d "$node" --set-parm=15 --stream-mmap --stream-count=45 >"$dir/one.log" 2>&1 &
reader=$!
find_node two
stream MJPG 1280 720 30 30 && same_frames "$dir/1280x720"
ok "two at a time; --fps 10 gives $(rate)" || say_why "$dir/log" "$dir/two.err"
wait $reader
ok "and the other one's reader has its frames" || say_why "$dir/one.log"
stream MJPG 640 480 10 3 && ffprobe -v error -f mjpeg -show_entries stream=width,height \
	-of csv=p=0 "$dir/frames" | grep -q '^640,480'
ok "a size that the source does not have is made" || say_why "$dir/log" "$dir/two.err"
unplug "$pid" two && unplug "$one" one
ok "both unplugged"

# Neither wedges vhci nor leaks its port.
good=0
for _ in 1 2 3 4 5; do
	plug again "$dir/clip.mjpg" && stream MJPG 640 480 30 3 && same_frames "$dir/640x480" &&
		kill -KILL "$pid" && sleep_until 10 no_node again && good=$((good + 1))
	wait "$pid" 2>/dev/null
done
[ $good -eq 5 ]
ok "plugged in and killed $good of 5 times"

echo "# $failures failed"
[ $failures -eq 0 ]
