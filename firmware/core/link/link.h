/* Serial link, protocol v1 (docs/protocol.md): command lines in; text lines and binary frames out.
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
#define EAR_LINK_LINE 80     /* longest command, without its line end */
#define EAR_LINK_QUEUE 1536  /* bytes waiting to be sent */
#define EAR_LINK_PAYLOAD 640 /* longest payload of a frame: 20 ms of audio */

typedef enum { EAR_FRAME_FEATURES = 1, EAR_FRAME_AUDIO = 2 } ear_frame_type;
typedef enum { EAR_LINE_NONE, EAR_LINE_READY, EAR_LINE_TOO_LONG } ear_line_state;

/* Owned by the caller; set up by ear_link_init. `line` is valid after EAR_LINE_READY, the counters
 * always; the rest is private. */
typedef struct {
  char line[EAR_LINK_LINE + 1];
  uint32_t dropped_lines;
  uint32_t dropped_frames;
  size_t length;
  bool too_long;
  uint16_t sequence;
  uint8_t queue[EAR_LINK_QUEUE];
  size_t first;
  size_t count;
} ear_link;

void ear_link_init(ear_link *link);

/* Takes one received byte. A line ends with CR or LF; empty lines are ignored; bytes that are not
 * printable ASCII become '?'. A line longer than EAR_LINK_LINE gives one EAR_LINE_TOO_LONG at its
 * end. */
ear_line_state ear_link_receive(ear_link *link, uint8_t byte);

/* Queues `text` and CR LF. False, and counted, when it does not fit. */
bool ear_link_line(ear_link *link, const char *text);

/* Queues a frame: 0, COBS(type, sequence, payload, CRC), 0. `count` is 0..EAR_LINK_PAYLOAD. The
 * sequence number grows for a dropped frame too, so that the peer sees the loss. */
bool ear_link_frame(ear_link *link, ear_frame_type type, const uint8_t *payload, size_t count);

/* The next bytes to send, contiguous; `*count` may be 0. Then say how many were sent. */
const uint8_t *ear_link_pending(const ear_link *link, size_t *count);
void ear_link_sent(ear_link *link, size_t count);

/* CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF, not reflected. */
uint16_t ear_crc16(const uint8_t *bytes, size_t count);

/* COBS without the delimiter; `out` holds count + count / 254 + 1 bytes. Returns its length. */
size_t ear_cobs_encode(const uint8_t *bytes, size_t count, uint8_t *out);

/* Writes `text` as a JSON string with quotes, always terminated; what does not fit in `size` (3 or
 * more) is left out whole. Returns its length. */
size_t ear_json_string(char *out, size_t size, const char *text);

#ifdef __cplusplus
}
#endif
#endif
