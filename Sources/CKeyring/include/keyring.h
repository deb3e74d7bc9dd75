#ifndef KEYRING_H
#define KEYRING_H

/* The keyring of the person's login (freedesktop Secret Service), through libsecret where it is
   installed: C, because the library is looked for at run time (dlopen(3)), so that nothing of it is
   needed to build or to run, and its calls are made on a thread that can be left behind. */

/// How a call ended.
enum keyring_answer {
    /// It did what it should.
    KEYRING_DONE = 0,
    /// There is no library, no session bus at a local socket, or nobody on it who keeps secrets.
    KEYRING_UNREACHABLE,
    /// It is there and locked; nobody is asked to unlock it.
    KEYRING_LOCKED,
    /// It did not answer in time.
    KEYRING_SILENT,
    /// It is open and has no such secret.
    KEYRING_MISSING,
    /// It has no place for a secret that outlasts the session.
    KEYRING_NO_PLACE,
    /// It answered that it does not want to.
    KEYRING_REFUSED,
};

/// The length of a secret, in bytes.
#define KEYRING_SECRET_BYTES 32

/// Whether a secret could be stored now. Like the calls below it returns after `limit` milliseconds
/// at the latest, starts no program, and can be made from any thread.
enum keyring_answer keyring_check(int limit);

/// Stores a secret under the public key of its device and its own name; `label` is what a person
/// sees of it in their keyring.
enum keyring_answer keyring_store(const char *key, const char *name, const char *label,
                                  const unsigned char *secret, int limit);

/// Reads a secret; what is not 32 bytes long is `KEYRING_MISSING`.
enum keyring_answer keyring_read(const char *key, const char *name, unsigned char *secret,
                                 int limit);

/// Deletes a secret; one that is not there is `KEYRING_MISSING`.
enum keyring_answer keyring_delete(const char *key, const char *name, int limit);

#endif
