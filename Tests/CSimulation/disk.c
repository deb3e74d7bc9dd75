/* An SQLite file system in memory. See https://sqlite.org/vfs.html and os_unix.c.
 *
 *   volume ── entries (path → inode) ── inode: what programs see (content), what survives a loss
 *   of power (durable), and the writes between the two (pending), in order.
 *
 * A crash gives the volume new inodes. Handles that were open keep the old ones, which nobody else
 * sees: whatever a dead process still writes has no effect, as if it had stopped there. */
#include "simulation.h"

#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { sector = 512, lock_slots = 8 };

/* Bytes of one file, or of several that were copied and not changed since. */
struct block {
    int references;
    uint8_t data[];
};

struct bytes {
    struct block *block;
    int64_t size, room;
};

/* A write, or, without bytes, a truncation to `offset`. */
struct pending {
    struct pending *next;
    int64_t offset;
    int count;
    uint8_t data[];
};

struct inode {
    int references;
    struct bytes content, durable;
    /* Whether the name of the file is on disk. */
    int is_named;
    struct pending *first, **last;
    /* Locks of the database file. */
    int shared, reserved, pending_lock, exclusive;
    /* Shared memory of the log's index, and its locks: -1 for exclusive. */
    uint8_t **regions;
    int region_count;
    int slots[lock_slots];
};

struct entry {
    struct entry *next;
    struct inode *inode;
    char name[];
};

struct rule {
    int operations;
    int64_t after, count;
    uint32_t rate;
    enum simulation_fault fault;
};

struct simulation_volume {
    struct simulation_volume *next;
    struct entry *entries;
    uint64_t random;
    int64_t counts[5];
    struct rule rule;
    int lies_about_logs;
    int watched;
    void (*watch)(void *);
    void *context;
    int64_t generation;
    /* Which process locked a file last: SQLite deletes by name, after it locked. */
    int64_t locker;
    int references;
    char directory[];
};

struct handle {
    sqlite3_file base;
    struct simulation_volume *volume;
    struct inode *inode;
    /* The crash this handle did not survive, if the volume's number is larger. */
    int64_t generation;
    int lock;
    int is_log;
    int deletes;
    uint16_t shared_slots, exclusive_slots;
    char name[256];
};

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static struct simulation_volume *volumes;
static sqlite3_vfs *original;
static sqlite3_vfs simulated;

static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

/* -- Bytes and inodes -- */

/* The template is copied by every thread at once. */
static void release_block(struct block *block)
{
    if (block && __atomic_sub_fetch(&block->references, 1, __ATOMIC_ACQ_REL) == 0)
        free(block);
}

static int is_shared(const struct block *block)
{
    return block && __atomic_load_n(&block->references, __ATOMIC_ACQUIRE) > 1;
}

/* Makes room for changes that no copy sees. */
static void own(struct bytes *bytes, int64_t room)
{
    struct block *old = bytes->block;
    if (is_shared(old)) {
        bytes->block = malloc(sizeof *old + (size_t)room);
        memcpy(bytes->block->data, old->data, (size_t)bytes->size);
        release_block(old);
    } else {
        bytes->block = realloc(old, sizeof *old + (size_t)room);
    }
    bytes->block->references = 1;
    bytes->room = room;
}

static void put(struct bytes *bytes, int64_t offset, const void *data, int count)
{
    int64_t end = offset + count;
    if (end == 0)
        return;
    if (end > bytes->room)
        own(bytes, end + end / 2 + 4096);
    else if (is_shared(bytes->block))
        own(bytes, bytes->room);
    uint8_t *start = bytes->block->data;
    if (offset > bytes->size)
        memset(start + bytes->size, 0, (size_t)(offset - bytes->size));
    memcpy(start + offset, data, (size_t)count);
    if (end > bytes->size)
        bytes->size = end;
}

static void copy(struct bytes *to, const struct bytes *from)
{
    struct block *old = to->block;
    if (from->block)
        __atomic_add_fetch(&from->block->references, 1, __ATOMIC_RELAXED);
    *to = *from;
    release_block(old);
}

static struct inode *make_inode(void)
{
    struct inode *inode = calloc(1, sizeof *inode);
    inode->references = 1;
    inode->last = &inode->first;
    return inode;
}

static void forget_pending(struct inode *inode)
{
    while (inode->first) {
        struct pending *write = inode->first;
        inode->first = write->next;
        free(write);
    }
    inode->last = &inode->first;
}

