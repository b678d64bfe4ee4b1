/* The firmware's version: earshot's, as tests/python/device checks. */
#define FIRMWARE_VERSION "0.1.0"
