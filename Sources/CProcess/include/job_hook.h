#ifndef JOB_HOOK_H
#define JOB_HOOK_H

/* The Swift runtime's own way to replace its global executor (swift/Runtime/Concurrency.h): a
   variable, which the linker has to find, in its libraries and where they are linked into the
   program alike. dlsym(3) finds it in the first case alone. */

/// Gets every job that belongs to no actor, and what the runtime would have done with it.
typedef void (*job_hook)(void *job, void *original);

/// From here on such jobs go to `hook`; call it before anything runs concurrently.
void job_hook_install(job_hook hook);

#endif