static void release_inode(struct inode *inode)
{
    if (--inode->references > 0)
        return;
    forget_pending(inode);
    for (int i = 0; i < inode->region_count; i++)
        free(inode->regions[i]);
    free(inode->regions);
    release_block(inode->content.block);
    release_block(inode->durable.block);
    free(inode);
}

static void remember(struct inode *inode, int64_t offset, const void *data, int count)
{
    struct pending *write = malloc(sizeof *write + (size_t)count);
    write->next = NULL;
    write->offset = offset;
    write->count = count;
    if (count > 0)
        memcpy(write->data, data, (size_t)count);
    *inode->last = write;
    inode->last = &write->next;
}

static void apply(struct bytes *bytes, const struct pending *write)
{
    if (write->count > 0)
        put(bytes, write->offset, write->data, write->count);
    else if (write->offset < bytes->size)
        bytes->size = write->offset;
}

static void make_durable(struct inode *inode)
{
    for (struct pending *write = inode->first; write; write = write->next)
        apply(&inode->durable, write);
    forget_pending(inode);
    inode->is_named = 1;
}

/* What is found of a file afterwards; NULL if it is gone with its name. */
static struct inode *survivor(struct inode *inode, enum simulation_keep keep, uint64_t *random)
{
    int is_lucky = keep != simulation_keep_synced && next_random(random) % 2;
    if (keep != simulation_keep_all && !inode->is_named && !is_lucky)
        return NULL;
    struct inode *left = make_inode();
    copy(&left->content, keep == simulation_keep_all ? &inode->content : &inode->durable);
    int count = 0;
    for (struct pending *write = inode->first; write; write = write->next)
        count++;
    int whole = count > 0 ? (int)(next_random(random) % (uint64_t)count) : 0;
    int number = 0;
    for (struct pending *write = inode->first; write; write = write->next, number++) {
        if (keep == simulation_keep_subset) {
            if (write->count == 0 && next_random(random) % 2)
                apply(&left->content, write);
            for (int start = 0; start < write->count; start += sector) {
                int length = write->count - start < sector ? write->count - start : sector;
                if (next_random(random) % 2)
                    put(&left->content, write->offset + start, write->data + start, length);
            }
        } else if (keep == simulation_keep_torn && number < whole) {
            apply(&left->content, write);
        } else if (keep == simulation_keep_torn && number == whole && write->count > 0) {
            int length = (int)(next_random(random) % (uint64_t)write->count);
            if (length > sector)
                length -= length % sector;
            put(&left->content, write->offset, write->data, length);
        }
    }
    /* The machine has started again: what is there is all there is. */
    copy(&left->durable, &left->content);
    left->is_named = 1;
    if (keep == simulation_keep_all) {
        left->is_named = inode->is_named;
        copy(&left->durable, &inode->durable);
        for (struct pending *write = inode->first; write; write = write->next)
            remember(left, write->offset, write->data, write->count);
    }
    return left;
}

/* -- Volumes -- */

static struct entry **find(struct simulation_volume *volume, const char *name)
{
    struct entry **entry = &volume->entries;
    while (*entry && strcmp((*entry)->name, name) != 0)
        entry = &(*entry)->next;
    return entry;
}

static struct inode *add(struct simulation_volume *volume, const char *name, struct inode *inode)
{
    struct entry *entry = malloc(sizeof *entry + strlen(name) + 1);
    strcpy(entry->name, name);
    entry->inode = inode;
    entry->next = volume->entries;
    volume->entries = entry;
    return inode;
}

static void drop(struct entry **place)
{
    struct entry *entry = *place;
    *place = entry->next;
    release_inode(entry->inode);
    free(entry);
}

static void release_volume(struct simulation_volume *volume)
{
    pthread_mutex_lock(&registry);
    int left = --volume->references;
    pthread_mutex_unlock(&registry);
    if (left == 0)
        free(volume);
}

/* The volume a path is in, and the name of the file there. */
static struct simulation_volume *volume_of(const char *path, const char **name)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash)
        return NULL;
    size_t length = (size_t)(slash - path);
    pthread_mutex_lock(&registry);
    struct simulation_volume *volume = volumes;
    while (volume
        && !(strlen(volume->directory) == length && !strncmp(volume->directory, path, length)))
        volume = volume->next;
    pthread_mutex_unlock(&registry);
    *name = slash + 1;
    return volume;
}

static void unregister(struct simulation_volume *volume)
{
    pthread_mutex_lock(&registry);
    struct simulation_volume **place = &volumes;
    while (*place && *place != volume)
        place = &(*place)->next;
    if (*place)
        *place = volume->next;
    pthread_mutex_unlock(&registry);
}

