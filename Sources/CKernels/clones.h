#ifndef GIBBON_CLONES_H
#define GIBBON_CLONES_H

// swiftc emits code for the oldest x86-64; these few loops are compiled for newer processors as well, and
// the loader picks.
#if defined(__x86_64__) && defined(__linux__)
#define GIBBON_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GIBBON_CLONES
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE long smaller(long left, long right) { return left < right ? left : right; }

INLINE long larger(long left, long right) { return left > right ? left : right; }

INLINE long rounded_up(long value, long unit) { return (value + unit - 1) / unit * unit; }

#endif
