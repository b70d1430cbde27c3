// Fibers of x86-64: a stack of their own and the registers a call keeps. Under AddressSanitizer it is told of every change of stacks.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>
#include <vector>

#ifndef __x86_64__
#error The fibers of the simulator are written for x86-64.
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace sim {

struct Stack { unsigned char* bottom; };
static constexpr size_t StackBytes = 64 << 10, PageBytes = 4096;

struct Fiber { void* top; const void* bottom; size_t bytes; void* fake; };

// Stacks are kept; an unmapped page below each turns an overflow into a fault.
static inline void fit_stacks(std::vector<Stack>& stacks, size_t count) {
    while (stacks.size() < count) {
        void* memory = mmap(nullptr, StackBytes + PageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory, PageBytes, PROT_NONE)) abort();
        stacks.push_back({ (unsigned char*)memory + PageBytes });
    }
#ifdef __SANITIZE_ADDRESS__
    // A launch that failed left its fibers in the middle of their functions.
    for (Stack& stack : stacks) __asan_unpoison_memory_region(stack.bottom, StackBytes);
#endif
}

extern "C" void sim_switch(void** save, void* load);
asm(R"(
.text
.p2align 4
.type sim_switch,@function
sim_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size sim_switch,.-sim_switch
)");

static inline void start_fiber(Fiber& fiber, const Stack& stack, void (*run)()) {
    // Six registers for sim_switch to load, its return address, and the place where a caller's would be: run finds the stack as after a call.
    void** top = (void**)(stack.bottom + StackBytes - 8) - 7;
    for (int i = 0; i < 6; i++) top[i] = nullptr;
    top[6] = (void*)run;
    top[7] = nullptr;
    fiber = { top, stack.bottom, StackBytes, nullptr };
}

// The first thing a fiber does.
static inline void arrive_in_fiber(Fiber& from) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, &from.bottom, &from.bytes);
#endif
    (void)from;
}

static inline void switch_fiber(Fiber& from, Fiber& to, bool is_last) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(is_last ? nullptr : &from.fake, to.bottom, to.bytes);
    sim_switch(&from.top, to.top);
    __sanitizer_finish_switch_fiber(from.fake, nullptr, nullptr);
#else
    (void)is_last;
    sim_switch(&from.top, to.top);
#endif
}

}
