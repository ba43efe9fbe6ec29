/* SPDX-License-Identifier: MIT */
/* Memory, growing lists, name maps and the names of ABIs, for all of the compiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ast.h"

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		fputs("mtrace-desc: out of memory\n", stderr);
		exit(2);
	}
	return p;
}

char *mem_copy_text(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *mem_format(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = mem_alloc((size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void *list_grow(void *at, unsigned *count, unsigned *room, size_t size)
{
	if (*count == *room) {
		void *grown;

		*room = *room ? *room * 2 : 4;
		grown = mem_alloc(*room * size);
		if (*count)
			memcpy(grown, at, *count * size);
		free(at);
		at = grown;
	}
	++*count;
	return at;
}

static unsigned text_hash(const char *text)
{
	unsigned hash = 2166136261u;

	while (*text)
		hash = (hash ^ (unsigned char)*text++) * 16777619u;
	return hash;
}

static struct map_slot *map_slot(const struct map *map, const char *key)
{
	unsigned i = text_hash(key) & (map->room - 1);

	while (map->slots[i].key && strcmp(map->slots[i].key, key) != 0)
		i = (i + 1) & (map->room - 1);
	return &map->slots[i];
}

void *map_get(const struct map *map, const char *key)
{
	return map->room ? map_slot(map, key)->value : NULL;
}

void map_put(struct map *map, const char *key, void *value)
{
	struct map_slot *slot;

	if (map->count * 2 >= map->room) {
		struct map grown = { .room = map->room ? map->room * 2 : 64 };

		grown.slots = mem_alloc(grown.room * sizeof(*grown.slots));
		for (unsigned i = 0; i < map->room; i++)
			if (map->slots[i].key)
				map_put(&grown, map->slots[i].key, map->slots[i].value);
		free(map->slots);
		*map = grown;
	}
	slot = map_slot(map, key);
	if (!slot->key)
		map->count++;
	slot->key = key;
	slot->value = value;
}

static const struct {
	const char *name;
	unsigned abis;
} abi_names[] = {
	[ABI_X86_64] = { "x86_64", 1u << ABI_X86_64 },
	[ABI_X32] = { "x32", 1u << ABI_X32 },
	[ABI_I386] = { "i386", 1u << ABI_I386 },
	[ABI_AARCH64] = { "aarch64", 1u << ABI_AARCH64 },
	[ABI_ARM] = { "arm", 1u << ABI_ARM },
	[ABI_RISCV64] = { "riscv64", 1u << ABI_RISCV64 },
	{ "lp64", 1u << ABI_X86_64 | 1u << ABI_AARCH64 | 1u << ABI_RISCV64 },
	{ "ilp32", 1u << ABI_I386 | 1u << ABI_ARM },
	{ "x86", 1u << ABI_X86_64 | 1u << ABI_X32 | 1u << ABI_I386 },
	{ "generic", 1u << ABI_AARCH64 | 1u << ABI_RISCV64 },
};

unsigned abis_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(abi_names) / sizeof(abi_names[0]); i++)
		if (strcmp(abi_names[i].name, name) == 0)
			return abi_names[i].abis;
	return 0;
}

const char *abi_text(unsigned abi)
{
	return abi_names[abi].name;
}
