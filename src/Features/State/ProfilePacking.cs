using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// A profile as bytes: numbers of seven bits a byte, the low ones first (LEB128), times and indexes as steps from the one before. Interned numbers stay what they are,
/// so the bytes mean nothing in another process. <see cref="Unpack"/> is safe from any thread.
/// </summary>
internal sealed class ProfilePacking
{
    private byte[] _bytes = new byte[4_096];
    private int _length;

    /// <param name="profile">What to pack; it stays as it is.</param>
    /// <param name="newest">The newest event time of the state: tiles it no longer keeps are left out.</param>
    public byte[] Pack(UserProfile profile, Timestamp newest)
    {
        _length = 0;
        Number(profile.Counters.Kinds);
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            if (profile.Counters.Find(kind) is not { } series) continue;
            Number(series.Count);
            Number(series.Value);
            Tiles(series.HourTiles(newest));
            Tiles(series.DayTiles(newest));
        }
        var recents = profile.Recents.Entries;
        Number(recents.Length);
        var before = 0L;
        foreach (ref readonly var recent in recents)
        {
            Number(recent.Item);
            Number((long)recent.Type);
            Number(recent.Time.Milliseconds - before);
            before = recent.Time.Milliseconds;
        }
        Days(profile.Liked);
        Days(profile.Disliked);
        return _bytes.AsSpan(0, _length).ToArray();
    }

    /// <summary>What <see cref="Pack"/> packed.</summary>
    public static UserProfile Unpack(ReadOnlySpan<byte> packed)
    {
        var profile = new UserProfile();
        var reader = new Reader(packed);
        var kinds = (uint)reader.Number();
        for (var kind = 0; kinds >> kind != 0; kind++)
            if ((kinds >> kind & 1) != 0) profile.Counters.Set(kind, TileSeries.Restore(reader.Number(), reader.Number(), reader.Tiles(), reader.Tiles()));
        var recents = (int)reader.Number();
        profile.Recents.Reserve(recents);
        var before = 0L;
        for (; recents > 0; recents--)
            profile.Recents.Restore(new((int)reader.Number(), (InteractionType)reader.Number(), new Timestamp(before += reader.Number())));
        reader.Days(profile.Liked);
        reader.Days(profile.Disliked);
        return profile;
    }

    private void Tiles(ReadOnlySpan<Tile> tiles)
    {
        Number(tiles.Length);
        var before = 0;
        foreach (ref readonly var tile in tiles)
        {
            Number(tile.Index - before);
            Number(tile.Count);
            Number(tile.OffsetSeconds);
            Number(tile.Value);
            before = tile.Index;
        }
    }

    private void Days(ItemDays days)
    {
        var items = days.ItemOfTile;
        var tiles = days.AllTiles;
        var before = 0;
        Number(items.Length);
        if (items.Length == 0) return;
        Number(days.FirstDay);
        for (var at = 0; at < items.Length; at++)
        {
            Number(items[at] - before);
            Number(tiles[at].Index - days.FirstDay);
            Number(tiles[at].Count);
            Number(tiles[at].OffsetSeconds);
            before = items[at];
        }
    }

    // A negative number, which only a state in the middle of a removal holds, takes ten bytes.
    private void Number(long value)
    {
        if (_length + 10 > _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        var rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) _bytes[_length++] = (byte)(rest | 0x80);
        _bytes[_length++] = (byte)rest;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;

        public long Number()
        {
            var (value, shift) = (0UL, 0);
            byte next;
            do
            {
                next = _bytes[_at++];
                value |= (ulong)(next & 0x7F) << shift;
                shift += 7;
            }
            while (next >= 0x80);
            return (long)value;
        }

        public Tile[] Tiles()
        {
            var length = (int)Number();
            if (length == 0) return [];
            var (tiles, before) = (new Tile[length], 0);
            for (var at = 0; at < length; at++) tiles[at] = new Tile(before += (int)Number(), (int)Number(), Number(), Number());
            return tiles;
        }

        public void Days(ItemDays days)
        {
            var length = (int)Number();
            if (length == 0) return;
            days.Reserve(length);
            var (first, item) = ((int)Number(), 0);
            for (; length > 0; length--) days.Restore(item += (int)Number(), new Tile(first + (int)Number(), (int)Number(), Number(), 0));
        }
    }
}
