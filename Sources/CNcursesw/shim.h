// What Swift cannot take from <ncurses.h> itself: macros, shared mutable state and variadics;
// and the guard that gives the terminal back when the process ends by a signal.
#ifndef CNCURSESW_SHIM_H
#define CNCURSESW_SHIM_H
#define NCURSES_WIDECHAR 1 /* cchar_t, *_wch */
#define NCURSES_NOMACROS 1
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <ncurses.h>
#include <term.h>

extern int wcwidth(wchar_t c); /* hidden without _XOPEN_SOURCE */

static const attr_t CN_A_BOLD = A_BOLD, CN_A_DIM = A_DIM, CN_A_REVERSE = A_REVERSE,
                    CN_A_UNDERLINE = A_UNDERLINE, CN_A_ITALIC = A_ITALIC;

static inline WINDOW *cn_stdscr(void) { return stdscr; }
static inline WINDOW *cn_curscr(void) { return curscr; }
static inline int cn_colors(void) { return COLORS; }
static inline int cn_is_utf8(void) {
    const char *name = nl_langinfo(CODESET);
    return name[0] == 'U' && name[1] == 'T' && name[2] == 'F' && name[3] == '-' && name[4] == '8';
}

/* Pairs above 255 go through opts. */
static inline int cn_setcchar(cchar_t *c, const wchar_t *text, attr_t attributes, int pair) {
    return setcchar(c, text, attributes, 0, &pair);
}
static inline int cn_setcchar_one(cchar_t *c, wchar_t text, attr_t attributes, int pair) {
    wchar_t texts[2] = {text, 0};
    return setcchar(c, texts, attributes, 0, &pair);
}
static inline int cn_getcchar(const cchar_t *c, wchar_t *text, attr_t *attributes, int *pair) {
    short unused;
    return getcchar(c, text, attributes, &unused, pair);
}

/* A file without a name, in memory; -1 if there is none. */
static inline int cn_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "accord-screen", 1u /* MFD_CLOEXEC */);
}

static inline int cn_winsize(int fd, int *height, int *width) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size)) return -1;
    *height = size.ws_row;
    *width = size.ws_col;
    return 0;
}
static inline int cn_set_winsize(int fd, int height, int width) {
    struct winsize size = {(unsigned short)height, (unsigned short)width, 0, 0};
    return ioctl(fd, TIOCSWINSZ, &size);
}

/* The guard. Its state is one copy per file that imports these functions: one file does
   (TerminalGuard.swift). Only what signal-safety(7) allows runs in the handler. */
#define CN_GUARD_BYTES 512
struct cn_guard_state {
    volatile sig_atomic_t armed;
    int fd;
    size_t count;
    char bytes[CN_GUARD_BYTES];
    struct termios modes;
    int has_modes;
    int ask_fd;
    volatile sig_atomic_t asked;
    struct sigaction before[NSIG];
};
static inline struct cn_guard_state *cn_guard(void) {
    static struct cn_guard_state state;
    return &state;
}

static inline void cn_guard_restore(void) {
    if (!cn_guard()->armed) return;
    cn_guard()->armed = 0;
    size_t done = 0;
    while (done < cn_guard()->count) {
        ssize_t n = write(cn_guard()->fd, cn_guard()->bytes + done, cn_guard()->count - done);
        if (n <= 0) break;
        done += (size_t)n;
    }
    if (cn_guard()->has_modes) tcsetattr(cn_guard()->fd, TCSANOW, &cn_guard()->modes);
}

/* Ends the process at once. What was there before may be Swift's reporter of crashes, which would
   write on the person's screen and wait for a key. */
static inline void cn_guard_handle(int number) {
    cn_guard_restore();
    signal(number, SIG_DFL);
    raise(number);
}

static const int cn_guard_signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGILL,
                                       SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV};
#define CN_GUARD_SIGNALS (sizeof cn_guard_signals / sizeof cn_guard_signals[0])

/* Seconds a program has to end in good order once a signal asked for it. */
#define CN_GUARD_PATIENCE 1

