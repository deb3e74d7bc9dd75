#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

/* A variable of the C library that anybody may change, which Swift does not let anybody read. */

/// The environment of this process, ended by `NULL`; valid while nothing changes it.
char *const *process_environment(void);

#endif
