#include "czip.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct czip functions;
static int is_loaded;
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
    const struct {
        void *place;
        const char *name;
    } names[] = {
        {&functions.open, "zip_open"},
        {&functions.discard, "zip_discard"},
        {&functions.get_num_entries, "zip_get_num_entries"},
        {&functions.stat_index, "zip_stat_index"},
        {&functions.fopen_index, "zip_fopen_index"},
        {&functions.fread, "zip_fread"},
        {&functions.fclose, "zip_fclose"},
    };
    /* The name of its interface, or, where that is another one, of the library the header is of. */
    void *library = dlopen("libzip.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) library = dlopen("libzip.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = dlsym(library, names[i].name);
        if (found == NULL) return;
        memcpy(names[i].place, &found, sizeof found);
    }
    is_loaded = 1;
}

const struct czip *czip_load(void) {
    pthread_once(&loading, load);
    return is_loaded ? &functions : NULL;
}
