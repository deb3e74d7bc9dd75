#ifndef CZIP_H
#define CZIP_H

/* libzip, looked for when the first archive is opened (dlopen(3)): it brings a library of ciphers with
   it that would otherwise be loaded at every start. */

#include <zip.h>

/// What is called of libzip, under its names without `zip_`.
struct czip {
    __typeof__(zip_open) *open;
    __typeof__(zip_discard) *discard;
    __typeof__(zip_get_num_entries) *get_num_entries;
    __typeof__(zip_stat_index) *stat_index;
    __typeof__(zip_fopen_index) *fopen_index;
    __typeof__(zip_fread) *fread;
    __typeof__(zip_fclose) *fclose;
};

/// The library, loaded once for the life of the program; `NULL` where it is not installed.
const struct czip *czip_load(void);

#endif
