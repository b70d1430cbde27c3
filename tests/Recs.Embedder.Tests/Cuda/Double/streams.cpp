// Streams, events and graphs: work waits in its stream until someone waits for it.
#include "double.h"
#include <condition_variable>
#include <map>
#include <set>
#include <thread>
using namespace fake;

namespace fake {
static std::set<Stream*> streams;
static uint64_t state;
static uint64_t seeded;

// xorshift, begun anew whenever a test sets a seed
static unsigned chance(unsigned below) {
  if (seeded != wishes.seed) { seeded = wishes.seed; state = wishes.seed * 0x9e3779b97f4a7c15ull + 1; }
  state ^= state << 13; state ^= state >> 7; state ^= state << 17;
  return unsigned(state >> 33) % below;
}

bool capturing() { for (auto s : streams) if (s->capturing) return true; return false; }

int enqueue(Stream* stream, Operation operation) {
  if (stream->capturing) {
    if (operation.awaited || operation.marks) return CaptureUnsupported;
    stream->capturing->operations.push_back(std::move(operation));
  } else {
    stream->queue.push_back(std::move(operation));
  }
  return Success;
}

int enqueue(Stream* stream, Work work) { return enqueue(stream, Operation{std::move(work), nullptr, nullptr}); }

static bool ready(Stream* s) { return !s->queue.empty() && (!s->queue.front().awaited || s->queue.front().awaited->done); }

static void step(Stream* s) {
  Operation operation = std::move(s->queue.front());
  s->queue.pop_front();
  if (operation.work && !sticky) { int failed = operation.work(); if (failed) sticky = failed; }
  if (operation.marks) operation.marks->done = true;
}

// Kernels run on one thread of their own, whoever waits: the simulator keeps its fibers' stacks by thread.
struct Engine {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<int()> job;
  int result = 0;
  bool has = false, started = false;
  int run(std::function<int()> next) {
    std::unique_lock<std::mutex> lock(mutex);
    if (!started) { started = true; std::thread([this] { serve(); }).detach(); }
    job = std::move(next); has = true;
    changed.notify_all();
    changed.wait(lock, [this] { return !has; });
    return result;
  }
  void serve() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return has; });
      result = job(); has = false;
      changed.notify_all();
    }
  }
};
static Engine& engine = *new Engine;               // outlives the process's last minutes, when its thread may still wait

// Runs ready work of any stream, in no order but that of each stream, until done() says so.
static int runHere(const std::function<bool()>& done) {
  while (!done()) {
    std::vector<Stream*> able;
    for (auto s : streams) if (ready(s)) able.push_back(s);
    if (able.empty()) return InvalidHandle;      // waits for what nobody will ever do
    Stream* s = able[chance((unsigned)able.size())];
    // Now one operation, now a good part of the queue: streams overtake one another.
    for (unsigned n = 1 + (chance(3) ? 0 : chance(64)); n && ready(s) && !done(); n--) step(s);
  }
  return sticky;
}

static int run(const std::function<bool()>& done) { return done() ? sticky : engine.run([&] { return runHere(done); }); }

int drain(Stream* stream) { return run([=] { return stream->queue.empty(); }); }
int drainAll() { return run([] { for (auto s : streams) if (!s->queue.empty()) return false; return true; }); }
int settle(const std::shared_ptr<Token>& token) { return run([=] { return token->done; }); }
}  // namespace fake

#define LOCK std::lock_guard<std::recursive_mutex> lock(gate); if (sticky) return sticky
API int cuStreamCreate(Stream** made, unsigned) { LOCK; if (current() < 0) return InvalidContext; *made = new Stream{current()}; streams.insert(*made); counts.handles++; return Success; }
API int cuStreamDestroy_v2(Stream* s) { std::lock_guard<std::recursive_mutex> lock(gate); if (!streams.count(s)) return InvalidHandle; drain(s); streams.erase(s); delete s; counts.handles--; return sticky; }
API int cuStreamSynchronize(Stream* s) { LOCK; if (s->capturing) return CaptureUnsupported; counts.synchronisations++; return drain(s); }
API int cuStreamWaitEvent(Stream* s, Event* e, unsigned) { LOCK; return e->latest && !wishes.ignoreWaits ? enqueue(s, Operation{nullptr, e->latest, nullptr}) : Success; }
API int cuEventCreate(Event** made, unsigned) { LOCK; *made = new Event; counts.handles++; return Success; }
API int cuEventDestroy_v2(Event* e) { std::lock_guard<std::recursive_mutex> lock(gate); delete e; counts.handles--; return Success; }
API int cuEventRecord(Event* e, Stream* s) { LOCK; auto token = std::make_shared<Token>(); int failed = enqueue(s, Operation{nullptr, nullptr, token}); if (!failed) e->latest = token; return failed; }
API int cuEventSynchronize(Event* e) { LOCK; counts.synchronisations++; return e->latest ? settle(e->latest) : Success; }

API int cuStreamBeginCapture_v2(Stream* s, int) { LOCK; if (s->capturing) return CaptureUnsupported; s->capturing = new Graph; return Success; }
API int cuStreamEndCapture(Stream* s, Graph** made) { LOCK; if (!s->capturing) return CaptureUnsupported; *made = s->capturing; s->capturing = nullptr; counts.handles++; return Success; }
API int cuGraphInstantiateWithFlags(Graph** made, Graph* g, unsigned long long) { LOCK; *made = new Graph(*g); counts.handles++; return Success; }
API int cuGraphLaunch(Graph* g, Stream* s) { LOCK; counts.graphs++; for (auto& operation : g->operations) enqueue(s, operation); return Success; }
API int cuGraphExecDestroy(Graph* g) { std::lock_guard<std::recursive_mutex> lock(gate); drainAll(); delete g; counts.handles--; return Success; }
API int cuGraphDestroy(Graph* g) { std::lock_guard<std::recursive_mutex> lock(gate); delete g; counts.handles--; return Success; }
