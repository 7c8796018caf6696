// OpenBLAS's own cblas.h (not the reference one) declares openblas_set_num_threads.
#include <cblas.h>
// LAPACKE's C99 complex types cannot be imported into Swift; only real routines are called.
#define lapack_complex_float float
#define lapack_complex_double double
#include <lapacke.h>
