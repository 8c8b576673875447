// Python for Alpine's C library, musl: Debian's libpython, and what it and its modules call in
// glibc that musl lacks. The checks of sizes that glibc adds to some functions are left out: this
// serves tests only.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

// Memory and strings.

void *__memcpy_chk(void *to, const void *from, size_t size, size_t limit) {
  return memcpy(to, from, size);
}
void *__memmove_chk(void *to, const void *from, size_t size, size_t limit) {
  return memmove(to, from, size);
}
void *__memset_chk(void *to, int value, size_t size, size_t limit) {
  return memset(to, value, size);
}
void __explicit_bzero_chk(void *to, size_t size, size_t limit) { explicit_bzero(to, size); }
char *__strcpy_chk(char *to, const char *from, size_t limit) { return strcpy(to, from); }
char *__strcat_chk(char *to, const char *from, size_t limit) { return strcat(to, from); }
char *__strncat_chk(char *to, const char *from, size_t size, size_t limit) {
  return strncat(to, from, size);
}

// Text. What follows the C++ functions of C23 reads binary numbers as well, which nobody writes.

#define WITH_ARGUMENTS(last, call) \
  va_list arguments;               \
  va_start(arguments, last);       \
  int result = call;               \
  va_end(arguments);               \
  return result

int __printf_chk(int flag, const char *format, ...) {
  WITH_ARGUMENTS(format, vprintf(format, arguments));
}
int __fprintf_chk(FILE *to, int flag, const char *format, ...) {
  WITH_ARGUMENTS(format, vfprintf(to, format, arguments));
}
int __sprintf_chk(char *to, int flag, size_t limit, const char *format, ...) {
  WITH_ARGUMENTS(format, vsprintf(to, format, arguments));
}
int __snprintf_chk(char *to, size_t size, int flag, size_t limit, const char *format, ...) {
  WITH_ARGUMENTS(format, vsnprintf(to, size, format, arguments));
}
int __vfprintf_chk(FILE *to, int flag, const char *format, va_list arguments) {
  return vfprintf(to, format, arguments);
}
int __vsnprintf_chk(char *to, size_t size, int flag, size_t limit, const char *format,
                    va_list arguments) {
  return vsnprintf(to, size, format, arguments);
}
void __syslog_chk(int priority, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}
int __isoc23_sscanf(const char *from, const char *format, ...) {
  WITH_ARGUMENTS(format, vsscanf(from, format, arguments));
}
int __isoc23_fscanf(FILE *from, const char *format, ...) {
  WITH_ARGUMENTS(format, vfscanf(from, format, arguments));
}
long __isoc23_strtol(const char *from, char **end, int base) { return strtol(from, end, base); }
long long __isoc23_strtoll(const char *from, char **end, int base) {
  return strtoll(from, end, base);
}
unsigned long __isoc23_strtoul(const char *from, char **end, int base) {
  return strtoul(from, end, base);
}
long __isoc23_wcstol(const wchar_t *from, wchar_t **end, int base) {
  return wcstol(from, end, base);
}

// Files.

int __open64_2(const char *path, int flags) { return open(path, flags); }
ssize_t __read_chk(int file, void *to, size_t size, size_t limit) { return read(file, to, size); }
char *__realpath_chk(const char *path, char *to, size_t limit) { return realpath(path, to); }
long __fdelt_chk(long file) { return file / (8 * (long)sizeof(long)); }
int fcntl64(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return fcntl(file, command, argument);
}
ssize_t preadv64v2(int file, const struct iovec *to, int count, off_t at, int flags) {
  return preadv2(file, to, count, at, flags);
}
ssize_t pwritev64v2(int file, const struct iovec *from, int count, off_t at, int flags) {
  return pwritev2(file, from, count, at, flags);
}
int posix_fallocate64(int file, off_t from, off_t size) {
  return posix_fallocate(file, from, size);
}
int close_range(unsigned first, unsigned last, int flags) {
  return (int)syscall(SYS_close_range, first, last, flags);
}
void closefrom(int first) { close_range((unsigned)first, ~0u, 0); }
int posix_spawn_file_actions_addclosefrom_np(void *actions, int first) { return ENOSYS; }

// Processes and threads.

long __sysconf(int name) { return sysconf(name); }
unsigned long __getauxval(unsigned long type) {
  return getauxval(type);
}  // for ARM64's atomic operations
cpu_set_t *__sched_cpualloc(size_t count) { return calloc(1, CPU_ALLOC_SIZE(count)); }
void __sched_cpufree(cpu_set_t *set) { free(set); }
int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void),
                      void *library) {
  return pthread_atfork(before, parent, child);
}
// Both have this one, but of the first thread's stack musl tells only how far it has grown, which
// Python, when it was built for glibc, takes for its limit.
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes) {
  int (*musl)(pthread_t, pthread_attr_t *) = dlsym(RTLD_NEXT, "pthread_getattr_np");
  int failed = musl(thread, attributes);
  if (failed || getpid() != gettid() || !pthread_equal(thread, pthread_self())) return failed;
  void *stack;
  size_t size;
  struct rlimit limit;
  pthread_attr_getstack(attributes, &stack, &size);
  getrlimit(RLIMIT_STACK, &limit);
  size_t most = limit.rlim_cur == RLIM_INFINITY ? 8 << 20 : limit.rlim_cur;
  return pthread_attr_setstack(attributes, (char *)stack + size - most, most);
}
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
  struct timespec there, here;
  clock_gettime(clock, &there);
  clock_gettime(CLOCK_REALTIME, &here);
  here.tv_sec += until->tv_sec - there.tv_sec;
  here.tv_nsec += until->tv_nsec - there.tv_nsec;
  if (here.tv_nsec < 0) here.tv_nsec += 1000000000, --here.tv_sec;
  if (here.tv_nsec >= 1000000000) here.tv_nsec -= 1000000000, ++here.tv_sec;
  return sem_timedwait(semaphore, &here);
}

// Chance, and where a crash happened.

void arc4random_buf(void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = getrandom((char *)to + done, size - done, 0);
    if (got > 0) done += (size_t)got;
  }
}
unsigned arc4random(void) {
  unsigned value;
  arc4random_buf(&value, sizeof value);
  return value;
}
// Alpine's OpenSSL compresses nothing.
int COMP_get_type(const void *method) { return 0; }
const char *COMP_get_name(const void *method) { return 0; }
int backtrace(void **frames, int size) { return 0; }
int dladdr1(const void *address, Dl_info *info, void **more, int flags) { return 0; }

int Py_BytesMain(int count, char **words);
int main(int count, char **words) { return Py_BytesMain(count, words); }
