// SPDX-License-Identifier: GPL-2.0-only
/* plateveil: a camera that cannot show a licence plate. See uapi/plateveil.h. */

#include <linux/module.h>

#include "compat.h"
#include "control.h"

static int __init plateveil_init(void)
{
	return pv_control_init();
}

static void __exit plateveil_exit(void)
{
	pv_control_exit();
}

module_init(plateveil_init);
module_exit(plateveil_exit);

MODULE_DESCRIPTION("Veiled cameras: video nodes that only show sealed frames");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
PV_IMPORT_DMA_BUF;
