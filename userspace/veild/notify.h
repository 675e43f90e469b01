// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd is told (sd_notify(3)); nothing happens without it. */
#ifndef PV_NOTIFY_H
#define PV_NOTIFY_H

/* For example "READY=1". */
void pv_notify(const char *state);

/* How often, in ms, it wants to hear "WATCHDOG=1"; -1: not at all. */
int pv_notify_interval(void);

/* Tells it "WATCHDOG=1", if it wants to hear that: before what may take long. */
void pv_notify_alive(void);

#endif
