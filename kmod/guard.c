// SPDX-License-Identifier: GPL-2.0-only
/* Those calls of /dev/plateveil that have to do with gates; who owns them; the lock. */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "control.h"
#include "gate.h"
#include "guard.h"
#include "pass.h"
#include "trace.h"

static DEFINE_MUTEX(guard_lock);	/* outside every other but none in control.c */
static struct file *owner;		/* that claimed the gates, or NULL */
static bool locked;

bool pv_guard_locked(void)
{
	return READ_ONCE(locked);
}

/* The claim ends with the file; the gates stay. */
void pv_guard_release(struct file *file)
{
	mutex_lock(&guard_lock);
	if (owner == file)
		owner = NULL;
	mutex_unlock(&guard_lock);
}

static long no_flags(void __user *arg)
{
	u32 flags;

	if (get_user(flags, (u32 __user *)arg))
		return -EFAULT;
	return flags ? -EINVAL : 0;
}

static long claim(struct file *file, void __user *arg)
{
	long err = no_flags(arg);

	if (err)
		return err;
	mutex_lock(&guard_lock);
	if (owner && owner != file)
		err = -EBUSY;
	else
		owner = file;
	mutex_unlock(&guard_lock);
	return err;
}

static bool owns(const struct file *file)
{
	return READ_ONCE(owner) == file;
}

static long pass(const struct plateveil_open *o)
{
	struct plateveil_node node, then;
	struct file *file;
	dev_t devt, now;
	int fd, err;

	err = pv_gate_camera(o->node, &devt, &node);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = pv_pass_open(devt, O_RDWR | o->flags);
	err = PTR_ERR_OR_ZERO(file);
	trace_gate(node.node, PV_GATE_PASSED, err);
	if (!err) {
		/* Another camera may have come to its number meanwhile. */
		if (pv_gate_camera(o->node, &now, &then) || now != devt ||
		    strcmp(then.device, node.device) || then.index != node.index)
			err = -ESTALE;
		if (!err && o->veil != PLATEVEIL_NO_VEIL)
			err = pv_control_veil_is(o->veil, node.device, node.index);
		if (err)
			fput(file);
	}
	if (err) {
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, file);
	return fd;
}

static long open_camera(struct file *file, void __user *arg)
{
	struct plateveil_open o;

	if (copy_from_user(&o, arg, sizeof(o)))
		return -EFAULT;
	if (o.flags & ~O_NONBLOCK || memchr_inv(o.reserved, 0, sizeof(o.reserved)))
		return -EINVAL;
	return owns(file) ? pass(&o) : -EPERM;
}

static bool pattern_ok(const struct plateveil_gate *g)
{
	size_t length = strnlen(g->name, sizeof(g->name));
	size_t room = g->pattern == PLATEVEIL_GATE_DRIVER ? PLATEVEIL_NAME_LEN : sizeof(g->name);
	bool named = g->pattern == PLATEVEIL_GATE_DRIVER || g->pattern == PLATEVEIL_GATE_DEVICE;

	return g->pattern <= PLATEVEIL_GATE_NODE &&
	       (g->action == PLATEVEIL_GATE_DENY || g->action == PLATEVEIL_GATE_DIVERT) &&
	       length < room && !length == !named &&
	       (g->pattern == PLATEVEIL_GATE_NODE ? g->node <= PLATEVEIL_MAX_NODE : !g->node) &&
	       !memchr_inv(g->name + length, 0, sizeof(g->name) - length);
}

static long set_gate(struct file *file, void __user *arg)
{
	struct plateveil_gate g;
	int err;

	if (copy_from_user(&g, arg, sizeof(g)))
		return -EFAULT;
	if (!pattern_ok(&g) || g.flags & ~PLATEVEIL_GATE_FORCE ||
	    memchr_inv(g.reserved, 0, sizeof(g.reserved)))
		return -EINVAL;
	g.nodes = 0;
	err = pv_gate_set(&g);
	return err ?: copy_to_user(arg, &g, sizeof(g)) ? -EFAULT : 0;
}

static long end_gate(struct file *file, void __user *arg)
{
	long err;
	u32 id;

	if (get_user(id, (u32 __user *)arg))
		return -EFAULT;
	mutex_lock(&guard_lock);
	err = locked ? -EPERM : pv_gate_end(id);
	mutex_unlock(&guard_lock);
	return err;
}

static long get_gate(struct file *file, void __user *arg)
{
	struct plateveil_gate g;
	int err;

	if (copy_from_user(&g, arg, sizeof(g)))
		return -EFAULT;
	if (memchr_inv(g.reserved, 0, sizeof(g.reserved)))
		return -EINVAL;
	err = pv_gate_info(&g);
	return err ?: copy_to_user(arg, &g, sizeof(g)) ? -EFAULT : 0;
}

static long get_node(struct file *file, void __user *arg)
{
	struct plateveil_node node;
	int err;

	if (copy_from_user(&node, arg, sizeof(node)))
		return -EFAULT;
	if (memchr_inv(node.reserved, 0, sizeof(node.reserved)))
		return -EINVAL;
	err = pv_gate_node(&node);
	return err ?: copy_to_user(arg, &node, sizeof(node)) ? -EFAULT : 0;
}

/* Besides the count, which force overrules, a user of ours: against that there is no force. */
static void keep_module(void)
{
	static struct pv_compat_use use;

	__module_get(THIS_MODULE);
	use.source = THIS_MODULE;
	use.target = THIS_MODULE;
	INIT_LIST_HEAD(&use.target_list);
	/* No other module uses ours, so nobody else writes here; some read. */
	list_add_tail_rcu(&use.source_list, &THIS_MODULE->source_list);
}

static long lock(struct file *file, void __user *arg)
{
	long err = no_flags(arg);

	if (err)
		return err;
	mutex_lock(&guard_lock);
	if (!locked)
		keep_module();
	WRITE_ONCE(locked, true);
	mutex_unlock(&guard_lock);
	pv_control_wait();
	return 0;
}

static long get_guard(struct file *file, void __user *arg)
{
	u32 guard = (pv_guard_locked() ? PLATEVEIL_GUARD_LOCKED : 0) |
		    (READ_ONCE(owner) ? PLATEVEIL_GUARD_CLAIMED : 0);

	return put_user(guard, (u32 __user *)arg);
}

const struct pv_call pv_guard_calls[PV_GUARD_CALLS] = {
	{ PLATEVEIL_IOC_CLAIM, true, claim },
	{ PLATEVEIL_IOC_OPEN, true, open_camera },
	{ PLATEVEIL_IOC_GATE, true, set_gate },
	{ PLATEVEIL_IOC_UNGATE, true, end_gate },
	{ PLATEVEIL_IOC_GET_GATE, false, get_gate },
	{ PLATEVEIL_IOC_GET_NODE, false, get_node },
	{ PLATEVEIL_IOC_LOCK, true, lock },
	{ PLATEVEIL_IOC_GET_GUARD, false, get_guard },
};
