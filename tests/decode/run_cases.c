/* SPDX-License-Identifier: MIT */
/*
 * Runs golden cases (tests/decode/README.md): a call with its registers and the tracee's memory goes
 * through the engine and the renderers, and comes out as the expected line and record.  No ptrace, so
 * that every ABI runs on every host.
 *
 * usage: run_cases [-q] [-j RECORDS] FILE.case...
 *
 * -j writes to RECORDS what becomes of each case as JSON, behind the name of the case and a tab.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

struct runner {
	const char *file;
	unsigned passed;
	unsigned failed;
	bool quiet;
	FILE *records; /* -j; else NULL */
};

static void fail(struct runner *r, const struct test_case *c, enum abi_id abi, const char *what,
		 const char *want, const char *got)
{
	r->failed++;
	if (r->quiet)
		return;
	printf("FAIL %s:%u: %s [%s]: %s\n", r->file, c->line, c->name, abi_name(abi), what);
	if (want)
		printf("  want: %s\n", want);
	if (got)
		printf("  got:  %s\n", got);
}

/* What is rendered; *entry_len is how much of it stood when the call was entered. */
static void render(const struct test_case *c, struct case_memory *memory,
		   const struct render_ops *ops, struct buf *out, size_t *entry_len, bool interrupt)
{
	struct arena arena = { 0 };
	struct renderer renderer = { .ops = ops, .options = &c->options, .out = out };
	struct render_state state = { 0 };
	struct decode_source source = { .arena = &arena,
					.memory = &memory->memory,
					.resolver = &memory->resolver,
					.sp = memory->sp };
	struct call *call;

	case_memory_enter(memory);
	call = decode_enter(&source, &c->limits, memory->abi, memory->nr, memory->args);
	renderer.ops->enter(&renderer, 1, &state, call);
	*entry_len = out->len;
	case_memory_exit(memory);
	if (interrupt)
		renderer.ops->interrupt(&renderer, 1, &state, call);
	if (c->no_return) {
		renderer.ops->abandon(&renderer, 1, &state, call);
	} else {
		decode_exit(call, &source, memory->result, memory->is_error);
		renderer.ops->exit(&renderer, 1, &state, call);
	}
	arena_free(&arena);
}

static char *text_of(const struct buf *buf, size_t len)
{
	char *text;

	while (len && buf->data[len - 1] == '\n')
		len--;
	text = malloc(len + 1);
	if (len)
		memcpy(text, buf->data, len);
	text[len] = 0;
	return text;
}

/*
 * Joins "a(1 <unfinished ...>\n<... a resumed>, 2) = 0" to "a(1, 2) = 0".  What was said at entry
 * must not be said again, and nothing may be lost.
 */
static char *join_pieces(const char *text)
{
	const char *cut = strstr(text, " <unfinished ...>\n<... ");
	const char *resumed = cut ? strstr(cut, " resumed>") : NULL;
	char *joined;

	if (!resumed)
		return strdup(text);
	joined = malloc(strlen(text) + 1);
	memcpy(joined, text, (size_t)(cut - text));
	strcpy(joined + (cut - text), resumed + strlen(" resumed>"));
	return joined;
}

static void check_entry(struct runner *r, const struct test_case *c,
			const struct case_memory *memory, const char *whole, size_t entry_len)
{
	char *want = case_substitute(memory, c->entry);
	size_t len = entry_len < strlen(whole) ? entry_len : strlen(whole);
	char *got = strndup(whole, len);

	if (strcmp(want, got))
		fail(r, c, memory->abi, "entry half differs", want, got);
	free(want);
	free(got);
}

static void check_interrupted(struct runner *r, const struct test_case *c,
			      struct case_memory *memory, const char *whole)
{
	struct buf pieces = { 0 };
	size_t entry_len;
	char *text, *joined;

	render(c, memory, &text_renderer, &pieces, &entry_len, true);
	text = text_of(&pieces, pieces.len);
	joined = join_pieces(text);
	if (strcmp(joined, whole))
		fail(r, c, memory->abi, "interrupted line differs", whole, text);
	free(joined);
	free(text);
	buf_free(&pieces);
}

/* One record: kept for who validates it, and compared from its "args" on with what is wanted. */
static void check_record(struct runner *r, const struct test_case *c,
			 const struct case_memory *memory, char *record, const char *expected)
{
	char *want, *got = strstr(record, "\"args\":");

	if (r->records)
		fprintf(r->records, "%s:%u: %s [%s]\t%s\n", r->file, c->line, c->name,
			abi_name(memory->abi), record);
	if (!expected)
		return;
	want = case_substitute_json(memory, expected);
	if (got)
		*--got = '{';
	if (strcmp(want, got ? got : ""))
		fail(r, c, memory->abi, "record differs", want, got);
	free(want);
}

static void run_json(struct runner *r, const struct test_case *c, struct case_memory *memory)
{
	struct buf records = { 0 };
	size_t entry_len;
	char *text, *call;

	render(c, memory, &json_renderer, &records, &entry_len, true);
	text = text_of(&records, records.len);
	call = strchr(text, '\n');
	if (call && (size_t)(call - text) + 1 == entry_len) {
		*call++ = 0;
		check_record(r, c, memory, text, c->json_entry);
		check_record(r, c, memory, call, c->json);
	} else {
		fail(r, c, memory->abi, "not a record at entry and one at exit", NULL, text);
	}
	free(text);
	buf_free(&records);
}

static void run_abi(struct runner *r, const struct test_case *c, enum abi_id abi)
{
	struct case_memory memory;
	struct buf out = { 0 };
	size_t entry_len;
	char *want, *got, *error = case_memory_build(&memory, c, abi);

	if (error) {
		fail(r, c, abi, error, NULL, NULL);
		free(error);
		return;
	}
	render(c, &memory, &text_renderer, &out, &entry_len, false);
	want = case_substitute(&memory, c->text);
	got = text_of(&out, out.len);
	if (strcmp(want, got)) {
		fail(r, c, abi, "text differs", want, got);
	} else {
		r->passed++;
		if (c->entry)
			check_entry(r, c, &memory, got, entry_len);
		if (!c->no_return)
			check_interrupted(r, c, &memory, got);
		if (r->records || c->json || c->json_entry)
			run_json(r, c, &memory);
	}
	free(want);
	free(got);
	buf_free(&out);
	case_memory_free(&memory);
}

static void run_case(struct runner *r, const struct test_case *c)
{
	if (!c->text || !c->call) {
		fail(r, c, ABI_X86_64, "case without call or text", NULL, NULL);
		return;
	}
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (c->abis & 1u << abi)
			run_abi(r, c, (enum abi_id)abi);
}

static void run_file(struct runner *r, const char *path)
{
	struct case_reader reader;
	struct test_case *c;

	r->file = path;
	if (!case_open(&reader, path)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		r->failed++;
		return;
	}
	while ((c = case_next(&reader))) {
		run_case(r, c);
		case_free(c);
	}
	if (reader.error) {
		printf("FAIL %s:%u: %s\n", path, reader.line, reader.error);
		r->failed++;
	}
	case_close(&reader);
}

int main(int argc, char **argv)
{
	struct runner r = { 0 };

	setenv("TZ", "UTC", 1);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-q"))
			r.quiet = true;
		else if (!strcmp(argv[i], "-j") && argv[i + 1])
			r.records = fopen(argv[++i], "w");
		else
			run_file(&r, argv[i]);
	}
	printf("%u passed, %u failed\n", r.passed, r.failed);
	if (r.records && fclose(r.records))
		return 1;
	return r.failed ? 1 : 0;
}