void simulation_volume_free(simulation_volume *volume)
{
    unregister(volume);
    while (volume->entries)
        drop(&volume->entries);
    volume->generation++;
    release_volume(volume);
}

simulation_volume *simulation_volume_make(const char *directory, uint64_t seed)
{
    struct simulation_volume *volume = calloc(1, sizeof *volume + strlen(directory) + 1);
    strcpy(volume->directory, directory);
    volume->random = seed;
    volume->references = 1;
    const char *name;
    char path[512];
    sqlite3_snprintf(sizeof path, path, "%s/x", directory);
    struct simulation_volume *old = volume_of(path, &name);
    if (old)
        unregister(old);
    pthread_mutex_lock(&registry);
    volume->next = volumes;
    volumes = volume;
    pthread_mutex_unlock(&registry);
    return volume;
}

simulation_volume *simulation_volume_image(
    simulation_volume *volume, const char *directory, enum simulation_keep keep, uint64_t seed)
{
    simulation_volume *image = simulation_volume_make(directory, seed);
    for (struct entry *entry = volume->entries; entry; entry = entry->next) {
        struct inode *left = survivor(entry->inode, keep, &image->random);
        if (left)
            add(image, entry->name, left);
    }
    return image;
}

void simulation_volume_crash(simulation_volume *volume, enum simulation_keep keep)
{
    struct entry *old = volume->entries;
    volume->entries = NULL;
    volume->generation++;
    while (old) {
        struct inode *left = survivor(old->inode, keep, &volume->random);
        if (left)
            add(volume, old->name, left);
        drop(&old);
    }
}

void simulation_volume_restore(simulation_volume *volume, simulation_volume *backup)
{
    volume->generation++;
    while (volume->entries)
        drop(&volume->entries);
    for (struct entry *entry = backup->entries; entry; entry = entry->next)
        add(volume, entry->name, survivor(entry->inode, simulation_keep_all, &volume->random));
}

static int number_of(int operation)
{
    return __builtin_ctz((unsigned)operation);
}

int64_t simulation_volume_count(simulation_volume *volume, int operations)
{
    int64_t count = 0;
    for (int number = 0; number < 5; number++)
        if (operations & 1 << number)
            count += volume->counts[number];
    return count;
}

void simulation_volume_fail(
    simulation_volume *volume, int operations, int64_t after, int64_t count,
    enum simulation_fault fault)
{
    volume->rule = (struct rule){operations, after, count, 0, fault};
}

void simulation_volume_fail_often(
    simulation_volume *volume, int operations, uint32_t rate, enum simulation_fault fault)
{
    volume->rule = (struct rule){operations, 0, 0, rate, fault};
}

void simulation_volume_lie_about_logs(simulation_volume *volume, int lies)
{
    volume->lies_about_logs = lies;
}

void simulation_volume_watch(
    simulation_volume *volume, int operations, void (*watch)(void *), void *context)
{
    volume->watched = operations;
    volume->watch = watch;
    volume->context = context;
}

/* Counts an operation and says whether it fails. A dead process is not counted any more. */
static int fails(struct handle *handle, int operation, enum simulation_fault *fault)
{
    struct simulation_volume *volume = handle->volume;
    if (handle->generation != volume->generation)
        return 0;
    if (volume->watched & operation)
        volume->watch(volume->context);
    if (handle->generation != volume->generation)
        return 0;
    volume->counts[number_of(operation)]++;
    struct rule *rule = &volume->rule;
    if (!(rule->operations & operation))
        return 0;
    *fault = rule->fault;
    if (rule->rate > 0)
        return next_random(&volume->random) % 1000000 < rule->rate;
    if (rule->after > 0) {
        rule->after--;
        return 0;
    }
    if (rule->count == 0)
        return 0;
    if (rule->count > 0)
        rule->count--;
    return 1;
}

/* -- Files -- */

