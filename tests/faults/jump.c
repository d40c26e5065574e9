/* A wall clock that jumps an hour forth or back at every hundredth look; the monotonic one stays as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static unsigned looks;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id, now);
    if (id == CLOCK_REALTIME && status == 0) now->tv_sec += 3600 * (long)((++looks / 100) % 3) - 3600;
    return status;
}
