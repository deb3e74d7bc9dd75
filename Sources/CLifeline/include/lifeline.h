#ifndef LIFELINE_H
#define LIFELINE_H

/* What ends a child with its parent, however that ends: a pipe that the parent holds open and the
   child reads. prctl(2) has a signal for it (PR_SET_PDEATHSIG), which comes when the thread that
   started the child ends, and threads of a pool come and go. */

/// Makes the pipe: the child's input first, then what the parent keeps open. No program that is
/// started keeps either but as its input. Returns 0, or the error's number.
int lifeline_make(int ends[2]);

/// From here on SIGTERM comes when the standard input of this program ends.
/// Returns 0, or the error's number.
int lifeline_follow(void);

#endif
