#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <string.h>
#include <zlib.h>

/* inflateInit2 is a macro. 31: the largest window, and a gzip header and trailer are expected. */
static inline int cz_gunzip_init(z_stream *stream) {
    memset(stream, 0, sizeof(*stream));
    return inflateInit2(stream, 31);
}

/* Searches bytes for bytes; the header of glibc shows it to GNU sources only. */
extern void *memmem(const void *text, size_t text_count, const void *word, size_t word_count);

#endif
