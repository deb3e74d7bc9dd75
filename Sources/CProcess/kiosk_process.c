#define _GNU_SOURCE
#include "kiosk_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
static const char *program;
static char *const *arguments;

int kiosk_hide(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

/* The new program opens what it needs: of this one it keeps the terminal alone. Libraries open some
   descriptors that would stay, and pile up with every visit. */
static void leave_descriptors(void) {
    enum { first = 3, bound = 1 << 16 };
#ifdef SYS_close_range
    const unsigned close_on_exec = 1U << 2; /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */
    if (syscall(SYS_close_range, (unsigned)first, ~0U, close_on_exec) == 0) return;
#endif
    /* The unit's LimitNOFILE: no descriptor is beyond. */
    for (int file = first; file < bound; file++) fcntl(file, F_SETFD, FD_CLOEXEC);
}

void kiosk_restart(void) {
    /* What is ignored stays so in the new program, until it has handlers of its own. */
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_IGN);
    /* A signal that is blocked, in a handler, would stay blocked in the new program. */
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    if (program == NULL) return;
    leave_descriptors();
    execv(program, arguments);
}

static void crashed(int number) {
    kiosk_restart();
    signal(number, SIG_DFL);
    raise(number);
}

void kiosk_hold(const char *own, char *const *words) {
    static const int kept[] = {SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
    struct sigaction action = {0};
    program = own;
    arguments = words;
    action.sa_handler = SIG_IGN;
    for (int number = 1; number <= SIGRTMAX; number++) {
        size_t found = 0;
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) found += kept[i] == number;
        /* The C library keeps the first real-time signals for itself and says so. */
        if (found == 0) sigaction(number, &action, NULL);
    }
    action.sa_handler = crashed;
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
}
