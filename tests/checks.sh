# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests that are scripts: a line a check, "ok - what" or "not ok - what"; who sources this ends
# with `exit $failed`.
# shellcheck disable=SC2034 # read by who sources this
failed=0

ok() { echo "ok - $1"; }
# shellcheck disable=SC2034
not_ok() { echo "not ok - $1"; failed=1; }
check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@"; then ok "$what"; else not_ok "$what"; fi
}
# What is not there, or cannot be run, refuses nothing.
refused() {
	"$@" >/run/refused 2>&1
	case $? in 0 | 12[67]) return 1 ;; esac
}
# Counted in naps: while the whole machine stands still no time goes by.
wait_for() { # SECONDS COMMAND...
	local naps=$((5 * $1))
	shift
	until "$@"; do
		[ $((naps--)) -le 0 ] && return 1
		sleep 0.2
	done
}
