/* The version of Earkit: setup.py, the package and the Arduino library read it here. */
#ifndef EARKIT_VERSION_H
#define EARKIT_VERSION_H

#define FIRMWARE_VERSION "0.1.0"

#endif
