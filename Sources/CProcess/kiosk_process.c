#define _GNU_SOURCE
#include "kiosk_process.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

void kiosk_restart(void) {
    /* What is ignored stays so in the new program, until it has handlers of its own. */
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_IGN);
    /* A signal that is blocked, in a handler, would stay blocked in the new program. */
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    if (program != NULL) execv(program, arguments);
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
