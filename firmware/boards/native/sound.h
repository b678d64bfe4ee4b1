/* Sound files for the native board. */
#ifndef EAR_NATIVE_SOUND_H
#define EAR_NATIVE_SOUND_H

#include <stdio.h>

/* Opens a raw file, or a WAV of 16 kHz mono 16-bit samples, at its first sample. NULL when it
 * cannot be read or is another kind of WAV. */
FILE *sound_open(const char *path);

#endif
