/* Notes every regular file that a dynamically linked program opens, by standing before the C library.
 *
 * Each open that succeeded is appended to the file named by LINEPROOF_OPENS as "r PATH\0" or "w PATH\0".
 * The file is opened anew for each note, so that the program's descriptors keep their numbers; the same
 * path is noted once for each process, as far as a table of fixed size remembers. errno is left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS 8192
static uint64_t noted[SLOTS];

static int known(const char *text) {
    uint64_t hash = 1469598103934665603ULL;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
    if (noted[hash % SLOTS] == hash) return 1;
    noted[hash % SLOTS] = hash;
    return 0;
}

static int of_no_interest(const char *path) {
    size_t length = strlen(path);
    if (!strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5) || !strncmp(path, "/dev/", 5)) return 1;
    if (length > 3 && !strcmp(path + length - 3, ".py")) return 1;
    return (length > 4 && !strcmp(path + length - 4, ".pyc")) || strstr(path, "/site-packages/") != NULL;
}

/* Put the folder that a relative path starts from into `line`; give its length, 0 if it cannot be had. */
static size_t folder_of(int folder, char *line) {
    char link[40];
    ssize_t length;
    if (folder == AT_FDCWD) return getcwd(line, PATH_MAX) ? strlen(line) : 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    length = readlink(link, line, PATH_MAX);
    return length > 0 ? (size_t)length : 0;
}

static void note(int opened, int folder, const char *path, int writes) {
    int before = errno;
    const char *log = getenv("LINEPROOF_OPENS");
    char line[2 * PATH_MAX + 8];
    struct stat status;
    size_t length = 2;
    long file;
    if (opened < 0 || !log || !path || of_no_interest(path)) goto done;
    if (strlen(path) >= PATH_MAX || fstat(opened, &status) || !S_ISREG(status.st_mode)) goto done;
    line[0] = writes ? 'w' : 'r';
    line[1] = ' ';
    if (path[0] != '/') {
        size_t more = folder_of(folder, line + 2);
        if (!more) goto done;
        length += more;
        line[length++] = '/';
    }
    strcpy(line + length, path);
    if (known(line)) goto done;
    file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (file >= 0) {
        ssize_t ignored = write((int)file, line, strlen(line) + 1);
        (void)ignored;
        syscall(SYS_close, (int)file);
    }
done:
    errno = before;
}

#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))
#define MODE(flags, mode)                              \
    mode_t mode = 0;                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {             \
        va_list rest;                                  \
        va_start(rest, flags);                         \
        mode = (mode_t)va_arg(rest, int);              \
        va_end(rest);                                  \
    }
#define NEXT(name, type)                               \
    static type (*next)();                             \
    if (!next) next = (type (*)())dlsym(RTLD_NEXT, name); \
    if (!next) { errno = ENOSYS; return (type)-1; }

#define OPEN(name)                                     \
    int name(const char *path, int flags, ...) {       \
        MODE(flags, mode)                              \
        NEXT(#name, int)                               \
        int opened = next(path, flags, mode);          \
        note(opened, AT_FDCWD, path, WRITES(flags));   \
        return opened;                                 \
    }
#define OPENAT(name)                                   \
    int name(int folder, const char *path, int flags, ...) { \
        MODE(flags, mode)                              \
        NEXT(#name, int)                               \
        int opened = next(folder, path, flags, mode);  \
        note(opened, folder, path, WRITES(flags));     \
        return opened;                                 \
    }
#define OPEN2(name)                                    \
    int name(const char *path, int flags) {            \
        NEXT(#name, int)                               \
        int opened = next(path, flags);                \
        note(opened, AT_FDCWD, path, WRITES(flags));   \
        return opened;                                 \
    }
#define OPENAT2(name)                                  \
    int name(int folder, const char *path, int flags) { \
        NEXT(#name, int)                               \
        int opened = next(folder, path, flags);        \
        note(opened, folder, path, WRITES(flags));     \
        return opened;                                 \
    }
#define CREAT(name)                                    \
    int name(const char *path, mode_t mode) {          \
        NEXT(#name, int)                               \
        int opened = next(path, mode);                 \
        note(opened, AT_FDCWD, path, 1);               \
        return opened;                                 \
    }
#define FOPEN(name)                                    \
    FILE *name(const char *path, const char *mode) {   \
        static FILE *(*next)(const char *, const char *); \
        if (!next) next = (FILE *(*)(const char *, const char *))dlsym(RTLD_NEXT, #name); \
        if (!next) { errno = ENOSYS; return NULL; }    \
        FILE *file = next(path, mode);                 \
        if (file) note(fileno(file), AT_FDCWD, path, mode[0] != 'r' || strchr(mode, '+') != NULL); \
        return file;                                   \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
OPEN2(__open_2)
OPEN2(__open64_2)
OPENAT2(__openat_2)
OPENAT2(__openat64_2)
CREAT(creat)
CREAT(creat64)
FOPEN(fopen)
FOPEN(fopen64)
