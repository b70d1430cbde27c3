// Runs a launch: blocks one after another, a fiber for each thread of a block. A fiber runs until it waits for its warp or its block, or ends.
// Every wrong meeting (some lanes elsewhere, at another line, or ended) ends the launch with a message, never the process.
#include "sim.h"
#include "fiber.h"
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

thread_local uint3 threadIdx, blockIdx, blockDim, gridDim;

namespace sim {

enum class State { Ready, InWarp, InBlock, Ended };

struct Thread {
    Fiber fiber;
    State state;
    Meeting kind;
    int line;
    int meetings;
    unsigned char left[2][32];
};

struct Kernel { int threads; const char* letters; const void* kernel; Call call; };

static std::map<std::string, Kernel>& kernels() { static std::map<std::string, Kernel> all; return all; }

void add_kernel(const char* name, int threads, const char* letters, const void* kernel, Call call) { kernels()[name] = { threads, letters, kernel, call }; }

// One launch of an OS thread.
struct Block {
    std::vector<Thread> threads;
    std::vector<Stack> stacks;
    Fiber scheduler;
    Thread* running = nullptr;
    void* shared = nullptr;
    const Kernel* kernel = nullptr;
    void** arguments = nullptr;
    const char* name = "";
    char error[400] = "";
    int order = 0;
};
static thread_local Block block;

static int fail(int code, const char* format, ...) {
    va_list list;
    va_start(list, format);
    int at = snprintf(block.error, sizeof block.error, "kernel %s, block (%u, %u, %u): ", block.name, blockIdx.x, blockIdx.y, blockIdx.z);
    vsnprintf(block.error + at, sizeof block.error - at, format, list);
    va_end(list);
    return code;
}

static void leave(State state) {
    Thread* own = block.running;
    own->state = state;
    switch_fiber(own->fiber, block.scheduler, state == State::Ended);
}

void wait_for_block(int line) {
    block.running->line = line;
    leave(State::InBlock);
}

void meet(Meeting kind, int line, const void* left, size_t bytes) {
    Thread* own = block.running;
    own->kind = kind;
    own->line = line;
    own->meetings++;
    if (bytes) memcpy(own->left[own->meetings & 1], left, bytes);
    leave(State::InWarp);
}

const void* left_by(int lane) {
    Thread* own = block.running;
    int first = (int)(own - block.threads.data()) & ~31;
    return block.threads[first + lane].left[own->meetings & 1];
}

void* shared_memory() { return block.shared; }

static void run_thread() {
    arrive_in_fiber(block.scheduler);
    block.kernel->call(block.kernel->kernel, block.arguments);
    leave(State::Ended);
}

static void resume(int t) {
    block.running = &block.threads[t];
    threadIdx = { (unsigned)t, 0, 0 };
    switch_fiber(block.scheduler, block.running->fiber, false);
}

// Runs a warp until all its lanes wait for the block or have ended.
static int run_warp(int first) {
    static const char* const names[] = { "a barrier", "a shuffle", "a ballot", "a matrix product", "a warp's synchronisation", "a matrix load" };
    for (;;) {
        for (int i = 0; i < 32; i++) {
            int t = first + (block.order ? 31 - i : i);
            if (block.threads[t].state == State::Ready) resume(t);
        }
        Thread* one = nullptr;
        for (int t = first; t < first + 32; t++) if (block.threads[t].state == State::InWarp) one = &block.threads[t];
        if (!one) return 0;
        for (int t = first; t < first + 32; t++) {
            Thread& other = block.threads[t];
            if (other.state == State::Ended) return fail(3, "divergence: thread %d has ended, while others of its warp wait at %s, line %d", t, names[(int)one->kind], one->line);
            if (other.state == State::InBlock) return fail(3, "divergence: thread %d waits at a barrier, line %d, others of its warp at %s, line %d", t, other.line, names[(int)one->kind], one->line);
            if (other.kind != one->kind || other.line != one->line)
                return fail(3, "divergence: thread %d is at %s, line %d, others of its warp at %s, line %d", t, names[(int)other.kind], other.line, names[(int)one->kind], one->line);
        }
        for (int t = first; t < first + 32; t++) block.threads[t].state = State::Ready;
    }
}

static int run_block() {
    int count = (int)block.threads.size(), warps = count / 32;
    for (int t = 0; t < count; t++) {
        block.threads[t].state = State::Ready;
        block.threads[t].meetings = 0;
        start_fiber(block.threads[t].fiber, block.stacks[t], run_thread);
    }
    for (;;) {
        for (int i = 0; i < warps; i++)
            if (int code = run_warp(32 * (block.order ? warps - 1 - i : i))) return code;
        int ended = 0, at_first_line = 0;
        for (Thread& thread : block.threads) {
            ended += thread.state == State::Ended;
            at_first_line += thread.state == State::InBlock && thread.line == block.threads[0].line;
        }
        if (ended == count) return 0;
        if (ended > 0) return fail(4, "deadlock: %d of %d threads have ended, the others wait at a barrier", ended, count);
        if (at_first_line != count) return fail(3, "divergence: %d threads wait at the barrier of line %d, the others at another", at_first_line, block.threads[0].line);
        for (Thread& thread : block.threads) thread.state = State::Ready;
    }
}

}

using namespace sim;

extern "C" void simSetOrder(int order) { block.order = order; }
extern "C" const char* simError() { return block.error; }
// The kernel of this number in the order of names, or 0 beyond the last.
extern "C" int simKernel(int index, const char** name, const char** letters) {
    for (auto& kernel : kernels())
        if (index-- == 0) { *name = kernel.first.c_str(); *letters = kernel.second.letters; return 1; }
    return 0;
}

extern "C" int simLaunch(const char* symbol, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned threads, unsigned shared, void** arguments) {
    block.name = symbol;
    block.error[0] = 0;
    blockIdx = { 0, 0, 0 };
    auto found = kernels().find(symbol);
    if (found == kernels().end()) return fail(1, "there is no kernel of this name");
    if (threads == 0 || threads % 32 || threads > (unsigned)found->second.threads) return fail(2, "%u threads; it takes whole warps, up to %d", threads, found->second.threads);
    if (grid_x == 0 || grid_y == 0 || grid_z == 0 || grid_x > 0x7fffffffu || grid_y > 65535 || grid_z > 65535) return fail(2, "a grid of (%u, %u, %u) blocks", grid_x, grid_y, grid_z);
    if (shared > 48 << 10) return fail(2, "%u bytes of shared memory; a launch has 49152", shared);
    block.kernel = &found->second;
    block.arguments = arguments;
    block.threads.resize(threads);
    fit_stacks(block.stacks, threads);
    blockDim = { threads, 1, 1 };
    gridDim = { grid_x, grid_y, grid_z };
    for (unsigned z = 0; z < grid_z; z++)
        for (unsigned y = 0; y < grid_y; y++)
            for (unsigned i = 0; i < grid_x; i++) {
                blockIdx = { block.order ? grid_x - 1 - i : i, block.order ? grid_y - 1 - y : y, z };
                block.shared = malloc(shared);
                memset(block.shared, 0xff, shared);
                int code = run_block();
                free(block.shared);
                if (code) return code;
            }
    return 0;
}
