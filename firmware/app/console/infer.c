/* `infer`: the model on the peer's data. */
#include <string.h>

#include "console.h"

static uint32_t bytes(ear_tensor tensor) {
  return tensor.type == EAR_INT8 ? tensor.count : tensor.count * sizeof(float);
}

void console_infer(ear_link *link, console_upload *upload, const char *error) {
  if (error) {
    console_error(link, error);
    return;
  }
  upload->input = ear_engine_borrow();
  upload->taken = 0;
  console_accept(link, "infer", bytes(ear_engine_input()));
}

void console_end_upload(console_upload *upload) {
  ear_engine_give_back();
  upload->input = NULL;
}

/* A part that came before is taken again: its acknowledgement may have been lost. */
static bool take_part(console_upload *upload, const ear_frame *frame, uint32_t total) {
  if (frame->position > upload->taken || frame->position > total) return false;
  if (frame->count > total - frame->position) return false;
  memcpy(upload->input + frame->position, frame->payload, frame->count);
  uint32_t end = frame->position + (uint32_t)frame->count;
  if (end > upload->taken) upload->taken = end;
  return true;
}

void console_take_frame(ear_link *link, console_upload *upload) {
  const ear_frame *frame = &link->frame;
  if (frame->type != EAR_FRAME_INFER_INPUT) return;
  uint32_t total = upload->input ? bytes(ear_engine_input()) : 0;
  const void *output = NULL;
  ear_line_start(link);
  if (!upload->input) {
    console_error(link, "say infer first");
  } else if (!take_part(upload, frame, total)) {
    console_error(link, "infer expects byte ");
    ear_line_number(link, upload->taken);
  } else if (upload->taken == total && !(output = ear_engine_invoke())) {
    console_error(link, ear_engine_error());
  } else {
    console_accept(link, "infer", upload->taken);
  }
  ear_line_end(link);
  if (!output) return;
  ear_link_frame(link, EAR_FRAME_INFER_OUTPUT, 0, output, bytes(ear_engine_output()));
}
