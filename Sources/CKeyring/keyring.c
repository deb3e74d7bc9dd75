#define _GNU_SOURCE
#include "keyring.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is called of GLib and libsecret, as their stable interfaces declare it: an object is a
   pointer, a list begins with its element. */
typedef struct {
    void *element;
} list;
typedef void free_function(void *);

static struct {
    unsigned (*hash)(const void *);
    int (*equal)(const void *, const void *);
    void *(*table_new)(void *hash, void *equal);
    int (*table_insert)(void *table, void *key, void *value);
    void (*table_unref)(void *table);
    void (*list_free)(list *, free_function *);
    void (*error_free)(void *);
    free_function *unref;
    void (*set_log_writer)(void *writer, void *data, void *destroy);
    void *(*cancellable_new)(void);
    void (*cancel)(void *cancellable);
    void *(*bus_get)(int kind, void *cancellable, void **error);
    void (*set_exit_on_close)(void *connection, int does);
    const char *(*object_path)(void *proxy);
    void *(*service_get)(int flags, void *cancellable, void **error);
    list *(*search)(void *service, void *schema, void *attributes, int flags, void *cancellable,
                    void **error);
    void *(*collection_for_alias)(void *service, const char *alias, int flags, void *cancellable,
                                  void **error);
    int (*collection_is_locked)(void *collection);
    void *(*item_create)(void *collection, void *schema, void *attributes, const char *label,
                         void *value, int flags, void *cancellable, void **error);
    int (*item_is_locked)(void *item);
    int (*item_load)(void *item, void *cancellable, void **error);
    void *(*item_secret)(void *item);
    int (*item_delete)(void *item, void *cancellable, void **error);
    void *(*value_new)(const char *bytes, long length, const char *kind);
    const char *(*value_get)(void *value, unsigned long *length);
    void (*value_unref)(void *value);
} call;

enum {
    SESSION_BUS = 2,
    OPEN_SESSION = 1 << 1,
    ITEM_REPLACE = 1 << 1,
    HANDLED = 1,
};

static int is_loaded;
static pthread_once_t loading = PTHREAD_ONCE_INIT;

/* What the libraries have to say would stand in the middle of a screen. */
static int say_nothing(int level, const void *fields, unsigned long count, void *data) {
    (void)level, (void)fields, (void)count, (void)data;
    return HANDLED;
}

static void load(void) {
    const struct {
        void *place;
        const char *name;
    } names[] = {
        {&call.hash, "g_str_hash"},
        {&call.equal, "g_str_equal"},
        {&call.table_new, "g_hash_table_new"},
        {&call.table_insert, "g_hash_table_insert"},
        {&call.table_unref, "g_hash_table_unref"},
        {&call.list_free, "g_list_free_full"},
        {&call.error_free, "g_error_free"},
        {&call.unref, "g_object_unref"},
        {&call.set_log_writer, "g_log_set_writer_func"},
        {&call.cancellable_new, "g_cancellable_new"},
        {&call.cancel, "g_cancellable_cancel"},
        {&call.bus_get, "g_bus_get_sync"},
        {&call.set_exit_on_close, "g_dbus_connection_set_exit_on_close"},
        {&call.object_path, "g_dbus_proxy_get_object_path"},
        {&call.service_get, "secret_service_get_sync"},
        {&call.search, "secret_service_search_sync"},
        {&call.collection_for_alias, "secret_collection_for_alias_sync"},
        {&call.collection_is_locked, "secret_collection_get_locked"},
        {&call.item_create, "secret_item_create_sync"},
        {&call.item_is_locked, "secret_item_get_locked"},
        {&call.item_load, "secret_item_load_secret_sync"},
        {&call.item_secret, "secret_item_get_secret"},
        {&call.item_delete, "secret_item_delete_sync"},
        {&call.value_new, "secret_value_new"},
        {&call.value_get, "secret_value_get"},
        {&call.value_unref, "secret_value_unref"},
    };
    /* It stays for the life of the program: GLib cannot be unloaded. */
    void *library = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = dlsym(library, names[i].name);
        if (found == NULL) return;
        memcpy(names[i].place, &found, sizeof found);
    }
    call.set_log_writer(say_nothing, NULL, NULL);
    is_loaded = 1;
}

/* Whether the session bus listens at a socket of this machine. Where no address is known GLib would
   start a bus of its own, and an address may name a program or another machine. */
