#include "main_loop.h"

#include <stdint.h>
#include <unistd.h>

extern int _dispatch_get_main_queue_handle_4CF(void);
extern void _dispatch_main_queue_callback_4CF(void *);

int main_queue_descriptor(void) { return _dispatch_get_main_queue_handle_4CF(); }

void main_queue_run(void) {
    /* The descriptor counts (eventfd(2)), and does not block. */
    uint64_t count;
    if (read(main_queue_descriptor(), &count, sizeof count) < 0) count = 0;
    _dispatch_main_queue_callback_4CF(NULL);
}
