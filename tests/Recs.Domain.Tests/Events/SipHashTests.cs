using System.Buffers.Binary;
using Recs.Domain.Events;

namespace Recs.Domain.Tests.Events;

/// <summary>Against another implementation: <c>openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 -in FILE SIPHASH</c>.</summary>
public sealed class SipHashTests
{
    [Theory]
    [InlineData(0, "A3817F04BA25A8E66DF67214C7550293")]
    [InlineData(9, "264499060AD9BAABC47F8B02BB6D71ED")]
    public void Of_BytesInARow_IsTheReference(int length, string expected)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)], text = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        var hash = SipHash.Of(text, BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key.AsSpan(8)));
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        Assert.Equal(expected, Convert.ToHexString(bytes));
    }

    [Fact]
    public void EventKey_EqualAndNearlyEqualIds_TellsThemApart()
    {
        var ids = Enumerable.Range(0, 2_000).Select(i => new string('e', i % 40 + 1) + (char)('a' + i / 40)).ToList();
        Assert.Equal(ids.Distinct().Count(), ids.Select(EventKey.Of).Distinct().Count());
        Assert.Equal(EventKey.Of("e1"), EventKey.Of(new EventId(string.Concat("e", "1"))));
    }
}
