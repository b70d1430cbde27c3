// cuBLASLt: products in float32, summed in one order whatever the rows, of float32, bf16 and e4m3 numbers.
#include "double.h"
#include <cmath>
#include <cstring>
using namespace fake;

namespace {
enum { F32 = 0, BF16 = 14, E4M3 = 28 };
struct Desc { int compute, scale, ta, tb, amode, bmode; const float *as, *bs; };
struct Layout { int type; uint64_t rows, cols; int64_t ld; };
struct Preference { uint64_t workspace = 0; uint32_t reductions = 0xff; };
struct Algorithm { uint64_t kind, reserved[7]; };
struct Heuristic { Algorithm algorithm; size_t workspace; int state; float waves; int reserved[4]; };

size_t bytes(int type) { return type == F32 ? 4 : type == BF16 ? 2 : 1; }
float wide(const void* p, int type, size_t i) {
  if (type == F32) return ((const float*)p)[i];
  if (type == BF16) { uint32_t u = (uint32_t)((const uint16_t*)p)[i] << 16; float f; memcpy(&f, &u, 4); return f; }
  uint8_t b = ((const uint8_t*)p)[i]; int e = (b >> 3) & 15, m = b & 7;
  if (e == 15 && m == 7) return NAN;
  float f = e ? std::ldexp(1 + m / 8.f, e - 7) : std::ldexp(m / 8.f, -6);
  return b & 128 ? -f : f;
}
void store(void* p, int type, size_t i, float v) {
  if (type == F32) { ((float*)p)[i] = v; return; }
  uint32_t u; memcpy(&u, &v, 4);
  ((uint16_t*)p)[i] = std::isnan(v) ? 0x7fff : (u + 0x7fff + ((u >> 16) & 1)) >> 16;
}
size_t extent(const Layout* l) { return bytes(l->type) * ((l->cols - 1) * l->ld + l->rows); }

// What Hopper's cuBLASLt takes: FP8 only as TN, in multiples of 16, with a factor each for rows and columns.
bool possible(const Desc* d, const Layout* a, const Layout* b, const Layout* y) {
  if (d->compute != 68 || a->type != b->type || (y->type != F32 && y->type != BF16)) return false;
  if (a->type == F32 && y->type != F32) return false;
  if (a->type != E4M3) return !d->amode && !d->bmode;
  return wishes.outerVector && d->amode == 3 && d->bmode == 3 && d->ta == 1 && !d->tb && a->rows % 16 == 0 && a->cols % 16 == 0 && y->type == BF16;
}

int multiply(const Desc& d, const void* A, const Layout& a, const void* B, const Layout& b, void* D, const Layout& y) {
  size_t m = y.rows, n = y.cols, k = d.ta ? a.rows : a.cols;
  std::vector<float> w(m * k), x(k);
  for (size_t i = 0; i < m; i++) for (size_t j = 0; j < k; j++) w[i * k + j] = wide(A, a.type, d.ta ? j + i * a.ld : i + j * a.ld);
  for (size_t t = 0; t < n; t++) {
    for (size_t j = 0; j < k; j++) x[j] = wide(B, b.type, j + t * b.ld);
    for (size_t i = 0; i < m; i++) {
      const float *row = &w[i * k], *in = x.data();
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (size_t j = 0; j < k; j++) sum += row[j] * in[j];
      if (d.amode == 3) sum = sum * d.as[i] * d.bs[t];
      store(D, y.type, i + t * y.ld, sum);
    }
  }
  return 0;
}
}  // namespace

API int cublasLtCreate(void** h) { static char handle; *h = &handle; counts.handles++; return 0; }
API int cublasLtDestroy(void*) { counts.handles--; return 0; }
API size_t cublasLtGetVersion() { return 120900; }
API int cublasLtMatmulDescCreate(Desc** d, int compute, int scale) { *d = new Desc{compute, scale, 0, 0, 0, 0, nullptr, nullptr}; counts.handles++; return 0; }
API int cublasLtMatmulDescDestroy(Desc* d) { delete d; counts.handles--; return 0; }
API int cublasLtMatmulDescSetAttribute(Desc* d, int a, const void* v, size_t n) {
  void* to = a == 3 ? (void*)&d->ta : a == 4 ? (void*)&d->tb : a == 17 ? (void*)&d->as : a == 18 ? (void*)&d->bs : a == 31 ? (void*)&d->amode : a == 32 ? (void*)&d->bmode : nullptr;
  if (!to || n != (a == 17 || a == 18 ? 8 : 4)) return 7;
  memcpy(to, v, n);
  return 0;
}
API int cublasLtMatrixLayoutCreate(Layout** l, int type, uint64_t rows, uint64_t cols, int64_t ld) { *l = new Layout{type, rows, cols, ld}; counts.handles++; return 0; }
API int cublasLtMatrixLayoutDestroy(Layout* l) { delete l; counts.handles--; return 0; }
API int cublasLtMatrixLayoutSetAttribute(Layout* l, int a, const void* v, size_t n) { if (a != 3 || n != 8) return 7; memcpy(&l->cols, v, 8); return 0; }
API int cublasLtMatmulPreferenceCreate(Preference** p) { *p = new Preference; counts.handles++; return 0; }
API int cublasLtMatmulPreferenceDestroy(Preference* p) { delete p; counts.handles--; return 0; }
API int cublasLtMatmulPreferenceSetAttribute(Preference* p, int a, const void* v, size_t n) {
  if (a == 1 && n == 8) memcpy(&p->workspace, v, 8);
  else if (a == 3 && n == 4) memcpy(&p->reductions, v, 4);
  else if (a < 5 || a > 8 || n != 4) return 7;
  return 0;
}
API int cublasLtMatmulAlgoGetHeuristic(void*, Desc* d, Layout* a, Layout* b, Layout*, Layout* y, Preference* p, int asked, Heuristic* found, int* got) {
  memset(found, 0, sizeof *found * asked);
  *got = possible(d, a, b, y) && asked > 0;
  // One that splits its sum is only given to those who allow it, as a trap.
  found[0].algorithm.kind = p->reductions ? 2 : 1;
  found[0].workspace = p->workspace < 4096 ? p->workspace : 4096;
  return *got ? 0 : 15;
}
API int cublasLtMatmul(void*, Desc* d, const float* alpha, const void* A, Layout* a, const void* B, Layout* b, const float* beta, const void*, Layout*, void* D, Layout* y,
                       const Algorithm* algorithm, void* workspace, size_t workspaceBytes, Stream* s) {
  std::lock_guard<std::recursive_mutex> lock(gate);
  if (sticky) return 13;
  if (*alpha != 1 || *beta != 0 || !algorithm || algorithm->kind != 1 || !possible(d, a, b, y)) return 15;
  size_t m = y->rows, n = y->cols, k = d->ta ? a->rows : a->cols;
  if ((d->ta ? a->cols : a->rows) != m || b->cols != n || b->rows != k) return 7;
  if (!inside((Address)A, extent(a), s->device) || !inside((Address)B, extent(b), s->device) || !inside((Address)D, extent(y), s->device)) return 13;
  if (!inside((Address)workspace, workspaceBytes, s->device)) return 7;
  if (d->amode == 3 && (!inside((Address)d->as, m * 4, s->device) || !inside((Address)d->bs, n * 4, s->device))) return 13;
  counts.products++;
  return enqueue(s, [d = *d, a = *a, b = *b, y = *y, A, B, D] { return multiply(d, A, a, B, b, D, y); });
}
