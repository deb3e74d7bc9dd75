/* Runs Swift tasks one at a time, on one thread, in an order that follows from a number.
 *
 * Swift's runtime hands every task that becomes ready to a hook, if there is one
 * (swift/Runtime/ConcurrencyHooks.def). Ours keeps those of a simulating thread in a list; all
 * others go where they would have gone. */
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

#define SWIFT __attribute__((swiftcall))

typedef SWIFT void (*enqueue_original)(void *job);
extern SWIFT void (*swift_task_enqueueGlobal_hook)(void *job, enqueue_original original);
extern SWIFT void swift_job_run(void *job, void *executor, uintptr_t implementation);

struct schedule {
    void **ready;
    int count, room;
    uint64_t random;
};

static __thread struct schedule *current;

static uint64_t next_random(void)
{
    uint64_t mixed = current->random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static void make_ready(void *job)
{
    if (current->count == current->room) {
        current->room = current->room * 2 + 16;
        current->ready = realloc(current->ready, (size_t)current->room * sizeof(void *));
    }
    current->ready[current->count++] = job;
}

static SWIFT void enqueued(void *job, enqueue_original original)
{
    if (current)
        make_ready(job);
    else
        original(job);
}

void simulation_schedule_begin(uint64_t seed)
{
    current = calloc(1, sizeof *current);
    current->random = seed;
    /* Every thread stores the same pointer: the hook asks for the thread itself. */
    swift_task_enqueueGlobal_hook = enqueued;
}

int simulation_schedule_step(void)
{
    if (current->count == 0)
        return 0;
    int chosen = (int)(next_random() % (uint64_t)current->count);
    void *job = current->ready[chosen];
    memmove(
        current->ready + chosen, current->ready + chosen + 1,
        (size_t)(current->count - chosen - 1) * sizeof(void *));
    current->count--;
    swift_job_run(job, NULL, 0);
    return 1;
}

int simulation_schedule_is_running(void)
{
    return current != NULL;
}

void simulation_schedule_end(void)
{
    while (simulation_schedule_step())
        ;
    free(current->ready);
    free(current);
    current = NULL;
}
