#ifndef GIBBON_CLONES_H
#define GIBBON_CLONES_H

// swiftc emits code for the oldest x86-64; these few loops are compiled for newer processors as well, and
// the loader picks.
#if defined(__x86_64__) && defined(__linux__)
#define GIBBON_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GIBBON_CLONES
#endif

#endif
