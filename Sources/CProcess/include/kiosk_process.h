#ifndef KIOSK_PROCESS_H
#define KIOSK_PROCESS_H

/* What keeps a shared machine's program where it is: C, because a signal handler may do almost
   nothing (signal-safety(7)), and prctl(2) takes its arguments as C alone can pass them. */

/// Keeps the process out of core files and the reach of debuggers, and its memory out of swap.
/// Returns 0 if the memory could not be locked.
int kiosk_hide(void);

/// From here on no signal ends the program: what would is ignored, and a crash runs `program` anew
/// in the same process. Both texts have to stay where they are.
void kiosk_hold(const char *program, char *const *arguments);

/// Runs the program of `kiosk_hold` anew in this process; returns only where that fails.
void kiosk_restart(void);

#endif
