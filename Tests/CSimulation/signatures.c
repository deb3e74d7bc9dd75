/* Remembers which Ed25519 signatures were made and checked, for threads that simulate.
 *
 * Whether a signature is right follows from key, message and signature alone, and every story begins
 * with the same ledger: computed each time, that was a sixth of a seed. All three are compared, byte
 * by byte, before an answer is used again. What was signed here is right; one in sixteen of these is
 * computed all the same when it is met. The linker sends every call here (--wrap in the manifest);
 * what calls from other threads goes on as it came. */
#include "simulation.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { slot_count = 4096, signature_size = 64, key_size = 32 };

struct checked {
    uint8_t signature[signature_size], key[key_size];
    int answer;
    size_t size;
    uint8_t message[];
};

int __real_CCryptoBoringSSL_ED25519_verify(
    const uint8_t *message, size_t size, const uint8_t *signature, const uint8_t *key);
int __wrap_CCryptoBoringSSL_ED25519_verify(
    const uint8_t *message, size_t size, const uint8_t *signature, const uint8_t *key);
int __real_CCryptoBoringSSL_ED25519_sign(
    uint8_t *signature, const uint8_t *message, size_t size, const uint8_t *private_key);
int __wrap_CCryptoBoringSSL_ED25519_sign(
    uint8_t *signature, const uint8_t *message, size_t size, const uint8_t *private_key);

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct checked *slots[slot_count];

static int is_same(
    const struct checked *checked, const uint8_t *message, size_t size, const uint8_t *signature,
    const uint8_t *key)
{
    return checked && checked->size == size && !memcmp(checked->signature, signature, signature_size)
        && !memcmp(checked->key, key, key_size) && !memcmp(checked->message, message, size);
}

/* A signature's first bytes are as good as random. */
static struct checked **slot_of(const uint8_t *signature)
{
    return slots + (signature[0] | (unsigned)signature[1] << 8) % slot_count;
}

static void keep(
    const uint8_t *message, size_t size, const uint8_t *signature, const uint8_t *key, int answer)
{
    struct checked *checked = malloc(sizeof *checked + size);
    memcpy(checked->signature, signature, signature_size);
    memcpy(checked->key, key, key_size);
    memcpy(checked->message, message, size);
    checked->answer = answer;
    checked->size = size;
    struct checked **slot = slot_of(signature);
    pthread_mutex_lock(&guard);
    struct checked *old = *slot;
    *slot = checked;
    pthread_mutex_unlock(&guard);
    free(old);
}

int __wrap_CCryptoBoringSSL_ED25519_sign(
    uint8_t *signature, const uint8_t *message, size_t size, const uint8_t *private_key)
{
    int answer = __real_CCryptoBoringSSL_ED25519_sign(signature, message, size, private_key);
    /* The second half of the private key is the public one. */
    if (answer && simulation_schedule_is_running() && signature[2] % 16)
        keep(message, size, signature, private_key + key_size, 1);
    return answer;
}

int __wrap_CCryptoBoringSSL_ED25519_verify(
    const uint8_t *message, size_t size, const uint8_t *signature, const uint8_t *key)
{
    if (!simulation_schedule_is_running())
        return __real_CCryptoBoringSSL_ED25519_verify(message, size, signature, key);
    struct checked **slot = slot_of(signature);
    pthread_mutex_lock(&guard);
    int is_known = is_same(*slot, message, size, signature, key);
    int answer = is_known ? (*slot)->answer : 0;
    pthread_mutex_unlock(&guard);
    if (is_known)
        return answer;
    answer = __real_CCryptoBoringSSL_ED25519_verify(message, size, signature, key);
    keep(message, size, signature, key, answer);
    return answer;
}
