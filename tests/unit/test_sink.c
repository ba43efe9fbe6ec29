/* SPDX-License-Identifier: MIT */
/* Where traces go: src/sink.c and src/cli/output.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/sink.h"

static char dir[] = "/tmp/mtrace-sink-XXXXXX";
static struct buf path;

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&path);
	return rmdir(dir);
}

static const char *path_of(const char *name)
{
	buf_reset(&path);
	buf_printf(&path, "%s/%s", dir, name);
	buf_add_char(&path, '\0');
	return path.data;
}

/* Compares a file with what it should hold, and removes it. */
static void assert_file(const char *name, const char *wanted)
{
	char got[256] = "";
	FILE *file = fopen(path_of(name), "r");

	assert_non_null(file);
	got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got, wanted);
	unlink(path.data);
}

static void say(struct sink *sink, const char *text)
{
	buf_add_str(&sink->output.buf, text);
}

static void test_shared(void **state)
{
	struct renderer renderer = { .ops = &text_renderer };
	char *name = strdup(path_of("one"));
	struct options options = { .output = name };
	struct sinks sinks;

	(void)state;
	assert_true(sinks_open(&sinks, &options));
	assert_ptr_equal(sinks_add(&sinks, &renderer, 7), sinks_add(&sinks, &renderer, 8));
	say(&sinks.shared, "first\n");
	assert_true(sinks_close(&sinks));
	options.append = true;
	assert_true(sinks_open(&sinks, &options));
	say(&sinks.shared, "second\n");
	assert_true(sinks_close(&sinks));
	assert_file("one", "first\nsecond\n");
	free(name);
}

static void test_number_comes_again(void **state)
{
	struct renderer renderer = { .ops = &text_renderer };
	char *name = strdup(path_of("own"));
	struct options options = { .output = name, .separate = true };
	struct sinks sinks;
	struct sink *sink;

	(void)state;
	assert_true(sinks_open(&sinks, &options));
	sink = sinks_add(&sinks, &renderer, 7);
	say(sink, "old\n");
	sinks_remove(&sinks, sink);
	say(sinks_add(&sinks, &renderer, 7), "new\n");
	say(sinks_add(&sinks, &renderer, 8), "other\n");
	assert_true(sinks_close(&sinks));
	assert_file("own.7", "old\n+++ another process with pid 7 +++\nnew\n");
	assert_file("own.8", "other\n");
	free(name);
}

static void test_more_files_than_descriptors(void **state)
{
	struct renderer renderer = { .ops = &text_renderer };
	char *name = strdup(path_of("own"));
	struct options options = { .output = name, .separate = true };
	struct rlimit limit;
	struct rlimit few;
	struct sinks sinks;
	struct sink *all[40];

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = 16;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_true(sinks_open(&sinks, &options));
	for (int i = 0; i < 40; i++) {
		all[i] = sinks_add(&sinks, &renderer, i + 1);
		say(all[i], "a\n");
	}
	assert_false(sinks.failed);
	for (int i = 0; i < 40; i++) {
		say(all[i], "b\n");
		sinks_remove(&sinks, all[i]);
	}
	assert_true(sinks_close(&sinks));
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 40; i++) {
		char file[16];

		snprintf(file, sizeof(file), "own.%d", i + 1);
		assert_file(file, "a\nb\n");
	}
	free(name);
}

static void test_cannot_open(void **state)
{
	struct renderer renderer = { .ops = &text_renderer };
	struct options options = { .output = "/nonexistent/file", .separate = true };
	struct sinks sinks;
	int errors = dup(STDERR_FILENO);
	int null = open("/dev/null", O_WRONLY);

	(void)state;
	dup2(null, STDERR_FILENO);
	assert_true(sinks_open(&sinks, &options));
	say(sinks_add(&sinks, &renderer, 7), "lost\n");
	assert_false(sinks_flush(&sinks));
	assert_false(sinks_close(&sinks));
	options.separate = false;
	assert_false(sinks_open(&sinks, &options));
	dup2(errors, STDERR_FILENO);
	close(errors);
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_number_comes_again),
		cmocka_unit_test(test_more_files_than_descriptors),
		cmocka_unit_test(test_cannot_open),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
