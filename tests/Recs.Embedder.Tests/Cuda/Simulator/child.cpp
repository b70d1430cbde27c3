// The simulator as a process of its own, for launches that may break it: requests on standard input, replies on standard output, until the
// input ends. A buffer is allocated at its exact size, so that AddressSanitizer sees a step beyond it.
//
// greeting: every kernel as i32 length, name, i32 length, letters of its parameters; then i32 0
// request: i32 buffers, each (i64 bytes, i32 is_table, data); i32 length, symbol; i32 grid x, y, z, threads, shared, order; i32 arguments, each u64
// reply:   i32 code, i32 length, message; for code 0 every buffer's data
// An address is (buffer + 1) << 40 | offset, or 0; a table's entries are addresses, and an argument is one where the kernel has a pointer.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

extern "C" int simLaunch(const char*, unsigned, unsigned, unsigned, unsigned, unsigned, void**);
extern "C" void simSetOrder(int);
extern "C" const char* simError();
extern "C" int simKernel(int, const char**, const char**);

static void write_text(const char* text) { int32_t length = (int32_t)strlen(text); fwrite(&length, 4, 1, stdout); fwrite(text, 1, length, stdout); }
static void read_all(void* to, size_t bytes) { if (bytes && fread(to, 1, bytes, stdin) != bytes) exit(0); }
template <class T> static T read() { T value; read_all(&value, sizeof value); return value; }
template <class T> static void write(const T& value) { fwrite(&value, sizeof value, 1, stdout); }

struct Buffer { std::vector<uint64_t> table; unsigned char* memory; size_t bytes; };

int main() {
    const char *name, *letters;
    std::map<std::string, std::string> parameters;
    for (int i = 0; simKernel(i, &name, &letters); i++) {
        write_text(name);
        write_text(letters);
        parameters[name] = letters;
    }
    write((int32_t)0);
    fflush(stdout);
    for (;;) {
        std::vector<Buffer> buffers(read<int32_t>());
        auto at = [&](uint64_t address) -> uint64_t { return address ? (uint64_t)(buffers[(address >> 40) - 1].memory + (address & 0xffffffffffULL)) : 0; };
        for (Buffer& buffer : buffers) {
            buffer.bytes = read<int64_t>();
            int is_table = read<int32_t>();
            buffer.memory = (unsigned char*)malloc(buffer.bytes);
            read_all(buffer.memory, buffer.bytes);
            if (is_table) buffer.table.assign((uint64_t*)buffer.memory, (uint64_t*)(buffer.memory + buffer.bytes));
        }
        // A table is translated for the kernel; the reply has it as it came.
        for (Buffer& buffer : buffers)
            for (size_t i = 0; i < buffer.table.size(); i++) ((uint64_t*)buffer.memory)[i] = at(buffer.table[i]);
        std::string symbol(read<int32_t>(), 0);
        read_all(&symbol[0], symbol.size());
        int32_t shape[6];
        read_all(shape, sizeof shape);
        std::vector<uint64_t> arguments(read<int32_t>());
        read_all(arguments.data(), 8 * arguments.size());
        const std::string& kinds = parameters[symbol];
        std::vector<void*> addresses;
        for (size_t i = 0; i < arguments.size(); i++) {
            if (i < kinds.size() && kinds[i] == 'p') arguments[i] = at(arguments[i]);
            addresses.push_back(&arguments[i]);
        }
        simSetOrder(shape[5]);
        int32_t code = simLaunch(symbol.c_str(), shape[0], shape[1], shape[2], shape[3], shape[4], addresses.data());
        write(code);
        write_text(code ? simError() : "");
        for (Buffer& buffer : buffers) {
            if (!buffer.table.empty()) memcpy(buffer.memory, buffer.table.data(), buffer.bytes);
            if (!code) fwrite(buffer.memory, 1, buffer.bytes, stdout);
            free(buffer.memory);
        }
        fflush(stdout);
    }
}
