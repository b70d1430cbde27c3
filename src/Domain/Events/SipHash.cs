using System.Buffers.Binary;
using System.Numerics;

namespace Recs.Domain.Events;

/// <summary>
/// SipHash-2-4 with 128 bits of output (Aumasson, Bernstein: SipHash, a fast short-input PRF, 2012): a hash that nobody can steer without its key, at
/// a tenth of what a cryptographic hash of a short text costs. Safe from any thread.
/// </summary>
internal static class SipHash
{
    /// <summary>The hash of <paramref name="text"/>, as the little-endian number of its 16 bytes.</summary>
    /// <param name="text">Any bytes.</param>
    /// <param name="first">The first eight bytes of the key, little-endian.</param>
    /// <param name="second">The other eight.</param>
    public static UInt128 Of(ReadOnlySpan<byte> text, ulong first, ulong second)
    {
        var length = text.Length;
        var state = new State(first, second);
        for (; text.Length >= sizeof(ulong); text = text[sizeof(ulong)..]) state.Absorb(BinaryPrimitives.ReadUInt64LittleEndian(text));
        // The last word: what is left over, and the length's lowest byte on top.
        var last = (ulong)length << 56;
        for (var i = 0; i < text.Length; i++) last |= (ulong)text[i] << (8 * i);
        state.Absorb(last);
        return state.Finish();
    }

    private struct State(ulong first, ulong second)
    {
        private ulong _v0 = first ^ 0x736f6d6570736575, _v1 = second ^ 0x646f72616e646f6d ^ 0xee, _v2 = first ^ 0x6c7967656e657261, _v3 = second ^ 0x7465646279746573;

        public void Absorb(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public UInt128 Finish()
        {
            _v2 ^= 0xee;
            var lower = Squeeze();
            _v1 ^= 0xdd;
            return new UInt128(Squeeze(), lower);
        }

        private ulong Squeeze()
        {
            for (var round = 0; round < 4; round++) Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            _v0 += _v1;
            _v2 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v1;
            _v0 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
