/* What a deterministic simulation needs and Swift cannot say: a file system for SQLite that lives
 * in memory and fails on demand, and the order in which ready tasks run. */
#pragma once
#include <stdint.h>

/* ---- Disk ---------------------------------------------------------------------------------- */

/* One directory of one machine: the files SQLite keeps in it. Used by one thread. */
typedef struct simulation_volume simulation_volume;

enum simulation_operation {
    simulation_read = 1,
    simulation_write = 2,
    simulation_truncate = 4,
    simulation_sync = 8,
    simulation_open = 16,
    simulation_any = 31,
};

/* What a failing operation reports. */
enum simulation_fault {
    simulation_io_error,
    simulation_disk_full,
    /* Half of the bytes are written, then the disk is full. */
    simulation_short_write,
};

/* What is left of the bytes that were written and not synced. */
enum simulation_keep {
    /* All: the process died, the machine lives. */
    simulation_keep_all,
    /* Nothing. */
    simulation_keep_synced,
    /* Each sector or not, by chance. */
    simulation_keep_subset,
    /* The first writes; the last of them up to a sector. */
    simulation_keep_torn,
};

/* Registers the file system as SQLite's default; paths outside volumes go to the one before. */
int simulation_disk_install(void);

/* Makes an empty volume for a directory without a trailing slash, in place of one of that name. */
simulation_volume *simulation_volume_make(const char *directory, uint64_t seed);
/* Forgets a volume; open files live on until they are closed. */
void simulation_volume_free(simulation_volume *volume);
/* Makes a volume with the files of another as they are on its disk after a loss of power. */
simulation_volume *simulation_volume_image(
    simulation_volume *volume, const char *directory, enum simulation_keep keep, uint64_t seed);
/* Ends the process that has the files open, in place: what it writes from now on is not seen. */
void simulation_volume_crash(simulation_volume *volume, enum simulation_keep keep);
/* Puts the files of another volume in place of these; open files are as after a crash. */
void simulation_volume_restore(simulation_volume *volume, simulation_volume *backup);

/* How many operations of these kinds were asked for. */
int64_t simulation_volume_count(simulation_volume *volume, int operations);
/* Lets operations of these kinds fail: after `after` more of them, `count` times; -1 for ever. */
void simulation_volume_fail(
    simulation_volume *volume, int operations, int64_t after, int64_t count,
    enum simulation_fault fault);
/* Lets operations fail by chance, so many in a million. */
void simulation_volume_fail_often(
    simulation_volume *volume, int operations, uint32_t parts_in_a_million,
    enum simulation_fault fault);
/* A disk that says "synced" of a log (`-wal`) and does nothing: as synchronous=NORMAL would. */
void simulation_volume_lie_about_logs(simulation_volume *volume, int lies);
/* Calls back before an operation of these kinds. */
void simulation_volume_watch(
    simulation_volume *volume, int operations, void (*watch)(void *context), void *context);

/* Opens the database at `path` as the next program will, and lets SQLite look through it. Says whether
 * it is whole, and in `report` what was found first. */
int simulation_database_check(const char *path, char *report, int room);

/* ---- Memory -------------------------------------------------------------------------------- */

/* Gives SQLite memory that is kept from story to story; for a program in which it has not begun. */
void simulation_memory_install(void);

/* ---- Schedule ------------------------------------------------------------------------------ */

/* Takes over the tasks this thread makes ready, from now on. */
void simulation_schedule_begin(uint64_t seed);
/* Gives the thread back, once no task is ready any more. */
void simulation_schedule_end(void);
/* Runs one ready task up to its next wait, chosen by the seed; 0 if none is ready. */
int simulation_schedule_step(void);
/* Whether this thread simulates. */
int simulation_schedule_is_running(void);
