#include "kernels/conv_2d_mono_loop.h"

EAR_MONO_LOOP(ear_mono_loop_8, EAR_FIRST_COLUMNS EAR_EVEN_COLUMNS("-88") EAR_ODD_COLUMNS("-84")
                                   EAR_EVEN_COLUMNS("-80"))
