#include "processor.h"

// Swift has no way to ask the processor what it can do; the C compiler has. Compiled for the baseline, so that asking
// works where the answer is no.
#if defined(__x86_64__)
bool suyo_processor_has_avx2(void) { return __builtin_cpu_supports("avx2"); }
bool suyo_processor_has_fma(void) { return __builtin_cpu_supports("fma"); }
bool suyo_processor_has_bmi2(void) { return __builtin_cpu_supports("bmi2"); }
#else
bool suyo_processor_has_avx2(void) { return true; }
bool suyo_processor_has_fma(void) { return true; }
bool suyo_processor_has_bmi2(void) { return true; }
#endif
