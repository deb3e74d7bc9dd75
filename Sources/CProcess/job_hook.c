#include "job_hook.h"

/* The runtime calls it by Swift's convention, which for two pointers is C's. */
extern job_hook swift_task_enqueueGlobal_hook;

void job_hook_install(job_hook hook) { swift_task_enqueueGlobal_hook = hook; }
