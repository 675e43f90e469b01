// SPDX-License-Identifier: GPL-2.0-only
/* /dev/plateveil: makes veils, changes them, tells about them, removes them. */

#include <linux/capability.h>
#include <linux/idr.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "control.h"
#include "controls.h"
#include "format.h"
#include "guard.h"
#include "veil.h"

static DEFINE_MUTEX(veils_lock);	/* outside every veil's lock */
static DEFINE_IDR(veils);

static bool text_ok(const char *text, size_t size)
{
	size_t i, n = strnlen(text, size);

	if (!n || n == size)
		return false;
	for (i = 0; i < n; i++)
		if ((u8)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

/* The veil, or NULL. veils_lock held. */
static struct pv_veil *find(u32 id)
{
	return id < PLATEVEIL_MAX_VEILS ? idr_find(&veils, id) : NULL;
}

/* For longer than the lock is held: till its v4l2_device is put. */
static struct pv_veil *hold(struct pv_veil *veil)
{
	if (veil)
		v4l2_device_get(&veil->v4l2_dev);
	return veil;
}

static long create(struct file *file, void __user *arg)
{
	struct plateveil_create c;
	struct pv_veil *veil;
	int id;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (!text_ok(c.name, sizeof(c.name)) || c.lease_ms > PLATEVEIL_MAX_LEASE_MS ||
	    c.flags & ~(PLATEVEIL_CREATE_VIEW | PLATEVEIL_CREATE_FEED) ||
	    (c.flags & PLATEVEIL_CREATE_VIEW && c.view > PLATEVEIL_MAX_NODE) ||
	    (c.flags & PLATEVEIL_CREATE_FEED && c.feed > PLATEVEIL_MAX_NODE) ||
	    memchr_inv(c.reserved, 0, sizeof(c.reserved)))
		return -EINVAL;
	mutex_lock(&veils_lock);
	id = idr_alloc(&veils, NULL, 0, PLATEVEIL_MAX_VEILS, GFP_KERNEL);
	if (id < 0)
		goto unlock;
	veil = pv_veil_create(id, &c);
	if (IS_ERR(veil)) {
		idr_remove(&veils, id);
		id = PTR_ERR(veil);
		goto unlock;
	}
	c.id = id;
	c.view = veil->view.num;
	c.feed = veil->feed.num;
	/* A caller that cannot learn the id could never remove the veil. */
	if (copy_to_user(arg, &c, sizeof(c))) {
		idr_remove(&veils, id);
		pv_veil_remove(veil);
		id = -EFAULT;
		goto unlock;
	}
	idr_replace(&veils, veil, id);
	id = 0;
unlock:
	mutex_unlock(&veils_lock);
	return id;
}

static long destroy(struct file *file, void __user *arg)
{
	struct pv_veil *veil;
	u32 id;

	if (copy_from_user(&id, arg, sizeof(id)))
		return -EFAULT;
	if (id >= PLATEVEIL_MAX_VEILS)
		return -ENOENT;
	mutex_lock(&veils_lock);
	if (pv_guard_locked()) {
		mutex_unlock(&veils_lock);
		return -EPERM;
	}
	veil = idr_remove(&veils, id);
	if (veil)
		pv_veil_remove(veil);
	mutex_unlock(&veils_lock);
	return veil ? 0 : -ENOENT;
}

/* An array of the caller's; NULL where @count is 0. */
static void *fetch(u64 from, u32 count, size_t size)
{
	return count ? vmemdup_user(u64_to_user_ptr(from), count * size) : NULL;
}

static long set_modes(struct file *file, void __user *arg)
{
	struct plateveil_mode *modes;
	struct plateveil_modes m;
	struct pv_veil *veil;
	long err = 0;
	u32 i;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	if (!m.count || m.count > PLATEVEIL_MAX_MODES || m.lease_ms > PLATEVEIL_MAX_LEASE_MS ||
	    memchr_inv(m.reserved, 0, sizeof(m.reserved)))
		return -EINVAL;
	modes = fetch(m.modes, m.count, sizeof(*modes));
	if (IS_ERR(modes))
		return PTR_ERR(modes);
	for (i = 0; i < m.count && !err; i++)
		err = pv_mode_check(&modes[i]);
	if (!err) {
		mutex_lock(&veils_lock);
		veil = find(m.id);
		err = veil ? pv_veil_modes_set(veil, modes, m.count, m.lease_ms) : -ENOENT;
		mutex_unlock(&veils_lock);
	}
	kvfree(modes);
	return err;
}

static long set_zones(struct file *file, void __user *arg)
{
	struct plateveil_zone zones[PLATEVEIL_MAX_ZONES];
	struct plateveil_zones z;
	struct pv_veil *veil;
	long err;

	if (copy_from_user(&z, arg, sizeof(z)))
		return -EFAULT;
	if (z.count > PLATEVEIL_MAX_ZONES || memchr_inv(z.reserved, 0, sizeof(z.reserved)))
		return -EINVAL;
	if (copy_from_user(zones, u64_to_user_ptr(z.zones), z.count * sizeof(*zones)))
		return -EFAULT;
	mutex_lock(&veils_lock);
	veil = find(z.id);
	if (!veil)
		err = -ENOENT;
	else if (pv_guard_locked() && !pv_veil_zones_keep(veil, zones, z.count))
		err = -EPERM;
	else
		err = pv_veil_zones_set(veil, zones, z.count);
	mutex_unlock(&veils_lock);
	return err;
}

static long set_card(struct file *file, void __user *arg)
{
	struct plateveil_card card;
	struct pv_veil *veil;
	long err;

	if (copy_from_user(&card, arg, sizeof(card)))
		return -EFAULT;
	if (!pv_card_check(&card) || memchr_inv(card.reserved, 0, sizeof(card.reserved)))
		return -EINVAL;
	mutex_lock(&veils_lock);
	veil = hold(find(card.id));
	mutex_unlock(&veils_lock);
	if (!veil)
		return -ENOENT;
	/* It may take as long as some frames, and others want the lock. */
	err = pv_veil_card_set(veil, &card);
	v4l2_device_put(&veil->v4l2_dev);
	return err;
}

static struct pv_controls *fetch_controls(const struct plateveil_controls *c)
{
	struct plateveil_menu_item *items;
	struct plateveil_control *list;

	list = fetch(c->controls, c->count, sizeof(*list));
	if (IS_ERR_OR_NULL(list))
		return ERR_CAST(list);
	items = fetch(c->items, c->item_count, sizeof(*items));
	if (IS_ERR(items)) {
		kvfree(list);
		return ERR_CAST(items);
	}
	return pv_controls_new(list, c->count, items, c->item_count);
}

static long set_controls(struct file *file, void __user *arg)
{
	struct pv_controls *controls;
	struct plateveil_controls c;
	struct pv_veil *veil;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.count > PLATEVEIL_MAX_CONTROLS || c.item_count > PLATEVEIL_MAX_MENU_ITEMS ||
	    c.flags & ~PLATEVEIL_CONTROLS_STAY || memchr_inv(c.reserved, 0, sizeof(c.reserved)))
		return -EINVAL;
	controls = fetch_controls(&c);
	if (IS_ERR(controls))
		return PTR_ERR(controls);
	mutex_lock(&veils_lock);
	veil = find(c.id);
	if (veil)
		pv_veil_controls_set(veil, controls, c.flags & PLATEVEIL_CONTROLS_STAY);
	mutex_unlock(&veils_lock);
	if (veil)
		return 0;
	pv_controls_put(controls);
	return -ENOENT;
}

static long get_veil(struct file *file, void __user *arg)
{
	struct plateveil_info info;
	struct pv_veil *veil;
	int id;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	if (memchr_inv(info.reserved, 0, sizeof(info.reserved)))
		return -EINVAL;
	if (info.id >= PLATEVEIL_MAX_VEILS)
		return -ENOENT;
	id = info.id;
	mutex_lock(&veils_lock);
	veil = hold(idr_get_next(&veils, &id));
	mutex_unlock(&veils_lock);
	if (!veil)
		return -ENOENT;
	/* Anyone may ask, and the veil's lock may be long in coming. */
	pv_veil_info(veil, &info);
	v4l2_device_put(&veil->v4l2_dev);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long get_viewers(struct file *file, void __user *arg)
{
	struct plateveil_viewer *viewers;
	struct plateveil_viewers v;
	struct pv_veil *veil;
	long err = 0;
	u32 room;

	if (copy_from_user(&v, arg, sizeof(v)))
		return -EFAULT;
	if (memchr_inv(v.reserved, 0, sizeof(v.reserved)))
		return -EINVAL;
	room = min_t(u32, v.count, PLATEVEIL_MAX_VIEWERS);
	viewers = kcalloc(room, sizeof(*viewers), GFP_KERNEL);
	if (!viewers)
		return -ENOMEM;
	mutex_lock(&veils_lock);
	veil = hold(find(v.id));
	mutex_unlock(&veils_lock);
	if (veil) {
		v.count = pv_veil_viewers(veil, viewers, room);
		v4l2_device_put(&veil->v4l2_dev);
	} else {
		err = -ENOENT;
	}
	room = min(room, v.count);
	if (!err && (copy_to_user(u64_to_user_ptr(v.viewers), viewers, room * sizeof(*viewers)) ||
		     copy_to_user(arg, &v, sizeof(v))))
		err = -EFAULT;
	kfree(viewers);
	return err;
}

static long version(struct file *file, void __user *arg)
{
	return put_user((u32)PLATEVEIL_VERSION, (u32 __user *)arg);
}

static const struct pv_call calls[] = {
	{ PLATEVEIL_IOC_VERSION, false, version },
	{ PLATEVEIL_IOC_CREATE, true, create },
	{ PLATEVEIL_IOC_REMOVE, true, destroy },
	{ PLATEVEIL_IOC_SET_MODES, true, set_modes },
	{ PLATEVEIL_IOC_GET_VEIL, false, get_veil },
	{ PLATEVEIL_IOC_SET_ZONES, true, set_zones },
	{ PLATEVEIL_IOC_GET_VIEWERS, false, get_viewers },
	{ PLATEVEIL_IOC_SET_CONTROLS, true, set_controls },
	{ PLATEVEIL_IOC_SET_CARD, true, set_card },
};

static const struct pv_call *find_call(const struct pv_call *list, unsigned int n, unsigned int cmd)
{
	const struct pv_call *call;

	for (call = list; call < list + n; call++)
		if (call->cmd == cmd)
			return call;
	return NULL;
}

/* The number holds the argument's size, so another contract's call is no call here. */
static long control_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct pv_call *call = find_call(calls, ARRAY_SIZE(calls), cmd) ?:
				     find_call(pv_guard_calls, PV_GUARD_CALLS, cmd);

	if (!call)
		return -ENOTTY;
	if (call->privileged && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return call->run(file, (void __user *)arg);
}

static int control_release(struct inode *inode, struct file *file)
{
	pv_guard_release(file);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.release = control_release,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "plateveil",
	.fops = &fops,
	.mode = 0666,		/* what changes anything asks for CAP_SYS_ADMIN */
};

/* The veil of the camera there, with a reference to its v4l2_device; or NULL. */
struct pv_veil *pv_control_veil_of(const char *device, int index)
{
	struct pv_veil *veil, *found = NULL;
	int id;

	mutex_lock(&veils_lock);
	idr_for_each_entry(&veils, veil, id)
		if (veil->camera_index == index && !strcmp(veil->camera, device))
			found = veil;
	if (found)
		v4l2_device_get(&found->v4l2_dev);
	mutex_unlock(&veils_lock);
	return found;
}

/* From now on the veil is of the camera there, and no other veil is. */
int pv_control_veil_is(u32 id, const char *device, int index)
{
	struct pv_veil *veil, *its;
	int i;

	mutex_lock(&veils_lock);
	its = find(id);
	idr_for_each_entry(&veils, veil, i)
		if (its && veil->camera_index == index && !strcmp(veil->camera, device))
			veil->camera[0] = 0;
	if (its) {
		strscpy(its->camera, device, sizeof(its->camera));
		its->camera_index = index;
	}
	mutex_unlock(&veils_lock);
	return its ? 0 : -ENOENT;
}

/* Until nobody is at a veil any more who found the lock open. */
void pv_control_wait(void)
{
	mutex_lock(&veils_lock);
	mutex_unlock(&veils_lock);
}

/* What was sealed before the machine slept is not shown after it. */
static int sleeping(struct notifier_block *block, unsigned long event, void *data)
{
	bool asleep = event == PM_SUSPEND_PREPARE || event == PM_HIBERNATION_PREPARE ||
		      event == PM_RESTORE_PREPARE;
	struct pv_veil *veil;
	int id;

	mutex_lock(&veils_lock);
	idr_for_each_entry(&veils, veil, id)
		pv_veil_forget(veil, asleep);
	mutex_unlock(&veils_lock);
	return NOTIFY_DONE;
}

static struct notifier_block sleep_block = { .notifier_call = sleeping };

int pv_control_init(void)
{
	int err = register_pm_notifier(&sleep_block);

	if (err)
		return err;
	err = misc_register(&control);
	if (err)
		unregister_pm_notifier(&sleep_block);
	return err;
}

void pv_control_exit(void)
{
	struct pv_veil *veil;
	int id;

	misc_deregister(&control);
	unregister_pm_notifier(&sleep_block);
	/* Gates still stand, and who is diverted looks for a veil. */
	mutex_lock(&veils_lock);
	idr_for_each_entry(&veils, veil, id) {
		idr_remove(&veils, id);
		pv_veil_remove(veil);
	}
	idr_destroy(&veils);
	mutex_unlock(&veils_lock);
}
