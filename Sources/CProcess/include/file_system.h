#ifndef FILE_SYSTEM_H
#define FILE_SYSTEM_H

/* A call of the C library that is declared for GNU sources alone, and so not for Swift. */

/// Waits until the file system that an open file lies on has everything on its disk (syncfs(2)).
/// Returns 0, or the error's number, also of what could not be written since the file was opened.
int file_system_sync(int file);

#endif
