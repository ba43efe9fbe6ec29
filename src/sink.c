/* SPDX-License-Identifier: MIT */
/* The outputs of a run: one for all tracees or one for each.  Called by session.c. */
#include "sink.h"

#include <errno.h>
#include <stdlib.h>

#include "mtrace/buf.h"
#include "mtrace/log.h"
#include "mtrace/xalloc.h"

bool sinks_are_separate(const struct sinks *sinks)
{
	return sinks->options->separate && sinks->options->output != NULL;
}

bool sinks_open(struct sinks *sinks, const struct options *options)
{
	*sinks = (struct sinks){ .options = options };
	if (sinks_are_separate(sinks))
		return true;
	if (output_open(&sinks->shared.output, options->output, options->append))
		return true;
	if (errno == EMFILE || errno == ENFILE)
		log_errno("Can't fopen '%s'", options->output);
	return false;
}

/* There may be more tracees than descriptors: their files are opened again when they are written to. */
static bool sinks_open_file(struct sinks *sinks, struct sink *sink, const char *path, bool append)
{
	if (output_open(&sink->output, path, append))
		return true;
	if (errno != EMFILE && errno != ENFILE)
		return false;
	for (struct sink *other = sinks->newest; other != NULL; other = other->older)
		output_suspend(&other->output);
	if (output_open(&sink->output, path, append))
		return true;
	if (errno == EMFILE || errno == ENFILE)
		log_errno("Can't fopen '%s'", path);
	return false;
}

struct sink *sinks_add(struct sinks *sinks, struct renderer *renderer, int tid)
{
	bool again = bitset_has(&sinks->used, (uint64_t)tid);
	struct buf path = { 0 };
	struct sink *sink;

	if (!sinks_are_separate(sinks))
		return &sinks->shared;
	sink = xcalloc(1, sizeof(*sink));
	buf_printf(&path, "%s.%d", sinks->options->output, tid);
	buf_add_char(&path, '\0');
	if (!sinks_open_file(sinks, sink, path.data, sinks->options->append || again)) {
		sink->output.broken = true;
		sinks->failed = true;
	}
	buf_free(&path);
	bitset_add(&sinks->used, (uint64_t)tid);
	sink->is_own = true;
	sink->older = sinks->newest;
	if (sink->older != NULL)
		sink->older->newer = sink;
	sinks->newest = sink;
	renderer->out = &sink->output.buf;
	if (again && renderer->ops->separate != NULL)
		renderer->ops->separate(renderer, tid);
	return sink;
}

void sinks_remove(struct sinks *sinks, struct sink *sink)
{
	if (!sink->is_own)
		return;
	if (!output_close(&sink->output))
		sinks->failed = true;
	if (sink->newer != NULL)
		sink->newer->older = sink->older;
	else
		sinks->newest = sink->older;
	if (sink->older != NULL)
		sink->older->newer = sink->newer;
	free(sink);
}

bool sinks_flush(struct sinks *sinks)
{
	if (!sinks_are_separate(sinks) && !output_flush(&sinks->shared.output))
		sinks->failed = true;
	for (struct sink *sink = sinks->newest; sink != NULL; sink = sink->older) {
		if (!output_flush(&sink->output))
			sinks->failed = true;
	}
	return !sinks->failed;
}

bool sinks_close(struct sinks *sinks)
{
	if (!sinks_are_separate(sinks) && !output_close(&sinks->shared.output))
		sinks->failed = true;
	while (sinks->newest != NULL)
		sinks_remove(sinks, sinks->newest);
	bitset_free(&sinks->used);
	return !sinks->failed;
}
