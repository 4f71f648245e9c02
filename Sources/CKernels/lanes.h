#ifndef GIBBON_LANES_H
#define GIBBON_LANES_H

// Eight neighbouring channels, the unit in which values lie, and their bits.
typedef float lanes __attribute__((vector_size(32), aligned(4)));
typedef int bits __attribute__((vector_size(32), aligned(4)));

#endif
