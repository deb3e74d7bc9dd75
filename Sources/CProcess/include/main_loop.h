#ifndef MAIN_LOOP_H
#define MAIN_LOOP_H

/* libdispatch's way to leave its main queue to a loop of the program's own, which Foundation's run
   loop takes, too: exported, but in no header (dispatch/private.h). */

/// The descriptor that can be read when the main queue has something to run; the same one each time.
/// Call it on the main thread, before anything runs concurrently.
int main_queue_descriptor(void);

/// Runs what the main queue has, on the main thread.
void main_queue_run(void);

#endif
