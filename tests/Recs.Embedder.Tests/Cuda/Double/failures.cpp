// What a test may ask for and read: by function, or for another process by the variable RECS_DOUBLE, such as "devices=2,allocation=5".
#include "double.h"
#include <cstdlib>
#include <cstring>
namespace fake {
Wishes wishes; Counts counts; std::recursive_mutex gate; int sticky = 0;

static bool wish(const char* name, long value) {
  if (!strcmp(name, "devices")) wishes.devices = (int)value;
  else if (!strcmp(name, "driver")) wishes.driver = (int)value;
  else if (!strcmp(name, "major")) wishes.major = (int)value;
  else if (!strcmp(name, "outer-vector")) wishes.outerVector = value;
  else if (!strcmp(name, "ignore-waits")) wishes.ignoreWaits = value;
  else if (!strcmp(name, "compile-fails")) wishes.compileFails = value;
  else if (!strcmp(name, "init-fails")) wishes.initFails = value;
  else if (!strcmp(name, "allocation")) wishes.allocationFails = value;
  else if (!strcmp(name, "launch")) wishes.launchFails = value;
  else if (!strcmp(name, "memory")) wishes.memory = (size_t)value;
  else if (!strcmp(name, "seed")) wishes.seed = (uint64_t)value;
  else return false;
  return true;
}

struct FromEnvironment {
  FromEnvironment() {
    const char* text = getenv("RECS_DOUBLE");
    if (!text) return;
    char copy[512];
    strncpy(copy, text, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    for (char* rest = copy; char* pair = strtok_r(rest, ",", &rest);) {
      char* equals = strchr(pair, '=');
      if (!equals) abort();
      *equals = 0;
      if (!wish(pair, atol(equals + 1))) abort();
    }
  }
} fromEnvironment;
}  // namespace fake

API int doubleWish(const char* name, long value) { std::lock_guard<std::recursive_mutex> lock(fake::gate); return fake::wish(name, value) ? 0 : 1; }
API void doubleReset() { std::lock_guard<std::recursive_mutex> lock(fake::gate); fake::wishes = fake::Wishes(); fake::sticky = 0; fake::counts.guards = 0; }
API long doubleCount(const char* name) {
  std::lock_guard<std::recursive_mutex> lock(fake::gate);
  auto& c = fake::counts;
  return !strcmp(name, "live") ? c.live : !strcmp(name, "allocations") ? c.allocations : !strcmp(name, "launches") ? c.launches : !strcmp(name, "products") ? c.products
    : !strcmp(name, "synchronisations") ? c.synchronisations : !strcmp(name, "guards") ? c.guards : !strcmp(name, "handles") ? c.handles : !strcmp(name, "uploads") ? c.uploads
    : !strcmp(name, "compiles") ? c.compiles : !strcmp(name, "graphs") ? c.graphs : -1;
}
