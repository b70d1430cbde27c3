// What a kernel text needs to be compiled by g++: CUDA's words, mapped to the fibers of sim.cpp. Included before the kernels' prelude.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define RECS_SIMULATOR
#define __device__
#define __restrict__ __restrict

struct uint3 { unsigned x, y, z; };
struct int2 { int x, y; };
struct uint2 { unsigned x, y; };
static inline int2 make_int2(int x, int y) { return { x, y }; }
static inline uint2 make_uint2(unsigned x, unsigned y) { return { x, y }; }

// An OS thread runs one block at a time; these are set before one of its threads goes on.
extern thread_local uint3 threadIdx, blockIdx, blockDim, gridDim;

namespace sim {

enum class Meeting { Barrier, Shuffle, Ballot, Product, Sync, Load };

// Waits until every thread of the block has come to the same line.
void wait_for_block(int line);

// Leaves `bytes` bytes for the other lanes and waits until all 32 have come to the same line with the same operation.
void meet(Meeting kind, int line, const void* left, size_t bytes);

// What a lane left at the last meeting. A lane may be one meeting ahead, never two, so that two places a lane are enough.
const void* left_by(int lane);

// The block's dynamic shared memory: new for every block, filled with ones (NaN, -1), ended where the launch said.
void* shared_memory();

// Registers a kernel by name with the letters of its parameters: p pointer, i four bytes, l eight bytes, f float.
using Call = void (*)(const void* kernel, void** arguments);
void add_kernel(const char* name, int threads, const char* letters, const void* kernel, Call call);

template <class T> struct Letter { static constexpr char value = sizeof(T) == 8 ? 'l' : 'i'; };
template <class T> struct Letter<T*> { static constexpr char value = 'p'; };
template <> struct Letter<float> { static constexpr char value = 'f'; };
template <class T> struct Next { static T of(void** arguments, int& at) { return *(T*)arguments[at++]; } };

template <class... P> void call(const void* kernel, void** arguments) {
    int at = 0;
    // Braces evaluate from left to right.
    struct Run { Run(void (*k)(P...), P... p) { k(p...); } } run{ (void (*)(P...))kernel, Next<P>::of(arguments, at)... };
}
struct Registration {
    template <class... P> Registration(const char* name, int threads, void (*kernel)(P...)) {
        static const char letters[] = { Letter<P>::value..., 0 };
        add_kernel(name, threads, letters, (const void*)kernel, &sim::call<P...>);
    }
};

template <class T> T from_lane(int lane) { T value; memcpy(&value, left_by(lane), sizeof(T)); return value; }

}

#define KERNEL(name, threads, ...) static void name(__VA_ARGS__); static sim::Registration name##_registration(#name, threads, name); static void name(__VA_ARGS__)
#define SHARED(type, name) type* name = (type*)sim::shared_memory()

static inline void __syncthreads(int line = __builtin_LINE()) { sim::wait_for_block(line); }
static inline void __syncwarp(int line = __builtin_LINE()) { sim::meet(sim::Meeting::Sync, line, nullptr, 0); }
template <class T> static inline T __shfl_sync(unsigned, T value, int from, int line = __builtin_LINE()) {
    static_assert(sizeof(T) == 4, "shuffles of four bytes");
    sim::meet(sim::Meeting::Shuffle, line, &value, 4);
    return sim::from_lane<T>(from & 31);
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int apart, int line = __builtin_LINE()) {
    return __shfl_sync(mask, value, (int)(threadIdx.x & 31) ^ apart, line);
}
static inline unsigned __ballot_sync(unsigned, bool mine, int line = __builtin_LINE()) {
    sim::meet(sim::Meeting::Ballot, line, &mine, 1);
    unsigned all = 0;
    for (int lane = 0; lane < 32; lane++) all |= (unsigned)sim::from_lane<bool>(lane) << lane;
    return all;
}
static inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned to = 0;
    for (int i = 0; i < 4; i++) to |= (unsigned)(bytes >> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
    return to;
}
static inline unsigned multiply_pair(unsigned a, unsigned b) {
    unsigned to = 0;
    for (int shift = 0; shift < 32; shift += 16) {
        unsigned x = (a >> shift) << 16, y = (b >> shift) << 16, u;
        float left, right, product;
        memcpy(&left, &x, 4);
        memcpy(&right, &y, 4);
        product = left * right; // of two bf16: exact
        memcpy(&u, &product, 4);
        to |= ((u + 0x7fffu + (u >> 16 & 1u)) >> 16) << shift;
    }
    return to;
}
static inline unsigned long long atomicMin(unsigned long long* at, unsigned long long value) {
    unsigned long long old = *at;
    if (value < old) *at = value;
    return old;
}

// ldmatrix x4 trans; see threads.cu. A row that is no multiple of 16 bytes is a fault, as on a GPU.
template <class N> static inline void load_turned(const N* row, unsigned to[4], int line = __builtin_LINE()) {
    if ((uintptr_t)row % 16) __builtin_trap();
    sim::meet(sim::Meeting::Load, line, &row, sizeof row);
    int g = (threadIdx.x & 31) / 4, q = threadIdx.x % 4 * 2;
    for (int i = 0; i < 4; i++) to[i] = sim::from_lane<const N*>(8 * i + q)[g].bits | (unsigned)sim::from_lane<const N*>(8 * i + q + 1)[g].bits << 16;
}

// mma.sync m16n8k16 as the PTX manual lays it out over lanes: see threads.cu.
static inline void mma(float c[4], const unsigned a[4], const unsigned b[2], int line = __builtin_LINE()) {
    struct Fragments { unsigned a[4], b[2]; } own;
    memcpy(own.a, a, sizeof own.a);
    memcpy(own.b, b, sizeof own.b);
    sim::meet(sim::Meeting::Product, line, &own, sizeof own);
    auto number = [](unsigned pair, int upper) { unsigned bits = upper ? pair & 0xffff0000u : pair << 16; float f; memcpy(&f, &bits, 4); return (double)f; };
    int lane = threadIdx.x & 31;
    for (int i = 0; i < 4; i++) {
        int row = lane / 4 + (i / 2) * 8, column = lane % 4 * 2 + i % 2;
        double sum = c[i];
        for (int k = 0; k < 16; k++) {
            const Fragments* of_a = (const Fragments*)sim::left_by(row % 8 * 4 + k % 8 / 2);
            const Fragments* of_b = (const Fragments*)sim::left_by(column * 4 + k % 8 / 2);
            sum += number(of_a->a[row / 8 + k / 8 * 2], k % 2) * number(of_b->b[k / 8], k % 2);
        }
        c[i] = (float)sum;
    }
}
