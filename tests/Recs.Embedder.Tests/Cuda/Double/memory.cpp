// Device and pinned memory: blocks with guards on both sides, copies that run when their stream does.
#include "double.h"
#include <cstdlib>
#include <cstring>
#include <map>
using namespace fake;

namespace fake {
struct Block { size_t bytes; int device; };
static std::map<Address, Block> blocks;
static std::map<const char*, size_t> pins;
static size_t used[16];
static bool peers[16][16];
static const size_t Guard = 512;
static const int Fresh = 0xff, Fence = 0xa5;   // fresh memory is NaN in every float format

static const std::pair<const Address, Block>* blockOf(Address address) {
  auto next = blocks.upper_bound(address);
  if (next == blocks.begin()) return nullptr;
  auto found = std::prev(next);
  return address < found->first + found->second.bytes ? &*found : nullptr;
}

bool inside(Address address, size_t bytes, int device) {
  auto block = blockOf(address);
  return block && address + bytes <= block->first + block->second.bytes && (block->second.device == device || peers[device][block->second.device]);
}

bool inside(Address address, int device) {
  auto block = blockOf(address);
  return !block || block->second.device == device || peers[device][block->second.device];
}

bool pinned(const void* pointer, size_t bytes) {
  auto next = pins.upper_bound((const char*)pointer);
  if (next == pins.begin()) return false;
  auto found = std::prev(next);
  return (const char*)pointer + bytes <= found->first + found->second;
}
}  // namespace fake

#define LOCK std::lock_guard<std::recursive_mutex> lock(gate); if (sticky) return sticky
API int cuMemAlloc_v2(Address* made, size_t n) {
  LOCK;
  int device = current();
  if (device < 0) return InvalidContext;
  if (capturing()) return CaptureUnsupported;
  if (wishes.allocationFails && --wishes.allocationFails == 0) return OutOfMemory;
  if (used[device] + n > wishes.memory) return OutOfMemory;
  char* p = (char*)aligned_alloc(256, (n + 2 * Guard + 255) / 256 * 256);
  memset(p, Fence, Guard); memset(p + Guard, Fresh, n); memset(p + Guard + n, Fence, Guard);
  *made = (Address)(p + Guard);
  blocks[*made] = {n, device};
  used[device] += n; counts.live++; counts.allocations++;
  return Success;
}
API int cuMemFree_v2(Address a) {
  std::lock_guard<std::recursive_mutex> lock(gate);
  auto found = blocks.find(a);
  if (found == blocks.end()) return InvalidValue;
  drainAll();                                  // freeing waits for the device
  auto before = (unsigned char*)a - Guard, behind = (unsigned char*)a + found->second.bytes;
  bool whole = true;
  for (size_t i = 0; i < Guard; i++) whole &= before[i] == Fence && behind[i] == Fence;
  if (!whole) counts.guards++;
  used[found->second.device] -= found->second.bytes; counts.live--;
  memset((void*)a, Fresh, found->second.bytes);
  free(before);
  blocks.erase(found);
  return whole ? sticky : IllegalAddress;
}
API int cuMemGetInfo_v2(size_t* free, size_t* total) { LOCK; *total = wishes.memory; *free = wishes.memory - used[current()]; return Success; }
API int cuMemHostAlloc(void** made, size_t n, unsigned) { LOCK; if (capturing()) return CaptureUnsupported; *made = aligned_alloc(4096, (n + 4095) / 4096 * 4096); memset(*made, Fresh, n); pins[(char*)*made] = n; counts.live++; counts.allocations++; return Success; }
API int cuMemFreeHost(void* p) { std::lock_guard<std::recursive_mutex> lock(gate); if (!pins.erase((char*)p)) return InvalidValue; drainAll(); free(p); counts.live--; return Success; }

// Copies take pinned memory only, and read and write it when they run: a buffer reused too early shows as a wrong result.
API int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t n, Stream* s) { LOCK; if (!inside(to, n, s->device) || !pinned(from, n)) return InvalidValue; counts.uploads++; return enqueue(s, [=] { memcpy((void*)to, from, n); return 0; }); }
API int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t n, Stream* s) { LOCK; if (!inside(from, n, s->device) || !pinned(to, n)) return InvalidValue; return enqueue(s, [=] { memcpy(to, (void*)from, n); return 0; }); }
API int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t n, Stream* s) { LOCK; if (!inside(to, n, s->device) || !inside(from, n, s->device)) return InvalidValue; return enqueue(s, [=] { memmove((void*)to, (void*)from, n); return 0; }); }
API int cuMemsetD8Async(Address to, unsigned char value, size_t n, Stream* s) { LOCK; if (!inside(to, n, s->device)) return InvalidValue; return enqueue(s, [=] { memset((void*)to, value, n); return 0; }); }
API int cuMemcpyPeerAsync(Address to, void* toContext, Address from, void* fromContext, size_t n, Stream* s) {
  LOCK;
  int target = (int)(intptr_t)toContext - 1, source = (int)(intptr_t)fromContext - 1;
  if (!inside(to, n, target) || !inside(from, n, source)) return InvalidValue;
  return enqueue(s, [=] { memmove((void*)to, (void*)from, n); return 0; });
}
API int cuDeviceCanAccessPeer(int* can, int device, int peer) { LOCK; *can = device != peer; return Success; }
API int cuCtxEnablePeerAccess(void* context, unsigned) { LOCK; int peer = (int)(intptr_t)context - 1; if (peers[current()][peer]) return PeerAlreadyEnabled; peers[current()][peer] = true; return Success; }
