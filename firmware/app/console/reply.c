/* Parts of replies. */
#include <string.h>

#include "board.h"
#include "console.h"
#include "model_info.h"
#include "version.h"

/* `,"NAMESUFFIX":` */
static void key(ear_link *link, const char *name, const char *suffix) {
  ear_line_text(link, ",\"");
  ear_line_text(link, name);
  ear_line_text(link, suffix);
  ear_line_text(link, "\":");
}

void console_error(ear_link *link, const char *text) {
  ear_line_text(link, "error ");
  ear_line_text(link, text);
}

void console_accept(ear_link *link, const char *name, uint32_t value) {
  ear_line_text(link, "ok ");
  ear_line_text(link, name);
  ear_line_text(link, " ");
  ear_line_number(link, value);
}

void console_field(ear_link *link, const char *name, uint64_t value) {
  key(link, name, "");
  ear_line_number(link, value);
}

void console_text_field(ear_link *link, const char *name, const char *value) {
  key(link, name, "");
  ear_line_json(link, value);
}

/* `value` >= 0 with nine decimals, without a float library: the mantissa is 24 bits, 10^9 is 30. */
static void decimal(ear_link *link, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t nano = (uint64_t)((bits & 0x7fffff) | 0x800000) * 1000000000u;
  int shift = 150 - (int)(bits >> 23 & 255);
  nano = shift <= 0 || shift > 63 ? 0 : ((nano >> (shift - 1)) + 1) >> 1;
  ear_line_number(link, nano / 1000000000u);
  char digits[] = ".000000000";
  uint32_t rest = (uint32_t)(nano % 1000000000u);
  for (int i = 9; i > 0; i--, rest /= 10) digits[i] = (char)('0' + rest % 10);
  ear_line_text(link, digits);
}

/* Type, zero point, count and scale of a tensor: the keys start with `name`. */
static void tensor_fields(ear_link *link, const char *name, ear_tensor tensor) {
  int32_t zero = tensor.zero_point;
  console_text_field(link, name, tensor.type == EAR_INT8 ? "int8" : "float32");
  key(link, name, "_zero_point");
  if (zero < 0) ear_line_text(link, "-");
  ear_line_number(link, (uint32_t)(zero < 0 ? -zero : zero));
  key(link, name, "_count");
  ear_line_number(link, tensor.count);
  key(link, name, "_scale");
  decimal(link, tensor.scale);
}

void console_end_info(ear_link *link, const char *error) {
  if (error) {
    console_text_field(link, "error", error);
  } else {
    tensor_fields(link, "input", ear_engine_input());
    tensor_fields(link, "output", ear_engine_output());
  }
  ear_line_seal(link);
}

bool console_hello(ear_link *link, const char *version) {
  if (version && strcmp(version, "1") != 0) {
    console_error(link, "this firmware (" FIRMWARE_VERSION ") speaks protocol 1, not ");
    ear_line_text(link, version);
    return false;
  }
  link->sequence = 0;
  ear_line_text(link, "{\"protocol\":1,\"numbers\":true,\"firmware\":\"" FIRMWARE_VERSION "\"");
  console_text_field(link, "board", board_name());
  console_text_field(link, "engine", ear_engine_name());
  console_text_field(link, "model", ear_model.name);
  console_text_field(link, "sha256", ear_model.sha256);
  ear_line_text(link, ",\"labels\":[");
  for (uint8_t i = 0; i < ear_model.label_count; i++) {
    if (i) ear_line_text(link, ",");
    ear_line_json(link, ear_model.labels[i]);
  }
  ear_line_text(link, "]");
  ear_line_seal(link);
  return true;
}
