/* The spotter: microphone -> front end -> engine -> recogniser -> serial. */
#ifndef EAR_SPOTTER_H
#define EAR_SPOTTER_H

#include "engine.h"
#include "frontend/frontend.h"
#include "link/link.h"
#include "model_info.h"
#include "recognizer/recognizer.h"

#define SPOTTER_ROWS 2 /* hops per inference */

typedef struct {
  ear_frontend frontend;
  ear_recognizer recognizer;
  ear_link link;
  uint64_t samples; /* taken from the microphone since start */
  int8_t rows[SPOTTER_ROWS][EAR_CHANNELS];
  uint8_t row_count;
  uint32_t overruns_said;
  uint32_t inferences;
  uint32_t hop_cycles;       /* of the last hop */
  uint32_t inference_cycles; /* of the last inference */
  uint32_t baud;
  uint32_t events; /* sequence number of JSON events */
  bool listening;  /* the model fits and the microphone runs */
  bool machine;    /* the peer said hello */
  bool stream_scores, stream_features, stream_audio;
} spotter;

/* Carries out one command line and queues exactly one reply line. */
void spotter_command(spotter *app, const char *line);

#endif
