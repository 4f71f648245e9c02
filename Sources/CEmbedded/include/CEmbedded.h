// Files that are part of the program, so that the binary works when it is moved alone.
//
// To add a subject: a folder with its files (excluded in Package.swift), a header here, and a .c file that
// embeds each file with #embed and returns it from one function.

#ifndef CEMBEDDED_H
#define CEMBEDDED_H

#include "EmbeddedFile.h"
#include "EmbeddedMNIST.h"
#include "EmbeddedNetworks.h"

#endif
