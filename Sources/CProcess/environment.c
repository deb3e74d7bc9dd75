#define _GNU_SOURCE
#include "environment.h"

#include <unistd.h>

char *const *process_environment(void) { return environ; }