static int close_file(sqlite3_file *file)
{
    struct handle *handle = (struct handle *)file;
    if (handle->deletes && handle->generation == handle->volume->generation) {
        struct entry **place = find(handle->volume, handle->name);
        if (*place)
            drop(place);
    }
    release_inode(handle->inode);
    release_volume(handle->volume);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *to, int count, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    enum simulation_fault fault;
    if (fails(handle, simulation_read, &fault))
        return SQLITE_IOERR_READ;
    struct bytes *content = &handle->inode->content;
    int64_t there = content->size - offset;
    if (there >= count) {
        memcpy(to, content->block->data + offset, (size_t)count);
        return SQLITE_OK;
    }
    if (there < 0)
        there = 0;
    if (there > 0)
        memcpy(to, content->block->data + offset, (size_t)there);
    memset((uint8_t *)to + there, 0, (size_t)(count - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *file, const void *from, int count, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    enum simulation_fault fault;
    int status = SQLITE_OK;
    if (fails(handle, simulation_write, &fault)) {
        if (fault == simulation_io_error)
            return SQLITE_IOERR_WRITE;
        if (fault == simulation_disk_full)
            return SQLITE_FULL;
        status = SQLITE_FULL;
        count /= 2;
    }
    put(&handle->inode->content, offset, from, count);
    remember(handle->inode, offset, from, count);
    return status;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    struct handle *handle = (struct handle *)file;
    enum simulation_fault fault;
    if (fails(handle, simulation_truncate, &fault))
        return SQLITE_IOERR_TRUNCATE;
    if (size < handle->inode->content.size)
        handle->inode->content.size = size;
    remember(handle->inode, size, NULL, 0);
    return SQLITE_OK;
}

static int sync_file(sqlite3_file *file, int flags)
{
    (void)flags;
    struct handle *handle = (struct handle *)file;
    enum simulation_fault fault;
    if (fails(handle, simulation_sync, &fault))
        return SQLITE_IOERR_FSYNC;
    if (!(handle->is_log && handle->volume->lies_about_logs))
        make_durable(handle->inode);
    return SQLITE_OK;
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = ((struct handle *)file)->inode->content.size;
    return SQLITE_OK;
}

static int lock_file(sqlite3_file *file, int level)
{
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    handle->volume->locker = handle->generation;
    if (handle->lock >= level)
        return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
        if (inode->pending_lock || inode->exclusive)
            return SQLITE_BUSY;
        inode->shared++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (inode->reserved)
            return SQLITE_BUSY;
        inode->reserved = 1;
    } else {
        if (handle->lock < SQLITE_LOCK_RESERVED && inode->reserved)
            return SQLITE_BUSY;
        if (handle->lock < SQLITE_LOCK_PENDING && inode->pending_lock)
            return SQLITE_BUSY;
        inode->reserved = 1;
        inode->pending_lock = 1;
        handle->lock = SQLITE_LOCK_PENDING;
        if (inode->shared > 1)
            return SQLITE_BUSY;
        inode->exclusive = 1;
    }
    handle->lock = level;
    return SQLITE_OK;
}

static int unlock_file(sqlite3_file *file, int level)
{
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    if (handle->lock <= level)
        return SQLITE_OK;
    if (handle->lock >= SQLITE_LOCK_RESERVED)
        inode->reserved = 0;
    if (handle->lock >= SQLITE_LOCK_PENDING)
        inode->pending_lock = inode->exclusive = 0;
    if (level == SQLITE_LOCK_NONE)
        inode->shared--;
    handle->lock = level;
    return SQLITE_OK;
}

static int is_reserved(sqlite3_file *file, int *answer)
{
    *answer = ((struct handle *)file)->inode->reserved;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int device_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int map_shared(
    sqlite3_file *file, int region, int size, int extends, void volatile **memory)
{
    struct inode *inode = ((struct handle *)file)->inode;
    *memory = NULL;
    if (region >= inode->region_count) {
        if (!extends)
            return SQLITE_OK;
        size_t count = (size_t)region + 1;
        inode->regions = realloc(inode->regions, count * sizeof *inode->regions);
        while (inode->region_count <= region)
            inode->regions[inode->region_count++] = calloc(1, (size_t)size);
    }
    *memory = inode->regions[region];
    return SQLITE_OK;
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    uint16_t mask = (uint16_t)(((1u << count) - 1) << offset);
    int is_exclusive = flags & SQLITE_SHM_EXCLUSIVE;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (int slot = offset; slot < offset + count; slot++) {
            if (handle->exclusive_slots & 1u << slot)
                inode->slots[slot] = 0;
            else if (handle->shared_slots & 1u << slot)
                inode->slots[slot]--;
        }
        handle->exclusive_slots &= (uint16_t)~mask;
        handle->shared_slots &= (uint16_t)~mask;
        return SQLITE_OK;
    }
    for (int slot = offset; slot < offset + count; slot++) {
        int own = (handle->shared_slots & 1u << slot) != 0;
        if (is_exclusive ? inode->slots[slot] != 0 : inode->slots[slot] < 0 && !own)
            return SQLITE_BUSY;
    }
    for (int slot = offset; slot < offset + count; slot++) {
        if (is_exclusive)
            inode->slots[slot] = -1;
        else if (!(handle->shared_slots & 1u << slot))
            inode->slots[slot]++;
    }
    if (is_exclusive)
        handle->exclusive_slots |= mask;
    else
        handle->shared_slots |= mask;
    return SQLITE_OK;
}

static void shared_barrier(sqlite3_file *file)
{
    (void)file;
    __sync_synchronize();
}

static int unmap_shared(sqlite3_file *file, int deletes)
{
    struct handle *handle = (struct handle *)file;
    lock_shared(file, 0, lock_slots, SQLITE_SHM_UNLOCK);
    if (deletes) {
        for (int i = 0; i < handle->inode->region_count; i++)
            free(handle->inode->regions[i]);
        free(handle->inode->regions);
        handle->inode->regions = NULL;
        handle->inode->region_count = 0;
    }
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2, close_file, read_file, write_file, truncate_file, sync_file, size_of_file, lock_file,
    unlock_file, is_reserved, control_file, sector_size, device_characteristics, map_shared,
    lock_shared, shared_barrier, unmap_shared, NULL, NULL,
};

/* -- The file system -- */

static int open_file(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *given)
{
    (void)vfs;
    const char *name;
    struct simulation_volume *volume = volume_of(path, &name);
    if (!volume)
        return original->xOpen(original, path, file, flags, given);
    struct handle *handle = (struct handle *)file;
    memset(handle, 0, sizeof *handle);
    handle->volume = volume;
    handle->generation = volume->generation;
    enum simulation_fault fault;
    if (fails(handle, simulation_open, &fault))
        return fault == simulation_io_error ? SQLITE_CANTOPEN : SQLITE_FULL;
    struct entry **place = find(volume, name);
    if (!*place && !(flags & SQLITE_OPEN_CREATE))
        return SQLITE_CANTOPEN;
    struct inode *inode = *place ? (*place)->inode : add(volume, name, make_inode());
    inode->references++;
    pthread_mutex_lock(&registry);
    volume->references++;
    pthread_mutex_unlock(&registry);
    handle->inode = inode;
    handle->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    handle->deletes = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    sqlite3_snprintf(sizeof handle->name, handle->name, "%s", name);
    if (given)
        *given = flags;
    file->pMethods = &methods;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs)
{
    (void)vfs;
    const char *name;
    struct simulation_volume *volume = volume_of(path, &name);
    if (!volume)
        return original->xDelete(original, path, syncs);
    struct entry **place = find(volume, name);
    if (!*place)
        return SQLITE_IOERR_DELETE_NOENT;
    if (volume->locker == volume->generation)
        drop(place);
    return SQLITE_OK;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *answer)
{
    (void)vfs;
    const char *name;
    struct simulation_volume *volume = volume_of(path, &name);
    if (!volume)
        return original->xAccess(original, path, flags, answer);
    struct entry **place = find(volume, name);
    *answer = *place && (flags != SQLITE_ACCESS_EXISTS || (*place)->inode->content.size > 0);
    return SQLITE_OK;
}

int simulation_disk_install(void)
{
    pthread_mutex_lock(&registry);
    int status = SQLITE_OK;
    if (!original) {
        /* Nobody asks how much SQLite has; unless another part of the program began with it. */
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        simulation_memory_install();
        sqlite3_initialize();
        /* Disks come and go with each seed: their memory is kept for the next one. */
        mallopt(M_MMAP_THRESHOLD, 1 << 30);
        mallopt(M_TRIM_THRESHOLD, 1 << 30);
        original = sqlite3_vfs_find(NULL);
        simulated = *original;
        simulated.zName = "accord-simulation";
        simulated.pNext = NULL;
        if (simulated.szOsFile < (int)sizeof(struct handle))
            simulated.szOsFile = (int)sizeof(struct handle);
        simulated.xOpen = open_file;
        simulated.xDelete = delete_file;
        simulated.xAccess = access_file;
        status = sqlite3_vfs_register(&simulated, 1);
    }
    pthread_mutex_unlock(&registry);
    return status;
}

int simulation_database_check(const char *path, char *report, int room)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *check = NULL;
    int status = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_prepare_v2(database, "PRAGMA quick_check", -1, &check, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(check);
    const char *text = status == SQLITE_ROW ? (const char *)sqlite3_column_text(check, 0) : NULL;
    sqlite3_snprintf(room, report, "%s", text ? text : sqlite3_errmsg(database));
    int is_whole = text && !strcmp(text, "ok") && sqlite3_step(check) == SQLITE_DONE;
    sqlite3_finalize(check);
    sqlite3_close(database);
    return is_whole;
}
