// Start, devices, contexts, modules and launches.
#include "double.h"
#include <cstring>
#include <cstdio>
#include <cstdlib>
#include <map>
using namespace fake;

namespace fake {
static thread_local int context = -1;
int current() { return context; }
static const char Magic[] = "recs test double cubin\n";
struct Module { std::string image; };
struct Function { std::string name; int shared = 48 << 10; };
static std::map<std::string, Function*> functions;
}  // namespace fake

// The letters of a kernel's parameters, or null where there is none of that name.
static const std::string* lettersOf(const char* name) {
  static std::map<std::string, std::string> all;
  const char *kernel, *letters;
  if (all.empty()) for (int i = 0; simKernel(i, &kernel, &letters); i++) all[kernel] = letters;
  auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

#define LOCK std::lock_guard<std::recursive_mutex> lock(gate); if (sticky) return sticky
API int cuInit(unsigned) { std::lock_guard<std::recursive_mutex> lock(gate); return wishes.initFails ? NoDevice : Success; }
API int cuDriverGetVersion(int* v) { *v = wishes.driver; return Success; }
API int cuDeviceGetCount(int* n) { *n = wishes.devices; return Success; }
API int cuDeviceGet(int* d, int i) { *d = i; return i >= 0 && i < wishes.devices ? Success : InvalidDevice; }
API int cuDeviceGetName(char* name, int n, int d) { snprintf(name, n, "Test double %d", d); return Success; }
API int cuDeviceGetAttribute(int* v, int a, int) { *v = a == 75 ? wishes.major : a == 76 ? wishes.minor : a == 16 ? 4 : a == 97 ? 232448 : 0; return Success; }
API int cuDevicePrimaryCtxRetain(void** c, int d) { LOCK; *c = (void*)(intptr_t)(d + 1); counts.handles++; return Success; }
// The last to let go of a context leaves a whole one to the next.
API int cuDevicePrimaryCtxRelease_v2(int) { std::lock_guard<std::recursive_mutex> lock(gate); counts.handles--; drainAll(); sticky = 0; return Success; }
API int cuCtxSetCurrent(void* c) { context = (int)(intptr_t)c - 1; return Success; }

API int cuGetErrorName(int e, const char** name) {
  static const std::map<int, const char*> names = {{1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {3, "CUDA_ERROR_NOT_INITIALIZED"}, 
    {100, "CUDA_ERROR_NO_DEVICE"}, {101, "CUDA_ERROR_INVALID_DEVICE"}, {201, "CUDA_ERROR_INVALID_CONTEXT"}, {400, "CUDA_ERROR_INVALID_HANDLE"}, {500, "CUDA_ERROR_NOT_FOUND"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {719, "CUDA_ERROR_LAUNCH_FAILED"}, {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}};
  auto found = names.find(e);
  if (found == names.end()) return InvalidValue;
  *name = found->second;
  return Success;
}
API int cuGetErrorString(int e, const char** text) { *text = e == 2 ? "out of memory" : e == 719 ? "unspecified launch failure" : e == 100 ? "no CUDA-capable device is detected" : "see the driver's documentation"; return Success; }

API int cuModuleLoadData(Module** made, const char* image) {
  LOCK;
  if (strncmp(image, Magic, sizeof Magic - 1)) return 200;   // CUDA_ERROR_INVALID_IMAGE
  *made = new Module{image}; counts.handles++;
  return Success;
}
API int cuModuleUnload(Module* m) { std::lock_guard<std::recursive_mutex> lock(gate); delete m; counts.handles--; return Success; }
API int cuModuleGetFunction(Function** made, Module*, const char* name) {
  LOCK;
  if (!lettersOf(name)) return NotFound;
  auto& function = functions[name];
  if (!function) function = new Function{name};
  *made = function;
  return Success;
}
API int cuFuncSetAttribute(Function* f, int a, int v) { LOCK; if (a != 8 || v > 232448) return InvalidValue; f->shared = v; return Success; }
API int cuLaunchKernel(Function* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, Stream* s, void** arguments, void**) {
  LOCK;
  if (wishes.launchFails && --wishes.launchFails == 0) return sticky = LaunchFailed;
  if (!gx || !gy || !gz || !bx || bx > 1024 || by != 1 || bz != 1 || gy > 65535 || gz > 65535 || (int)shared > f->shared) return InvalidValue;
  // Arguments are copied now, as the driver does.
  const std::string& letters = *lettersOf(f->name.c_str());
  std::vector<uint64_t> values(letters.size());
  for (size_t i = 0; i < values.size(); i++) {
    memcpy(&values[i], arguments[i], letters[i] == 'i' || letters[i] == 'f' ? 4 : 8);
    if (letters[i] == 'p' && !inside(values[i], s->device)) return IllegalAddress;
  }
  counts.launches++;
  return enqueue(s, [=] {
    auto kept = values;
    std::vector<void*> pointers;
    for (auto& value : kept) pointers.push_back(&value);
    if (!simLaunch(f->name.c_str(), gx, gy, gz, bx, shared, pointers.data())) return Success;
    fprintf(stderr, "%s\n", simError());
    return LaunchFailed;
  });
}

// NVRTC: the "machine code" is a mark; the real code was compiled into this library.
struct Program { std::string source, name, log; };
API int nvrtcVersion(int* major, int* minor) { *major = wishes.nvrtcMajor; *minor = wishes.nvrtcMinor; return 0; }
API const char* nvrtcGetErrorString(int r) { return r == 6 ? "NVRTC_ERROR_COMPILATION" : r == 5 ? "NVRTC_ERROR_INVALID_OPTION" : r ? "NVRTC_ERROR" : "NVRTC_SUCCESS"; }
API int nvrtcCreateProgram(Program** p, const char* source, const char* name, int, const char**, const char**) { *p = new Program{source, name, ""}; return 0; }
API int nvrtcDestroyProgram(Program** p) { delete *p; *p = nullptr; return 0; }
API int nvrtcCompileProgram(Program* p, int n, const char** options) {
  std::lock_guard<std::recursive_mutex> lock(gate);
  counts.compiles++;
  if (!n || strncmp(options[0], "--gpu-architecture=sm_", 22)) return 5;
  if (!wishes.compileFails) return 0;
  p->log = p->name + "(12): error: identifier \"row\" is undefined\n1 error detected in the compilation.\n";
  return 6;
}
API int nvrtcGetProgramLogSize(Program* p, size_t* n) { *n = p->log.size() + 1; return 0; }
API int nvrtcGetProgramLog(Program* p, char* log) { strcpy(log, p->log.c_str()); return 0; }
API int nvrtcGetCUBINSize(Program* p, size_t* n) { *n = sizeof Magic + p->name.size(); return 0; }
API int nvrtcGetCUBIN(Program* p, char* cubin) { strcpy(cubin, Magic); strcat(cubin, p->name.c_str()); return 0; }
