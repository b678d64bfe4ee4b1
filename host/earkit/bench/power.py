"""An estimate of the board's average current while it listens, from the nRF52840's typical figures.

From memory of Nordic's nRF52840 Product Specification (current consumption: "CPU running", "HFXO", "PDM"),
3 V, DC/DC regulator on; the Nano 33 BLE's microphone (MP34DT05, 0.65 mA), lights and USB are not counted.
"""

RUNNING_MA = 3.3
"""CPU running from flash with cache, 64 MHz."""
ASLEEP_MA = 0.95
"""CPU waiting; crystal oscillator, PDM and its DMA running."""


def average_ma(share: float) -> float:
    """mA for a CPU that runs `share` (0..1) of the time and sleeps otherwise."""
    return share * RUNNING_MA + (1 - share) * ASLEEP_MA
