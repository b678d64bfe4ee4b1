/* Serial link, protocol v1 (docs/protocol.md): text lines and binary frames, both ways.
 *
 * No heap, no globals, never blocks. The caller moves bytes between the link and the port. What
 * does not fit in the transmit queue is dropped whole, never in part, and counted.
 */
#ifndef EAR_LINK_H
#define EAR_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EAR_LINK_VERSION 1
#define EAR_LINK_LINE 96      /* longest line received, without its line end */
#define EAR_LINK_QUEUE 2048   /* bytes that are not sent yet; a power of two */
#define EAR_LINK_RESERVED 512 /* of them, what frames leave to lines */
#define EAR_LINK_PAYLOAD 640  /* longest payload sent: one hop of audio */
#define EAR_LINK_CHUNK 128    /* longest payload received */
#define EAR_LINK_HEADER 7     /* type, sequence, position */
#define EAR_LINK_CRC 2

/* 1..8: the byte after a frame's first is its type, which text never has there. */
typedef enum {
  EAR_FRAME_FEATURES = 1,
  EAR_FRAME_AUDIO = 2,
  EAR_FRAME_INFER_INPUT = 3,
  EAR_FRAME_INFER_OUTPUT = 4,
} ear_frame_type;

typedef enum {
  EAR_INPUT_NONE,
  EAR_INPUT_LINE,     /* `line` holds it */
  EAR_INPUT_TOO_LONG, /* a line longer than EAR_LINK_LINE ended; it is lost */
  EAR_INPUT_FRAME,    /* `frame` describes it */
} ear_input;

typedef struct {
  uint8_t type; /* 1..8, also types that are not known here */
  uint16_t sequence;
  uint32_t position;
  const uint8_t *payload; /* `count` bytes inside the link */
  size_t count;           /* 0..EAR_LINK_CHUNK */
} ear_frame;

/* Where the receiver stands. */
typedef enum { EAR_AT_TEXT, EAR_AT_MARK, EAR_AT_TYPE, EAR_AT_FRAME, EAR_AT_EXCESS } ear_state;

/* Owned by the caller; set up by ear_link_init. `line` and `frame` are valid from the input that
 * announces them to the next call of ear_link_receive, the counters always; the rest is private. */
typedef struct {
  ear_frame frame;
  uint32_t dropped_lines;  /* did not fit in the queue */
  uint32_t dropped_frames; /* likewise */
  uint32_t damaged;        /* frames received broken, and lines cut by a frame */
  ear_state state;
  size_t raw_length;
  size_t line_length;
  uint8_t code;      /* COBS: the length byte of the block being received */
  uint8_t remaining; /* COBS: bytes of it to come */
  size_t first;      /* where what is not sent begins */
  size_t count;      /* its bytes */
  size_t given;      /* of them, the port's already */
  size_t line_start; /* queue length before the line being written */
  bool too_long;     /* received line */
  bool no_room;      /* line being written */
  uint16_t sequence; /* of the next frame sent */
  /* The long ones come last: then the code that reaches the others is shorter. */
  union { /* a frame is never received while a line is */
    char line[EAR_LINK_LINE + 1];
    uint8_t raw[EAR_LINK_HEADER + EAR_LINK_CHUNK + EAR_LINK_CRC];
  };
  uint8_t queue[EAR_LINK_QUEUE];
} ear_link;

void ear_link_init(ear_link *link);

/* Takes one received byte. A line ends with CR or LF; empty lines are ignored; bytes that are not
 * printable ASCII or part of UTF-8 (0x80 and above) become '?'. A frame that is cut, too long or
 * fails its CRC is counted in `damaged` and otherwise ignored. */
ear_input ear_link_receive(ear_link *link, uint8_t byte);

/* A line is written in parts: start, any number of parts, end. `end` queues it whole with CR LF, or
 * drops and counts it and returns false when it does not fit. `seal` closes a JSON object that has
 * members: with one more, `crc`, the CRC-16 of all of the line before it, and the brace. */
void ear_line_start(ear_link *link);
void ear_line_text(ear_link *link, const char *text);
void ear_line_number(ear_link *link, uint64_t value);
void ear_line_json(ear_link *link, const char *text); /* as a JSON string, with quotes */
void ear_line_seal(ear_link *link);
bool ear_line_end(ear_link *link);

/* Queues a frame: 0, COBS(type, sequence, position, payload, CRC), 0. `count` is
 * 0..EAR_LINK_PAYLOAD. The sequence number grows for a dropped frame too, so that the peer sees the
 * loss. False when dropped: EAR_LINK_RESERVED bytes of the queue are kept for lines. */
bool ear_link_frame(ear_link *link, ear_frame_type type, uint32_t position, const uint8_t *payload,
                    size_t count);

/* Whether a reply and a short frame fit, so that another command may be carried out. */
bool ear_link_room_for_reply(const ear_link *link);

/* The next bytes to send, contiguous; `*count` may be 0. Then say how many the port took: they stay
 * where they are until they are said to be sent. What wrapped around the queue's end comes with the
 * next call. */
const uint8_t *ear_link_pending(const ear_link *link, size_t *count);
void ear_link_given(ear_link *link, size_t count);
void ear_link_sent(ear_link *link, size_t count);

/* CRC-16/IBM-3740: polynomial 0x1021, not reflected; start with `crc` 0xFFFF, or go on with the
 * result of the bytes before. */
uint16_t ear_crc16(uint16_t crc, const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif
#endif