static int bus_is_local(void) {
    const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
    if (address != NULL) {
        for (const char *part = address; part != NULL; part = strchr(part, ';')) {
            if (*part == ';') part++;
            if (*part != '\0' && strncmp(part, "unix:", 5) != 0) return 0;
        }
        return *address != '\0';
    }
    const char *folder = getenv("XDG_RUNTIME_DIR");
    char path[4096];
    struct stat status;
    if (folder == NULL) return 0;
    const int length = snprintf(path, sizeof path, "%s/bus", folder);
    return length > 0 && (size_t)length < sizeof path && stat(path, &status) == 0 &&
           S_ISSOCK(status.st_mode) && status.st_uid == geteuid();
}

/* One call: made on a thread of its own, waited for as long as the caller wants to. */
struct job {
    enum keyring_answer (*work)(struct job *);
    char *key, *name, *label;
    unsigned char secret[KEYRING_SECRET_BYTES];
    void *cancellable;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum keyring_answer answer;
    int is_done, is_left;
};

static void job_free(struct job *job) {
    if (job->cancellable != NULL) call.unref(job->cancellable);
    explicit_bzero(job->secret, sizeof job->secret);
    free(job->key);
    free(job->name);
    free(job->label);
    pthread_mutex_destroy(&job->lock);
    pthread_cond_destroy(&job->changed);
    free(job);
}

static void *attributes_of(struct job *job) {
    void *table = call.table_new((void *)call.hash, (void *)call.equal);
    call.table_insert(table, "xdg:schema", "org.accord.Vault");
    call.table_insert(table, "service", "accord");
    call.table_insert(table, "key", job->key);
    call.table_insert(table, "secret", job->name);
    return table;
}

/* Whether a call failed; what it says of that is for nobody. */
static int failed(void **error) {
    if (*error == NULL) return 0;
    call.error_free(*error);
    *error = NULL;
    return 1;
}

static void *service_of(struct job *job) {
    void *error = NULL;
    void *bus = call.bus_get(SESSION_BUS, job->cancellable, &error);
    if (failed(&error) || bus == NULL) return NULL;
    /* Or the end of the bus would be the end of this program. */
    call.set_exit_on_close(bus, 0);
    void *service = call.service_get(OPEN_SESSION, job->cancellable, &error);
    /* The service holds the bus, and the library holds the service. */
    call.unref(bus);
    return failed(&error) ? NULL : service;
}

/* The collection that secrets go to, open and lasting. */
static enum keyring_answer default_collection(struct job *job, void *service, void **collection) {
    void *error = NULL;
    void *found = call.collection_for_alias(service, "default", 0, job->cancellable, &error);
    if (failed(&error)) return KEYRING_UNREACHABLE;
    if (found == NULL) return KEYRING_NO_PLACE;
    const char *path = call.object_path(found), *last = path ? strrchr(path, '/') : NULL;
    const int is_fleeting = last != NULL && strcmp(last, "/session") == 0;
    const int is_locked = call.collection_is_locked(found);
    if (is_fleeting || is_locked) {
        call.unref(found);
        return is_fleeting ? KEYRING_NO_PLACE : KEYRING_LOCKED;
    }
    *collection = found;
    return KEYRING_DONE;
}

static enum keyring_answer check(struct job *job) {
    void *service = service_of(job), *collection = NULL;
    if (service == NULL) return KEYRING_UNREACHABLE;
    const enum keyring_answer answer = default_collection(job, service, &collection);
    if (answer == KEYRING_DONE) call.unref(collection);
    call.unref(service);
    return answer;
}

static enum keyring_answer store(struct job *job) {
    void *service = service_of(job), *collection = NULL, *error = NULL;
    if (service == NULL) return KEYRING_UNREACHABLE;
    enum keyring_answer answer = default_collection(job, service, &collection);
    if (answer == KEYRING_DONE) {
        void *table = attributes_of(job);
        void *value = call.value_new((const char *)job->secret, sizeof job->secret,
                                     "application/octet-stream");
        void *item = call.item_create(collection, NULL, table, job->label, value, ITEM_REPLACE,
                                      job->cancellable, &error);
        answer = failed(&error) || item == NULL ? KEYRING_REFUSED : KEYRING_DONE;
        if (item != NULL) call.unref(item);
        call.value_unref(value);
        call.table_unref(table);
        call.unref(collection);
    }
    call.unref(service);
    return answer;
}

/* Takes the secret out of an open item. */
static enum keyring_answer load_item(struct job *job, void *item) {
    void *error = NULL;
    call.item_load(item, job->cancellable, &error);
    if (failed(&error)) return KEYRING_REFUSED;
    void *value = call.item_secret(item);
    if (value == NULL) return KEYRING_MISSING;
    unsigned long length = 0;
    const char *bytes = call.value_get(value, &length);
    const int fits = length == sizeof job->secret;
    if (fits) memcpy(job->secret, bytes, length);
    call.value_unref(value);
    return fits ? KEYRING_DONE : KEYRING_MISSING;
}