/* Passes the wish to end on to the program; one that does not hear it ends all the same. */
static inline void cn_guard_ask(int number) {
    int before = errno;
    unsigned char byte = (unsigned char)number;
    if (!cn_guard()->asked) alarm(CN_GUARD_PATIENCE);
    cn_guard()->asked = number;
    ssize_t ignored = write(cn_guard()->ask_fd, &byte, 1);
    (void)ignored;
    errno = before;
}

static inline void cn_guard_overdue(int number) {
    cn_guard_handle(cn_guard()->asked ? (int)cn_guard()->asked : number);
}

/* Remembers the modes the terminal has now and, from here on, the signals that end the process. */
static inline void cn_guard_install(int fd) {
    static int at_exit;
    cn_guard()->fd = fd;
    cn_guard()->count = 0;
    cn_guard()->has_modes = tcgetattr(fd, &cn_guard()->modes) == 0;
    if (!at_exit) at_exit = atexit(cn_guard_restore) == 0;
    for (size_t i = 0; i < CN_GUARD_SIGNALS; i++) {
        struct sigaction action = {0};
        action.sa_handler = cn_guard_handle;
        action.sa_flags = SA_ONSTACK;
        sigfillset(&action.sa_mask);
        int number = cn_guard_signals[i];
        sigaction(number, NULL, &cn_guard()->before[number]);
        if (cn_guard()->before[number].sa_handler == SIG_IGN) continue;
        sigaction(number, &action, NULL);
    }
    cn_guard()->armed = 1;
}

/* From here on SIGTERM and SIGHUP are written to `fd`, for the program to end in good order. */
static inline void cn_guard_let_end(int fd) {
    cn_guard()->ask_fd = fd;
    cn_guard()->asked = 0;
    const int asking[] = {SIGTERM, SIGHUP};
    struct sigaction action = {0};
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    sigfillset(&action.sa_mask);
    action.sa_handler = cn_guard_overdue;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = cn_guard_ask;
    for (size_t i = 0; i < 2; i++)
        if (cn_guard()->before[asking[i]].sa_handler != SIG_IGN) sigaction(asking[i], &action, NULL);
}

/* Sets what the handler writes; too long a text is refused. */
static inline int cn_guard_arm(const char *bytes, size_t count) {
    if (count > CN_GUARD_BYTES) return -1;
    for (size_t i = 0; i < count; i++) cn_guard()->bytes[i] = bytes[i];
    cn_guard()->count = count;
    cn_guard()->armed = 1;
    return 0;
}

/* The terminal has been given back: from here on the signals do what they did before, but for those
   that asked a program to end which is about to. */
static inline void cn_guard_remove(void) {
    cn_guard()->armed = 0;
    for (size_t i = 0; i < CN_GUARD_SIGNALS; i++) {
        int number = cn_guard_signals[i];
        if (cn_guard()->asked && (number == SIGTERM || number == SIGHUP)) continue;
        sigaction(number, &cn_guard()->before[number], NULL);
    }
}

/* Signals that the program answers to itself: the handler writes the number into a pipe.
   One copy per importing file as well (SignalPipe.swift). */
static inline int *cn_signal_ends(void) {
    static int ends[2] = {-1, -1};
    return ends;
}

static inline void cn_signal_note(int number) {
    int before = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(cn_signal_ends()[1], &byte, 1);
    (void)ignored;
    errno = before;
}

/* Returns the end to write to, or -1 before the first signal is watched. */
static inline int cn_signal_entry(void) { return cn_signal_ends()[1]; }

/* Returns the end to read from, or -1. The pipe stays open as long as the process. */
static inline int cn_signal_watch(int number) {
    int *ends = cn_signal_ends();
    if (ends[0] < 0) {
        if (pipe(ends)) return -1;
        for (int i = 0; i < 2; i++) {
            fcntl(ends[i], F_SETFD, FD_CLOEXEC);
            fcntl(ends[i], F_SETFL, O_NONBLOCK);
        }
    }
    struct sigaction action = {0};
    action.sa_handler = cn_signal_note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    return ends[0];
}
#endif
