/* SPDX-License-Identifier: MIT */
/*
 * Numbers that have names: enums, flags, and integers with sub-fields, as groups of parts.
 */
#include "decoder.h"

static inline struct value_group *group_new(struct decoder *d, struct value *value, uint64_t num)
{
	struct value_group *group = arena_alloc(d->arena, sizeof(*group)), **end = &value->groups;

	while (*end)
		end = &(*end)->next;
	*end = group;
	group->num = num;
	group->joiner = "|";
	return group;
}

static inline struct value_part *part_add(struct decoder *d, struct value_group *group,
					  const char *name, uint64_t num)
{
	struct value_part *part = arena_alloc(d->arena, sizeof(*part)), **end = &group->parts;

	while (*end)
		end = &(*end)->next;
	*end = part;
	part->name = name;
	part->num = num;
	part->base = BASE_HEX;
	return part;
}

/* A number that has just one name, which is the case of nearly all enums. */
static struct value_group *named_group(struct decoder *d, struct value *value, const char *name,
				       uint64_t number)
{
	struct {
		struct value_group group;
		struct value_part part;
	} *block = arena_alloc(d->arena, sizeof(*block));

	value->groups = &block->group;
	block->group.num = number;
	block->group.joiner = "|";
	block->group.parts = &block->part;
	block->part.name = name;
	block->part.num = number;
	block->part.base = BASE_HEX;
	return &block->group;
}

/* Bit numbers that an enum names: 1<<CAP_CHOWN. */
static void shifted_parts(struct decoder *d, const struct desc_set *set, struct value_group *group,
			  uint64_t num)
{
	uint64_t rest = 0;

	for (unsigned bit = 0; bit < 64; bit++) {
		const char *name;

		if (!(num >> bit & 1))
			continue;
		name = desc_set_name(set, d->abi, bit);
		if (name)
			part_add(d, group, arena_printf(d->arena, "1<<%s", name),
				 (uint64_t)1 << bit);
		else
			rest |= (uint64_t)1 << bit;
	}
	if (rest)
		part_add(d, group, NULL, rest);
}

/* A number without a name, alone (the group's comment) or among others (its own). */
static void unknown_part(struct decoder *d, const struct desc_set *set, struct value_group *group,
			 uint64_t num)
{
	struct value_part *part;

	if (!group->parts)
		group->unknown = set->unknown;
	part = part_add(d, group, NULL, num);
	part->comment = set->unknown;
	part->base = set->base;
}

/* Names of flags in the set's order; what none covers follows as a number. */
static void flag_parts(struct decoder *d, const struct desc_set *set, struct value_group *group,
		       uint64_t num)
{
	const struct desc_entry *entries = set->by_abi[d->abi].entries;
	bool named = false;

	if (!num && set->zero) {
		part_add(d, group, set->zero, 0);
		return;
	}
	for (const struct desc_entry *end = entries + set->by_abi[d->abi].count;
	     entries < end && num; entries++) {
		if (~num & entries->value || !entries->value)
			continue;
		part_add(d, group, entries->name, entries->value);
		num &= ~entries->value;
		named = true;
	}
	if (num && (named || group->parts))
		part_add(d, group, NULL, num);
	else if (num)
		unknown_part(d, set, group, num);
}

static void set_parts(struct decoder *d, const struct desc_set *set, bool shifted,
		      struct value_group *group, uint64_t num)
{
	if (shifted) {
		shifted_parts(d, set, group, num);
	} else if (set->kind == SET_FLAGS) {
		flag_parts(d, set, group, num);
	} else {
		const char *name = desc_set_name(set, d->abi, num);

		if (name)
			part_add(d, group, name, num);
		else
			unknown_part(d, set, group, num);
	}
}

static uint64_t width_mask(const struct decoder *d, unsigned width)
{
	unsigned bytes = width_bytes(d, width);

	return bytes < 8 ? ((uint64_t)1 << bytes * 8) - 1 : UINT64_MAX;
}

static struct value *plain_number(struct decoder *d, const struct desc_type *type, uint64_t number)
{
	struct value *value = value_new(d, VALUE_INT);