static enum keyring_answer delete_item(struct job *job, void *item) {
    void *error = NULL;
    call.item_delete(item, job->cancellable, &error);
    return failed(&error) ? KEYRING_REFUSED : KEYRING_DONE;
}

/* Finds the item, without asking anybody to unlock it, and does something with it. */
static enum keyring_answer with_item(struct job *job,
                                     enum keyring_answer (*use)(struct job *, void *)) {
    void *service = service_of(job), *error = NULL, *collection = NULL;
    if (service == NULL) return KEYRING_UNREACHABLE;
    void *table = attributes_of(job);
    list *items = call.search(service, NULL, table, 0, job->cancellable, &error);
    call.table_unref(table);
    enum keyring_answer answer = KEYRING_UNREACHABLE;
    if (!failed(&error)) {
        if (items != NULL) {
            answer = call.item_is_locked(items->element) ? KEYRING_LOCKED
                                                         : use(job, items->element);
        } else {
            /* Some do not look into what is locked. */
            answer = default_collection(job, service, &collection);
            if (answer == KEYRING_DONE) call.unref(collection);
            if (answer == KEYRING_DONE || answer == KEYRING_NO_PLACE) answer = KEYRING_MISSING;
        }
    }
    if (items != NULL) call.list_free(items, call.unref);
    call.unref(service);
    return answer;
}

static enum keyring_answer read_secret(struct job *job) { return with_item(job, load_item); }

static enum keyring_answer delete_secret(struct job *job) { return with_item(job, delete_item); }

static void *run(void *given) {
    struct job *job = given;
    pthread_once(&loading, load);
    enum keyring_answer answer = KEYRING_UNREACHABLE;
    if (is_loaded) {
        pthread_mutex_lock(&job->lock);
        job->cancellable = call.cancellable_new();
        const int is_left = job->is_left;
        pthread_mutex_unlock(&job->lock);
        if (!is_left) answer = job->work(job);
    }
    pthread_mutex_lock(&job->lock);
    job->answer = answer;
    job->is_done = 1;
    const int is_left = job->is_left;
    pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&job->lock);
    if (is_left) job_free(job);
    return NULL;
}

/* No signal of the program is handled on a thread of the keyring. */
static int start(struct job *job) {
    pthread_t thread;
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &former);
    const int problem = pthread_create(&thread, NULL, run, job);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    if (problem == 0) pthread_detach(thread);
    return problem == 0;
}

static char *copy(const char *text) { return text == NULL ? NULL : strdup(text); }

/* Makes a call and waits for it; one that takes longer is cancelled and left to itself. */
static enum keyring_answer ask(enum keyring_answer (*work)(struct job *), const char *key,
                               const char *name, const char *label, unsigned char *given,
                               unsigned char *taken, int limit) {
    if (!bus_is_local()) return KEYRING_UNREACHABLE;
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) return KEYRING_UNREACHABLE;
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->changed, NULL);
    job->work = work;
    job->key = copy(key);
    job->name = copy(name);
    job->label = copy(label);
    if (given != NULL) memcpy(job->secret, given, sizeof job->secret);
    if (!start(job)) {
        job_free(job);
        return KEYRING_UNREACHABLE;
    }
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += limit / 1000;
    end.tv_nsec += (long)(limit % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    int is_late = 0;
    pthread_mutex_lock(&job->lock);
    while (!job->is_done && !is_late)
        is_late = pthread_cond_clockwait(&job->changed, &job->lock, CLOCK_MONOTONIC, &end) != 0;
    const int is_done = job->is_done;
    const enum keyring_answer answer = job->answer;
    job->is_left = !is_done;
    if (!is_done && job->cancellable != NULL) call.cancel(job->cancellable);
    if (is_done && answer == KEYRING_DONE && taken != NULL)
        memcpy(taken, job->secret, sizeof job->secret);
    pthread_mutex_unlock(&job->lock);
    if (!is_done) return KEYRING_SILENT;
    job_free(job);
    return answer;
}

enum keyring_answer keyring_check(int limit) {
    return ask(check, NULL, NULL, NULL, NULL, NULL, limit);
}

enum keyring_answer keyring_store(const char *key, const char *name, const char *label,
                                  const unsigned char *secret, int limit) {
    return ask(store, key, name, label, (unsigned char *)secret, NULL, limit);
}

enum keyring_answer keyring_read(const char *key, const char *name, unsigned char *secret,
                                 int limit) {
    return ask(read_secret, key, name, NULL, NULL, secret, limit);
}

enum keyring_answer keyring_delete(const char *key, const char *name, int limit) {
    return ask(delete_secret, key, name, NULL, NULL, NULL, limit);
}
