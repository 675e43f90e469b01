#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line, as far as it needs no module; BUILD is the folder
# that holds the programs (build). A line a check; exit status 1 if any failed.
set -u

PROGRAM=$(realpath "${BUILD:-build}")/plateveil
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

# check WHAT STATUS: says how the last command, whose exit status it is given, went
check() {
	if [ "$2" -eq 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failed=1
	fi
}

# run ARGUMENTS...: leaves output in out and err, the exit status in status
run() {
	status=0
	timeout 60 "$PROGRAM" "$@" >out 2>err </dev/null || status=$?
}

# gives WHAT STATUS PATTERN ARGUMENTS...: runs it; the exit status must be STATUS, and the extended
# regular expression PATTERN must be in what it printed, to stderr unless the status is 0; an empty
# one fits all
gives() {
	local what=$1 want=$2 pattern=$3 in=err
	shift 3
	run "$@"
	[ "$want" -eq 0 ] && in=out
	if [ "$status" -eq "$want" ] && { [ -z "$pattern" ] || grep -Eq -- "$pattern" "$in"; }; then
		check "$what" 0
	else
		check "$what (exit $status: $(cat out err | head -c 200 | tr '\n' ' '))" 1
	fi
}

same() { cmp -s "$1" "$2"; }
size_of() { stat -c %s "$1"; }
is_jpeg() { [ "$(head -c 3 "$1" | od -An -tx1 | tr -d ' \n')" = ffd8ff ]; }

# --- help and the command line itself -----------------------------------------

help() {
	local command
	gives "--help lists the commands" 0 'plateveil redact ' --help
	gives "help does too" 0 'plateveil redact ' help
	for command in $(sed -n 's/^  plateveil \([a-z]*\) .*/\1/p' out); do
		gives "$command --help" 0 "^usage: plateveil $command" "$command" --help
		[ ! -s err ]
		check "$command --help prints no error" $?
		run "$command" a b c d e f
		[ "$status" -eq 2 ] && grep -q "^usage: plateveil $command" err
		check "$command with too many arguments exits 2 with its usage" $?
	done
	gives "version" 0 '^plateveil [0-9]' version
	gives "--version" 0 '^plateveil [0-9]' --version
	gives "an unknown command is named" 2 "no command is called 'vail'" vail
	gives "and the commands are listed" 2 'plateveil redact ' vail
}

no_module() {
	local command
	if [ -e /dev/plateveil ]; then
		echo "ok - no module # skipped: it is loaded"
		return
	fi
	for command in up down status; do
		gives "$command without the module names the mend" 1 \
			'^plateveil: the plateveil module is not loaded; .*modprobe' $command
		[ ! -s out ]
		check "$command without the module prints nothing else" $?
	done
	run
	[ "$status" -eq 1 ] && grep -q 'not loaded' err
	check "plateveil alone is status" $?
	run devices
	[ "$status" -le 1 ] && { [ -s out ] || [ -s err ]; }
	check "devices needs no module" $?
}

# --- rules --------------------------------------------------------------------

# refused NAME TEXT LINE PATTERN: `rules check` of a file that says TEXT
refused() {
	printf "$2" >bad.conf
	gives "rules check: $1" 1 "bad\.conf:$3: .*$4" rules check bad.conf
}

rules() {
	printf '# mine\n[veil]\nstyle = fill\nmargin = 20\n\n[zone "gate"]\nrectangle = 1 2 3 4\n' >good.conf
	gives "rules check of a good file" 0 'good.conf is good' rules check good.conf
	: >empty.conf
	gives "rules check of an empty file" 0 'is good' rules check empty.conf
	printf '[veil]\n  style = fill\n  margin = 20\n' >indented.conf
	gives "rules check of an indented file" 0 'is good' rules check indented.conf
	refused "unknown rule" '[veil]\n\nmargni = 3\n' 3 "margni"
	refused "value out of range" '[veil]\nhold = 5\nmargin = 101\n' 3 'margin .*100.*101'
	refused "unknown section" '[vile]\nmargin = 1\n' 2 '\[vile\]'
	refused "no section" 'margin = 1\n' 1 'section'
	refused "neither section nor rule" '[veil]\nmargin = 3\nhello\n' 3 'rule = value'
	refused "zone without numbers" '[zone "a"]\nrectangle = here\n' 2 'percent'
	gives "rules check of a file that is not there" 1 'none.conf' rules check none.conf
	gives "rules check of a folder" 1 'cannot be read' rules check .
	gives "rules check of two files" 2 '^usage: plateveil rules' rules check a b
	gives "rules set without a value" 2 '^usage: plateveil rules' rules set margin
	gives "rules set of an unknown rule changes nothing" 1 'margni.*margin' rules set margni 3
	gives "rules set of a bad value changes nothing" 1 'margin .*many' rules set margin many
	gives "rules shows every rule with its unit" 0 '^margin +[0-9]+ %' rules
	grep -q '/etc/plateveil/plateveil.conf' out
	check "rules says where they are kept" $?
}

# --- redact -------------------------------------------------------------------

photo() {	# FILE WIDTHxHEIGHT PIXELFORMAT
	ffmpeg -v error -f lavfi -i testsrc=size=$2 -frames:v 1 -pix_fmt $3 -y "$1"
}

# Puts Exif with a thumbnail's telltale, a comment and bytes behind the end into FILE.
add_metadata() {
	{
		head -c 2 "$1"
		printf '\377\341\000\032Exif\000\000PLATE-IN-EXIF-4711'
		printf '\377\376\000\022PLATE-IN-COMMENT'
		tail -c +3 "$1"
		printf 'PLATE-BEHIND-THE-END'
	} >"$2"
}

redact_good() {
	local format
	for format in yuvj420p yuvj422p yuvj444p; do
		photo in.jpg 320x240 $format
		gives "redact $format" 0 '' redact in.jpg "$format.jpg"
		is_jpeg $format.jpg
		check "redact $format writes a JPEG" $?
		[ "$(ffprobe -v error -show_entries stream=width,height,pix_fmt -of csv=p=0 $format.jpg)" \
			= "320,240,$format" ]
		check "redact $format keeps size and sampling" $?
	done
	photo odd.jpg 323x241 yuvj420p
	gives "redact odd sizes" 0 '' redact odd.jpg odd-out.jpg
	gives "redact onto itself" 0 '' redact odd.jpg odd.jpg
	is_jpeg odd.jpg
	check "redact onto itself leaves a JPEG" $?
	gives "redact is repeatable" 0 '' redact in.jpg again.jpg
	same again.jpg yuvj444p.jpg
	check "the same photo gives the same file" $?
	[ -z "$(compgen -G '*.new')" ]
	check "redact leaves nothing beside its output" $?
}

redact_metadata() {
	photo in.jpg 320x240 yuvj420p
	add_metadata in.jpg tagged.jpg
	grep -qa PLATE-IN-EXIF tagged.jpg
	check "the photo to redact has metadata" $?
	gives "redact a photo with metadata" 0 '' redact tagged.jpg clean.jpg
	[ -s clean.jpg ] && ! grep -Eqa 'PLATE-IN-EXIF|PLATE-BEHIND|4711' clean.jpg
	check "Exif that is none and what follows the picture are gone" $?
	grep -qa PLATE-IN-COMMENT clean.jpg
	check "the comment is kept" $?
}

redact_rules() {
	photo in.jpg 320x240 yuvj420p
	gives "redact --rule" 0 '' redact --rule style=fill --rule 'colour=#ff0000' in.jpg out.jpg
	gives "redact --rule with an unknown rule" 1 "margni.*margin" redact --rule margni=1 in.jpg r.jpg
	gives "redact --rule out of range" 1 'margin .*101' redact --rule margin=101 in.jpg r.jpg
	gives "redact --rule without =" 2 '^usage' redact --rule margin in.jpg r.jpg
	gives "redact --rule without more" 2 '^usage' redact --rule
	gives "redact --rule with an endless name" 2 '^usage' \
		redact --rule "$(printf 'a%.0s' {1..200})=1" in.jpg r.jpg
	gives "redact without arguments" 2 '^usage' redact
	gives "redact without OUT" 2 '^usage' redact in.jpg
	[ ! -e r.jpg ]
	check "none of these wrote anything" $?
}

# keeps WHAT PATTERN IN OUT: redact must fail and OUT stay as it was
keeps() {
	cp old.jpg kept.jpg
	gives "redact $1" 1 "$2" redact "$3" kept.jpg
	same old.jpg kept.jpg && [ ! -e kept.jpg.new ]
	check "redact $1 leaves the old OUT and nothing beside it" $?
}

redact_broken_input() {
	photo old.jpg 64x48 yuvj420p
	photo in.jpg 320x240 yuvj420p
	head -c $(($(size_of in.jpg) / 2)) in.jpg >half.jpg
	: >empty.jpg
	echo "this is not a photo" >text.jpg
	printf '\377\330\377\340' >stub.jpg
	mkdir -p folder.jpg
	ffmpeg -v error -f lavfi -i testsrc=size=64x48 -frames:v 1 -c:v png -f image2 -y picture.png
	keeps "of half a photo" 'half.jpg: ' half.jpg
	keeps "of an empty file" 'not a JPEG' empty.jpg
	keeps "of text" 'not a JPEG' text.jpg
	keeps "of a stub" 'stub.jpg: ' stub.jpg
	keeps "of a PNG" 'not a JPEG' picture.png
	keeps "of a file that is not there" 'none.jpg cannot be read: No such file' none.jpg
	keeps "of a folder" 'folder.jpg cannot be read' folder.jpg
}

redact_bad_output() {
	photo in.jpg 320x240 yuvj420p
	photo old.jpg 64x48 yuvj420p
	gives "redact to where nothing can be written" 1 '/proc/x.jpg cannot be written' \
		redact in.jpg /proc/x.jpg
	gives "redact to a folder that is not there" 1 'No such file' redact in.jpg no/such.jpg
	mkdir -p folder
	gives "redact to a folder" 1 'folder cannot be written' redact in.jpg folder
	[ -d folder ] && [ ! -e folder.new ]
	check "redact to a folder leaves nothing beside it" $?
	gives "redact to a name that is too long" 1 'x' redact in.jpg "$(printf 'x%.0s' {1..5000})"
	cp old.jpg kept.jpg
	status=0	# a full disk, played by a limit on a file's size
	(trap '' XFSZ; ulimit -f 1; exec "$PROGRAM" redact in.jpg kept.jpg) >out 2>err || status=$?
	[ "$status" -eq 1 ] && grep -q 'kept.jpg cannot be written' err
	check "redact to a full disk says so" $?
	same old.jpg kept.jpg && [ ! -e kept.jpg.new ]
	check "redact to a full disk leaves the old OUT and nothing beside it" $?
	mkfifo pipe
	timeout 20 cat pipe >piped.jpg &
	local reader=$!
	gives "redact into a pipe" 0 '' redact in.jpg pipe
	[ -p pipe ]
	check "the pipe is still a pipe" $?
	[ -p pipe ] || kill $reader
	wait $reader 2>/dev/null
	is_jpeg piped.jpg
	check "the pipe's reader got the photo" $?
}

help
no_module
rules
redact_good
redact_metadata
redact_rules
redact_broken_input
redact_bad_output
exit $failed
