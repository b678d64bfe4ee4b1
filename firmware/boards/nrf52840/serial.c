/* Serial port: UARTE0. Sends by DMA from the caller's memory, receives into a ring.
 *
 * Receiving takes one byte per DMA transfer and starts the next in the interrupt; the UARTE's own
 * FIFO (6.34: six bytes, 60 us at 1 Mbaud) covers the time in between, and the longest time that
 * interrupts are off or busy elsewhere is a few microseconds. */
#include "board.h"
#include "internal.h"
#include "nrf52840.h"
#include "pins.h"

#define RX_RING 256u /* a power of two */
#define PIECE 256u   /* bytes that the DMA sends at once: then their memory is free again */
#define START_BAUD 115200u
#define SEND_TRIES 4000000u /* polls: more than 2 kB need at 115200 baud */
#define STOP_TRIES 400000u  /* polls: more than the few bytes on their way need at 1200 baud */

/* UARTE BAUDRATE, 6.34. */
static const struct {
  uint32_t baud, code;
} speeds[] = {
    {115200, 0x01D60000}, {230400, 0x03B00000},  {460800, 0x07400000},
    {921600, 0x0F000000}, {1000000, 0x10000000},
};

static uint8_t rx_byte; /* where the DMA puts it */
static uint8_t rx_ring[RX_RING];
static volatile uint32_t rx_in, rx_out; /* bytes ever put in, taken out */
static volatile uint32_t tx_sending;    /* bytes the DMA is sending now */
static struct {
  const uint8_t *bytes;
  uint32_t count;
} tx_runs[2]; /* to send after that: the second where the first does not go on, as in a ring */
static volatile uint32_t tx_sent; /* bytes ever */
static volatile uint32_t lost;

static uint32_t code_of(uint32_t baud) {
  for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
    if (speeds[i].baud == baud) return speeds[i].code;
  }
  return 0;
}

/* Ends what a bootloader left behind: a port that receives, events, interrupts, errors. The UARTE
 * is disabled only when RXTO and TXSTOPPED have answered (nRF52840 PS 6.34, "Low power"), because
 * it writes to the bootloader's buffer until then, and pins are chosen while it is disabled ("Pin
 * configuration"). Reading ERRORSRC last lets the cleared events reach the NVIC (6.1, "Interrupt
 * clearing"). */
static void take_over(void) {
  UARTE_INTENCLR = 0xFFFFFFFFu;
  UARTE_SHORTS = 0;
  if (UARTE_ENABLE) {
    UARTE_EVENTS_RXTO = 0;
    UARTE_EVENTS_TXSTOPPED = 0;
    UARTE_TASKS_STOPRX = 1;
    UARTE_TASKS_STOPTX = 1;
    for (uint32_t i = 0; i < STOP_TRIES; i++) {
      if (UARTE_EVENTS_RXTO && UARTE_EVENTS_TXSTOPPED) break;
    }
    UARTE_ENABLE = 0;
  }
  UARTE_EVENTS_ENDRX = 0;
  UARTE_EVENTS_ENDTX = 0;
  UARTE_EVENTS_ERROR = 0;
  UARTE_ERRORSRC = UARTE_ERRORSRC; /* ones clear */
}

void serial_init(void) {
  take_over();
  gpio_output(PIN_SERIAL_TX, 1);
  GPIO_PIN_CNF(PIN_SERIAL_RX) = GPIO_INPUT_PULLUP; /* a cable that is not there must not chatter */
  UARTE_PSEL_TXD = PIN_SERIAL_TX;
  UARTE_PSEL_RXD = PIN_SERIAL_RX;
  UARTE_BAUDRATE = code_of(START_BAUD);
  UARTE_CONFIG = 0; /* no parity, no flow control */
  UARTE_RXD_PTR = (uint32_t)(uintptr_t)&rx_byte;
  UARTE_RXD_MAXCNT = 1;
  UARTE_ENABLE = UARTE_ENABLE_ON;
  UARTE_INTENSET = UARTE_INT_ENDRX | UARTE_INT_ENDTX | UARTE_INT_ERROR;
  interrupt_enable(UARTE_IRQ);
  UARTE_TASKS_STARTRX = 1;
}

static void start(const uint8_t *bytes, uint32_t count) {
  UARTE_TXD_PTR = (uint32_t)(uintptr_t)bytes;
  UARTE_TXD_MAXCNT = count;
  UARTE_TASKS_STARTTX = 1;
}

/* Interrupts are off. */
static void send_next(void) {
  if (tx_runs[0].count == 0) {
    tx_runs[0] = tx_runs[1];
    tx_runs[1].count = 0;
  }
  tx_sending = tx_runs[0].count < PIECE ? tx_runs[0].count : PIECE;
  if (tx_sending) start(tx_runs[0].bytes, tx_sending);
  tx_runs[0].bytes += tx_sending;
  tx_runs[0].count -= tx_sending;
}

static void received(void) {
  UARTE_EVENTS_ENDRX = 0;
  if (rx_in - rx_out < RX_RING) {
    rx_ring[rx_in % RX_RING] = rx_byte;
    rx_in++;
  } else {
    lost++;
  }
  UARTE_TASKS_STARTRX = 1;
}

static void sent(void) {
  UARTE_EVENTS_ENDTX = 0;
  tx_sent += tx_sending;
  send_next();
}

void serial_interrupt(void) {
  if (UARTE_EVENTS_ENDRX) received();
  if (UARTE_EVENTS_ENDTX) sent();
  if (UARTE_EVENTS_ERROR) {
    UARTE_EVENTS_ERROR = 0;
    UARTE_ERRORSRC = UARTE_ERRORSRC; /* ones clear */
    lost++;
  }
  sleep_end();
  memory_barrier(); /* the events are down before the interrupt returns */
}

size_t board_serial_read(uint8_t *bytes, size_t count) {
  size_t taken = 0;
  while (taken < count && rx_out != rx_in) {
    bytes[taken++] = rx_ring[rx_out % RX_RING];
    rx_out++;
  }
  return taken;
}

size_t board_serial_send(const uint8_t *bytes, size_t count) {
  uint32_t mask = interrupts_off();
  bool is_second = tx_runs[0].count && bytes != tx_runs[0].bytes + tx_runs[0].count;
  if (tx_runs[is_second].count == 0) tx_runs[is_second].bytes = bytes;
  if (bytes != tx_runs[is_second].bytes + tx_runs[is_second].count) count = 0;
  tx_runs[is_second].count += count;
  if (tx_sending == 0) send_next();
  interrupts_restore(mask);
  return count;
}

size_t board_serial_sent(void) {
  static uint32_t counted;
  uint32_t count = tx_sent - counted;
  counted += count;
  return count;
}

uint32_t board_serial_lost(void) {
  return lost;
}

bool board_serial_set_baud(uint32_t baud) {
  uint32_t code = code_of(baud);
  if (code) UARTE_BAUDRATE = code;
  return code != 0;
}

static void wait_sent(void) {
  for (uint32_t i = 0; i < SEND_TRIES && !UARTE_EVENTS_ENDTX; i++) {
  }
}

void serial_send_now(const char *bytes, size_t count) {
  if (UARTE_ENABLE != UARTE_ENABLE_ON) serial_init();
  if (tx_sending) wait_sent();
  UARTE_EVENTS_ENDTX = 0;
  start((const uint8_t *)bytes, count);
  wait_sent();
}
