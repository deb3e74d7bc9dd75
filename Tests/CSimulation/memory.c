/* SQLite's memory while programs are simulated.
 *
 * Each story opens a dozen databases and closes them: tens of thousands of small pieces come and go.
 * Here a piece that is given back waits for the next one of its size, in a list of the thread that
 * gave it back. Nothing is put together again, and what a thread has is lost when it ends. */
#include "simulation.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum {
    fine_step = 16, fine_limit = 1024, coarse_step = 256, coarse_limit = 8192,
    fine_count = fine_limit / fine_step,
    list_count = fine_count + (coarse_limit - fine_limit) / coarse_step,
    supply_size = 1 << 18
};

/* What lies before each piece: how many bytes it has, and its list; none for a large one. */
struct head {
    int32_t room, list;
};

struct piece {
    struct piece *next;
};

static __thread struct piece *lists[list_count];
/* Bytes that were in no piece yet. */
static __thread uint8_t *supply;
static __thread int supply_left;

static int list_of(int size)
{
    if (size <= fine_limit)
        return (size + fine_step - 1) / fine_step - (size > 0);
    if (size <= coarse_limit)
        return fine_count + (size - fine_limit - 1) / coarse_step;
    return -1;
}

static int round_up(int size)
{
    int list = list_of(size);
    if (list < 0)
        return (size + 7) & ~7;
    return list < fine_count ? (list + 1) * fine_step
                             : fine_limit + (list - fine_count + 1) * coarse_step;
}

static void *make_piece(int size)
{
    struct head head = {round_up(size), list_of(size)};
    int count = (int)sizeof head + head.room;
    uint8_t *start;
    if (head.list < 0) {
        start = malloc((size_t)count);
        if (!start)
            return NULL;
    } else {
        if (supply_left < count) {
            /* What is left of the last supply is not worth a list. */
            uint8_t *fresh = malloc(supply_size);
            if (!fresh)
                return NULL;
            supply = fresh;
            supply_left = supply_size;
        }
        start = supply;
        supply += count;
        supply_left -= count;
    }
    memcpy(start, &head, sizeof head);
    return start + sizeof head;
}

static struct head *head_of(void *piece)
{
    return (struct head *)piece - 1;
}

static void *allocate(int size)
{
    int list = list_of(size);
    if (list < 0 || !lists[list])
        return make_piece(size);
    struct piece *piece = lists[list];
    lists[list] = piece->next;
    return piece;
}

static void release(void *memory)
{
    int list = head_of(memory)->list;
    if (list < 0) {
        free(head_of(memory));
        return;
    }
    struct piece *piece = memory;
    piece->next = lists[list];
    lists[list] = piece;
}

static int room_of(void *memory)
{
    return memory ? head_of(memory)->room : 0;
}

static void *resize(void *memory, int size)
{
    int room = room_of(memory);
    if (size <= room)
        return memory;
    void *larger = allocate(size);
    if (!larger)
        return NULL;
    memcpy(larger, memory, (size_t)room);
    release(memory);
    return larger;
}

static int begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void end(void *context)
{
    (void)context;
}

void simulation_memory_install(void)
{
    static const sqlite3_mem_methods methods = {
        allocate, release, resize, room_of, round_up, begin, end, NULL,
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
