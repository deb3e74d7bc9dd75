#define _GNU_SOURCE
#include "file_system.h"

#include <errno.h>
#include <unistd.h>

int file_system_sync(int file) { return syncfs(file) == 0 ? 0 : errno; }
