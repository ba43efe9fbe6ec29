/* SPDX-License-Identifier: MIT */
/* Sets: what their entries are worth in each ABI, and what a bare name means. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model.h"

static int64_t set_expr_value(struct checker *c, struct entry *entry, const struct expr *e,
			      unsigned abi);

/* A name in the value of an entry: an entry that came before in the same set, or a const. */
static int64_t set_name_value(struct checker *c, struct entry *entry, const struct expr *e,
			      unsigned abi)
{
	struct entry *other = entry->set ? map_get(&entry->set->by_name, e->name) : NULL;

	if (!other)
		for (other = map_get(&c->program->entries, e->name); other; other = other->next)
			if (!other->set && other->valued)
				break;
	if (!other || !other->valued) {
		report(c->program, e->pos, "unknown name %s", e->name);
		return 0;
	}
	other->used |= c->rooted;
	return other->values[abi];
}

static int64_t set_ioc_value(struct checker *c, struct entry *entry, const struct expr *e,
			     unsigned abi)
{
	int64_t type = set_expr_value(c, entry, e->a, abi);
	int64_t nr = set_expr_value(c, entry, e->b, abi);
	int64_t direction = strcmp(e->name, "IOR") == 0    ? 2
			    : strcmp(e->name, "IOW") == 0  ? 1
			    : strcmp(e->name, "IOWR") == 0 ? 3
							   : 0;
	int64_t size = 0;

	if (e->c)
		return set_expr_value(c, entry, e->c, abi) << 16 | type << 8 | nr;
	if (e->type) {
		struct scope none = { .parent = NULL };
		struct rtype *t = type_resolve(c, e->type, &none);

		layout_type(c, t);
		size = t->size[abi];
	}
	return direction << 30 | size << 16 | type << 8 | nr;
}

static int64_t binary_value(struct checker *c, const struct expr *e, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (e->op) {
	case OP_OR:
		return a | b;
	case OP_AND:
		return a & b;
	case OP_XOR:
		return a ^ b;
	case OP_ADD:
		return (int64_t)(ua + ub);
	case OP_SUB:
		return (int64_t)(ua - ub);
	case OP_MUL:
		return (int64_t)(ua * ub);
	case OP_SHL:
		return ub > 63 ? 0 : (int64_t)(ua << ub);
	case OP_SHR:
		return ub > 63 ? 0 : (int64_t)(ua >> ub);
	default:
		report(c->program, e->pos, "operator is not allowed in the value of an entry");
		return 0;
	}
}

static int64_t set_expr_value(struct checker *c, struct entry *entry, const struct expr *e,
			      unsigned abi)
{
	int64_t a;

	switch (e->kind) {
	case EXPR_NUMBER:
		return e->number;
	case EXPR_NAME:
		return set_name_value(c, entry, e, abi);
	case EXPR_IOC:
		return set_ioc_value(c, entry, e, abi);
	case EXPR_SIZEOF: {
		struct scope none = { .parent = NULL };
		struct rtype *t = type_resolve(c, e->type, &none);

		layout_type(c, t);
		return t->size[abi];
	}
	case EXPR_UNARY:
		a = set_expr_value(c, entry, e->a, abi);
		return e->op == OP_NEG ? (int64_t)(0 - (uint64_t)a) : e->op == OP_INV ? ~a : !a;
	case EXPR_BINARY:
		return binary_value(c, e, set_expr_value(c, entry, e->a, abi),
				    set_expr_value(c, entry, e->b, abi));
	default:
		report(c->program, e->pos, "the value of an entry is not a constant");
		return 0;
	}
}

static void entry_resolve(struct checker *c, struct entry *entry)
{
	if (entry->valued)
		return;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		const struct expr *value = entry->value;

		for (unsigned i = 0; i < entry->overrides.count; i++)
			if (entry->overrides.at[i].abis & 1u << abi)
				value = entry->overrides.at[i].value;
		entry->values[abi] = set_expr_value(c, entry, value, abi);
	}
	entry->valued = true;
}

