"""Programs for ARM64 under an emulator that counts what they execute (docs/performance.md)."""