	value->num = number;
	value->base = type->base ? type->base : type->set->base;
	value->width = (uint8_t)width_bytes(d, type->width);
	if (!type->is_signed)
		value->flags |= VALUE_UNSIGNED;
	return value;
}

const char *symbol_name(const struct decoder *d, const struct desc_type *type, uint64_t number)
{
	const char *name = desc_set_name(type->set, d->abi, number);
	uint64_t mask;

	if (name || type->is_signed)
		return name;
	/* An entry of -1 is meant for an unsigned member of any width. */
	mask = width_mask(d, type->width);
	return number & ((mask >> 1) + 1) ? desc_set_name(type->set, d->abi, number | ~mask) : NULL;
}

struct value *symbol_decode(struct decoder *d, const struct desc_type *type, uint64_t number)
{
	const struct desc_set *set = type->set;
	uint64_t mask = width_mask(d, type->width);
	struct value_group *group;
	struct value *value;

	if (set->kind == SET_ENUM && !(type->flags & TYPE_SHIFTED)) {
		const char *name = symbol_name(d, type, number);

		if (set->comment || (!name && !set->unknown)) {
			value = plain_number(d, type, number);
			value->comment = name ? name : set->comment ? set->unknown : NULL;
			return value;
		}
		value = value_new(d, VALUE_FLAGS);
		value->num = number;
		if (name) {
			group = named_group(d, value, name, number);
		} else {
			group = group_new(d, value, number);
			group->unknown = set->unknown;
		}
	} else {
		value = value_new(d, VALUE_FLAGS);
		value->num = number & mask;
		group = group_new(d, value, number & mask);
		set_parts(d, set, type->flags & TYPE_SHIFTED, group, number & mask);
	}
	group->base = set->base;
	group->is_signed = type->is_signed && set->base == BASE_DEC;
	if (!group->is_signed)
		group->num &= mask;
	group->width = (uint8_t)width_bytes(d, type->width);
	return value;
}

/* One sub-field: into the group before it, or a group of its own. */
static struct value_group *sub_field(struct decoder *d, const struct desc_type *type,
				     const struct desc_part *part, uint64_t number,
				     struct value *value, struct value_group *group)
{
	uint64_t num = (number & part->mask) >> part->shift;

	if (part->nonzero && !num)
		return group;
	if (part->apart || !group) {
		group = group_new(d, value, 0);
		group->base = !part->apart ? type->base : part->set ? part->set->base : part->base;
		if (part->apart) {
			group->shift = part->shown_shift;
			group->is_signed = part->is_signed;
		}
	}
	group->num |= part->apart ? num : number & part->mask;
	if (group->parts)
		group->unknown = NULL; /* it is a part's own comment now */
	if (part->set && part->set->kind == SET_FLAGS && !num && (group->parts || !part->set->zero))
		return group;
	if (part->set) {
		struct value_part **end = &group->parts;

		while (*end)
			end = &(*end)->next;
		set_parts(d, part->set, false, group, num);
		for (; *end && !part->apart; end = &(*end)->next)
			(*end)->shift = part->shown_shift;
	} else {
		struct value_part *shown = part_add(d, group, NULL, num);

		shown->base = part->base;
		if (!part->apart)
			shown->shift = part->shown_shift;
	}
	return group;
}

struct value *bits_decode(struct decoder *d, const struct desc_type *type, uint64_t number)
{
	struct value *value = value_new(d, VALUE_FLAGS);
	struct value_group *group = NULL;

	number &= width_mask(d, type->width);
	value->num = number;
	value->type = type;
	for (unsigned i = 0; i < type->part_count; i++)
		group = sub_field(d, type, &type->parts[i], number, value, group);
	if (!group) {
		group = group_new(d, value, number);
		group->base = type->base;
	}
	/* Of several groups, one that has nothing to say is not shown. */
	if (value->groups->next) {
		struct value_group **at = &value->groups;

		while (*at)
			if (!(*at)->parts && !(*at)->num && !(*at)->unknown && value->groups->next)
				*at = (*at)->next;
			else
				at = &(*at)->next;
	}
	if (type->set && !group->unknown && !group->parts && group->num)
		group->unknown = type->set->unknown;
	return value;
}
