/* There is no heap. Newlib's snprintf names these for asprintf's sake and never calls them;
 * defining them keeps its malloc out of the image, and the linker script refuses any other use of a
 * heap. */
#include <reent.h>
#include <stddef.h>

void *_malloc_r(struct _reent *state, size_t size);
void *_realloc_r(struct _reent *state, void *block, size_t size);
void _free_r(struct _reent *state, void *block);

void *_malloc_r(struct _reent *state, size_t size) {
  (void)state;
  (void)size;
  return NULL;
}

void *_realloc_r(struct _reent *state, void *block, size_t size) {
  (void)state;
  (void)block;
  (void)size;
  return NULL;
}

void _free_r(struct _reent *state, void *block) {
  (void)state;
  (void)block;
}
