// A test double of NVIDIA's driver, NVRTC and cuBLASLt with their C ABI, for machines without a GPU. Device memory is host memory, kernels
// are the .cu texts compiled for the CPU, a product is three loops. It is stricter than the real thing: streams run as late as they may and
// in a seeded order, memory starts as NaN and is guarded, addresses are checked, and what leaks is counted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace fake {

enum Error {
  Success = 0, InvalidValue = 1, OutOfMemory = 2, NotInitialized = 3, NoDevice = 100, InvalidDevice = 101, InvalidContext = 201,
  PeerAccessUnsupported = 217, InvalidHandle = 400, NotFound = 500, IllegalAddress = 700, PeerAlreadyEnabled = 704, LaunchFailed = 719, CaptureUnsupported = 900
};

// What a test may ask for; see failures.cpp.
struct Wishes {
  int devices = 1, driver = 13000, major = 9, minor = 0, nvrtcMajor = 12, nvrtcMinor = 9;
  bool ignoreWaits = false;                      // a test of the tests: what if nobody waited for an event
  bool outerVector = true, compileFails = false, initFails = false;
  long allocationFails = 0, launchFails = 0;   // the n-th from now; 0: none
  size_t memory = size_t(1) << 30;
  uint64_t seed = 1;
};
extern Wishes wishes;

// Counters a test may read.
struct Counts { long live = 0, allocations = 0, launches = 0, products = 0, synchronisations = 0, guards = 0, handles = 0, uploads = 0, compiles = 0, graphs = 0; };
extern Counts counts;

extern std::recursive_mutex gate;
extern int sticky;                              // a failed launch breaks the context: every later call says so

typedef uint64_t Address;
typedef std::function<int()> Work;

struct Token { bool done = false; };
struct Event { std::shared_ptr<Token> latest; };

struct Operation { Work work; std::shared_ptr<Token> awaited, marks; };
struct Graph { std::vector<Operation> operations; };
struct Stream { int device; std::deque<Operation> queue; Graph* capturing = nullptr; };

int enqueue(Stream* stream, Operation operation);
int enqueue(Stream* stream, Work work);
int drain(Stream* stream);                      // until it is empty
int drainAll();
int settle(const std::shared_ptr<Token>& token);
bool capturing();                               // whether any stream is

int current();                                  // device of this thread's context, or -1
bool inside(Address address, size_t bytes, int device);   // within one live block that the device may reach
bool inside(Address address, int device);                 // of an address that may be no address at all: true unless it is a block out of reach
bool pinned(const void* pointer, size_t bytes);

}  // namespace fake

// The simulator's: runs a kernel of the .cu texts; names kernels with the letters of their parameters (p pointer, l eight bytes, i and f four).
extern "C" int simLaunch(const char* name, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned shared, void** arguments);
extern "C" int simKernel(int index, const char** name, const char** letters);
extern "C" const char* simError();
