/* SPDX-License-Identifier: MIT */
/* Prints the rows of system_*.c: "struct member offset size", "-" for the struct as a whole. */
#include <stdio.h>

#include "layout.h"

static void print_rows(const struct layout_row *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		printf("%s %s %u %u\n", rows[i].name, rows[i].member ? rows[i].member : "-",
		       rows[i].offset, rows[i].size);
}

int main(void)
{
	print_rows(kernel_layout, kernel_layout_count);
	print_rows(libc_layout, libc_layout_count);
	return 0;
}
