#ifndef SUYO_PROCESSOR_H
#define SUYO_PROCESSOR_H

#include <stdbool.h>

/// Whether this processor, and the operating system under it, run AVX2.
bool suyo_processor_has_avx2(void);
/// Whether this processor runs fused multiply-add.
bool suyo_processor_has_fma(void);
/// Whether this processor runs the bit manipulation instructions of x86-64-v3.
bool suyo_processor_has_bmi2(void);

#endif
