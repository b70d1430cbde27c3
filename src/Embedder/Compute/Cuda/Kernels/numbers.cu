// Number formats. A kernel file uses no #include: it is compiled by NVRTC, and in tests by g++ behind a simulator.
// N is what a product reads and writes: float or bf16. Arithmetic is float32 throughout.

struct bf16 { unsigned short bits; };
typedef unsigned char e4m3;

// The order of ElementType.
enum Stored { StoredF32 = 0, StoredBF16 = 1, StoredF16 = 2, StoredE4M3 = 3 };

__device__ static inline float float_of(unsigned bits) { union { unsigned u; float f; } c; c.u = bits; return c.f; }
__device__ static inline unsigned bits_of(float value) { union { unsigned u; float f; } c; c.f = value; return c.u; }

__device__ static inline float infinity() { return float_of(0x7f800000u); }

__device__ static inline float widen(float value) { return value; }
__device__ static inline float widen(bf16 value) { return float_of((unsigned)value.bits << 16); }

// Short floats of any bias: the exponent is moved by a product with a power of two, which makes subnormals right too. Needs subnormals
// in the product's argument, hence no fast math.
__device__ static inline float widen_f16(unsigned bits) {
    float magnitude = (bits & 0x7c00u) == 0x7c00u ? float_of(0x7f800000u | (bits & 0x3ffu) << 13) : float_of((bits & 0x7fffu) << 13) * 0x1p112f;
    return bits & 0x8000u ? -magnitude : magnitude;
}
__device__ static inline float widen_e4m3(unsigned bits) {
    float magnitude = (bits & 0x7fu) == 0x7fu ? float_of(0x7fc00000u) : float_of((bits & 0x7fu) << 20) * 0x1p120f;
    return bits & 0x80u ? -magnitude : magnitude;
}

// To nearest, ties to even; a NaN stays one.
__device__ static inline void narrow(float value, float* to) { *to = value; }
__device__ static inline void narrow(float value, bf16* to) {
    unsigned u = bits_of(value);
    to->bits = value != value ? 0x7fc0 : (unsigned short)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
// Two neighbours as one register of mma.
__device__ static inline unsigned pair_at(const bf16* from) { return *(const unsigned*)from; }
__device__ static inline unsigned narrow_pair(float lower, float upper) {
    bf16 a, b;
    narrow(lower, &a);
    narrow(upper, &b);
    return a.bits | (unsigned)b.bits << 16;
}

// Fp8Rounding.RoundE4M3 and its code, for magnitudes up to 448: below 2^-6 the numbers are 2^-9 apart, which adding 1.5 * 2^14 rounds to;
// above, 3 of 23 mantissa bits are kept.
__device__ static inline e4m3 narrow_e4m3(float value) {
    unsigned sign = bits_of(value) >> 24 & 0x80u, u = bits_of(value) & 0x7fffffffu;
    float magnitude = float_of(u);
    if (magnitude < 0x1p-6f) {
        unsigned code = (unsigned)((magnitude + 24576.f - 24576.f) * 512.f);
        return (e4m3)(code ? sign | code : 0u); // the sum leaves no negative zero
    }
    u = u + 0x7ffffu + (u >> 20 & 1u);
    return (e4m3)(sign | ((u >> 20) - (120u << 3)));
}
// Fp8Rounding.Round's divisor for a row whose largest magnitude this is.
__device__ static inline float e4m3_scale(float largest) { return largest == 0.f ? 1.f : largest / 448.f; }

__device__ static inline unsigned code_of(bf16 number) { return number.bits; }
__device__ static inline unsigned code_of(e4m3 number) { return number; }

__device__ static inline float load_stored(const void* from, int type, size_t i) {
    switch (type) {
        case StoredF32: return ((const float*)from)[i];
        case StoredBF16: return widen(((const bf16*)from)[i]);
        case StoredF16: return widen_f16(((const unsigned short*)from)[i]);
        default: return widen_e4m3(((const e4m3*)from)[i]);
    }
}

struct alignas(16) Bytes16 { unsigned u[4]; };
struct Eight { float v[8]; };

// Numbers [8 * pack, 8 * pack + 8) of a row: whole 16-byte words where every row starts at one, else one by one; zeros behind the end.
__device__ static inline Eight load_eight(const float* row, int pack, int columns) {
    Eight to;
    if (columns % 8 == 0) {
        Bytes16 a = ((const Bytes16*)row)[2 * pack], b = ((const Bytes16*)row)[2 * pack + 1];
        for (int j = 0; j < 4; j++) { to.v[j] = float_of(a.u[j]); to.v[4 + j] = float_of(b.u[j]); }
    } else for (int j = 0; j < 8; j++) to.v[j] = 8 * pack + j < columns ? row[8 * pack + j] : 0.f;
    return to;
}
__device__ static inline Eight load_eight(const bf16* row, int pack, int columns) {
    Eight to;
    if (columns % 8 == 0) {
        Bytes16 a = ((const Bytes16*)row)[pack];
        for (int j = 0; j < 4; j++) { to.v[2 * j] = float_of(a.u[j] << 16); to.v[2 * j + 1] = float_of(a.u[j] & 0xffff0000u); }
    } else for (int j = 0; j < 8; j++) to.v[j] = 8 * pack + j < columns ? widen(row[8 * pack + j]) : 0.f;
    return to;
}
__device__ static inline void store_eight(float* row, int pack, int columns, const Eight& from) {
    if (columns % 8 == 0) {
        Bytes16 a, b;
        for (int j = 0; j < 4; j++) { a.u[j] = bits_of(from.v[j]); b.u[j] = bits_of(from.v[4 + j]); }
        ((Bytes16*)row)[2 * pack] = a;
        ((Bytes16*)row)[2 * pack + 1] = b;
    } else for (int j = 0; j < 8 && 8 * pack + j < columns; j++) row[8 * pack + j] = from.v[j];
}
__device__ static inline void store_eight(bf16* row, int pack, int columns, const Eight& from) {
    if (columns % 8 == 0) {
        Bytes16 a;
        for (int j = 0; j < 4; j++) a.u[j] = narrow_pair(from.v[2 * j], from.v[2 * j + 1]);
        ((Bytes16*)row)[pack] = a;
    } else for (int j = 0; j < 8 && 8 * pack + j < columns; j++) narrow(from.v[j], row + 8 * pack + j);
}