/* Flags share no bit unless the one written first says that it covers the other. */
static void check_overlap(struct checker *c, const struct set *set, unsigned abi)
{
	uint64_t seen = 0, covered = 0;

	for (unsigned i = 0; i < set->entries.count; i++) {
		const struct entry *entry = set->entries.at[i];
		uint64_t bits = (uint64_t)entry->values[abi];

		if (!(entry->abis & 1u << abi))
			continue;
		if (bits & seen & ~covered) {
			const struct entry *other = entry;

			for (unsigned k = 0; k < i; k++)
				if (((uint64_t)set->entries.at[k]->values[abi] & bits & ~covered) &&
				    set->entries.at[k]->abis & 1u << abi)
					other = set->entries.at[k];
			report(c->program, entry->pos, "bits of %s overlap with %s in %s",
			       entry->name, other->name, abi_text(abi));
		}
		seen |= bits;
		if (entry->covers)
			covered |= bits;
	}
}

/* The variants of a name for different ABIs are one entry to expressions. */
static struct entry *entry_merge(const struct entry *a, const struct entry *b)
{
	struct entry *merged = mem_alloc(sizeof(*merged));

	*merged = *b;
	merged->abis |= a->abis;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (!(b->abis & 1u << abi))
			merged->values[abi] = a->values[abi];
	return merged;
}

static void check_duplicates(struct checker *c, struct set *set)
{
	for (unsigned i = 0; i < set->entries.count; i++) {
		struct entry *entry = set->entries.at[i];
		struct entry *before = map_get(&set->by_name, entry->name);

		if (before && (before->abis & entry->abis))
			report(c->program, entry->pos, "%s is already in set %s", entry->name,
			       set->name);
		entry_resolve(c, entry);
		if (before)
			entry = entry_merge(before, entry);
		map_put(&set->by_name, entry->name, entry);
	}
}

void sets_resolve(struct checker *c)
{
	for (unsigned i = 0; i < c->program->const_list.count; i++)
		entry_resolve(c, c->program->const_list.at[i]);
	for (unsigned i = 0; i < c->program->set_list.count; i++) {
		struct set *set = c->program->set_list.at[i];

		check_duplicates(c, set);
		set->valued = true;
		if (set->kind == SET_FLAGS)
			for (unsigned abi = 0; abi < ABI_COUNT; abi++)
				check_overlap(c, set, abi);
	}
}

struct set *set_find(struct checker *c, const char *name, struct pos pos)
{
	struct set *set = map_get(&c->program->sets, name);

	if (!set) {
		report(c->program, pos, "unknown set %s", name);
		return NULL;
	}
	set->used |= c->rooted;
	return set;
}

int64_t entry_value(const struct entry *entry, unsigned abi)
{
	if (entry->abis & 1u << abi)
		return entry->values[abi];
	return entry->set && entry->set->kind == SET_FLAGS ? 0 : NO_VALUE;
}

static bool same_values(const struct entry *a, const struct entry *b)
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (entry_value(a, abi) != entry_value(b, abi))
			return false;
	return true;
}

/* The entry of the one set that has the name, or of sets that agree about its value. */
static struct entry *entry_unambiguous(struct checker *c, struct entry *first, struct pos pos)
{
	struct entry *entry = map_get(&first->set->by_name, first->name);

	for (struct entry *other = first->next; other; other = other->next) {
		struct entry *candidate = map_get(&other->set->by_name, other->name);

		if (same_values(entry, candidate))
			continue;
		report(c->program, pos, "%s has different values in sets %s and %s", first->name,
		       candidate->set->name, entry->set->name);
		break;
	}
	return entry;
}

struct entry *entry_find(struct checker *c, const char *name, const struct set_hint *hint,
			 struct pos pos)
{
	struct entry *entry = map_get(&c->program->entries, name);

	for (unsigned i = 0; hint && i < hint->count; i++) {
		struct entry *hinted = map_get(&hint->sets[i]->by_name, name);

		if (hinted) {
			entry = hinted;
			goto found;
		}
	}
	for (struct entry *other = entry; other; other = other->next)
		if (!other->set)
			entry = other; /* a const hides entries of sets */
	if (entry && entry->set)
		entry = entry_unambiguous(c, entry, pos);
found:
	if (entry && c->rooted) {
		entry->used = true;
		if (entry->set)
			entry->set->used = true;
	}
	return entry;
}
