/* The application: microphone -> spotter and engine -> serial. */
#ifndef SPOTTER_APPLICATION_H
#define SPOTTER_APPLICATION_H

#include "../console/console.h"
#include "engine.h"
#include "link/link.h"
#include "model_info.h"
#include "spotter/spotter.h"

struct application {
  const char *error; /* why it does not listen, or NULL while it does */
  uint32_t overruns; /* blocks of sound lost since start */
  uint32_t light_until;
  uint32_t inferences;
  uint32_t hop_cycles;       /* of the last hop */
  uint32_t inference_cycles; /* of the last inference */
  uint32_t events;           /* sequence number of JSON events */
  bool machine;              /* the peer said hello */
  bool stream_scores, stream_features, stream_audio;
  uint8_t restarts; /* of the microphone, since sound came last */
  enum { STAY, RESET_WHEN_SENT, RESET_AS_DEAF } reset_wanted;
  uint32_t baud, baud_before; /* differ while a new speed is not confirmed */
  uint32_t baud_wanted;       /* to change to when the queue is empty, or 0 */
  uint32_t baud_until;        /* block at which an unconfirmed speed is given up */
  console_upload upload;
  /* The long ones come last: then the code that reaches the others is shorter. */
  ear_link link;
  ear_spotter spotter;
  ear_spotter_ear ear;
};
typedef application spotter;

/* listen.c: takes the microphone's block, and releases it. */
void spotter_take_block(spotter *app, const int16_t *block);

/* Says that something is wrong. */
void spotter_say_error(spotter *app, const char *error);

/* Stops listening for good and says why; `error` is static. */
void spotter_fail(spotter *app, const char *error);

/* Starts the microphone again when it has stopped, and when that does not help, the board. */
void spotter_watch_microphone(spotter *app);

/* Starts a JSON event of this kind; the caller ends it with spotter_end_event. */
void spotter_start_event(spotter *app, const char *kind);
void spotter_end_event(spotter *app);

/* commands.c: carries out the line that the link has received and queues exactly one reply line. */
void spotter_command(spotter *app);

/* control.c: commands that change something. Words are zero-terminated; each writes the whole
 * reply between ear_line_start and ear_line_end. */
void spotter_set(spotter *app, char *const words[]);
void spotter_get(spotter *app, char *const words[]);
void spotter_save(spotter *app, char *const words[]);
void spotter_stream(spotter *app, char *const words[]);
void spotter_baud(spotter *app, char *const words[]);
void spotter_infer(spotter *app, char *const words[]);
void spotter_reset(spotter *app, char *const words[]);

/* Takes the settings that were saved, if they were for this model. */
void spotter_load(spotter *app);

/* Streams off. */
void spotter_stop_streams(spotter *app);

/* Changes the speed or restarts, when that was asked for and all replies are on their way. */
void spotter_serve_port(spotter *app);

#endif
