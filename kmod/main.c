// SPDX-License-Identifier: GPL-2.0-only
/* plateveil: a camera that cannot show a licence plate. See uapi/plateveil.h. */

#include <linux/module.h>

#include "compat.h"
#include "control.h"
#include "gate.h"
#include "veil.h"
#include "viewer.h"

static int __init plateveil_init(void)
{
	int err = pv_viewer_init();

	if (err)
		return err;
	err = pv_gate_init();
	if (err)
		goto no_gate;
	err = pv_control_init();
	if (err)
		goto no_control;
	return 0;

no_control:
	pv_gate_exit();
no_gate:
	pv_viewer_exit();
	return err;
}

static void __exit plateveil_exit(void)
{
	pv_control_exit();
	pv_veil_wait();
	pv_gate_exit();
	pv_viewer_exit();
}

module_init(plateveil_init);
module_exit(plateveil_exit);

MODULE_DESCRIPTION("Veiled cameras: video nodes that only show sealed frames");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
PV_IMPORT_DMA_BUF;
