using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain.Events;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// One SHA-256 over the distinct events by id and the folded state in key order. Two stores hold the same events and the
/// same state if and only if their digests are equal; order of arrival, batches and known times leave no trace.
/// </summary>
public static class StateDigest
{
    /// <summary>The digest of the events of <paramref name="tally"/> and of <paramref name="state"/>, which folded the same events.</summary>
    /// <returns>64 hex digits.</returns>
    public static string Compute(RankingState state, EventTally tally)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(tally);
        using var hash = new HashWriter();
        hash.Bytes(tally.ToBytes());

        hash.Number(state.Newest.Milliseconds);
        WriteCounters(hash, "all", state.Overall.Of(0), state);
        foreach (var id in Sorted(state.Items)) WriteCounters(hash, id, state.ByItem.Of(state.Items.Find(id)!.Value), state);
        foreach (var id in Sorted(state.Items))
        {
            if (state.Catalogue.Find(state.Items.Find(id)!.Value) is not { } entry) continue;
            hash.Text(entry.EventId.Value);
            hash.Number(entry.Time.Milliseconds);
            hash.Number(entry.FirstSeen.Milliseconds);
        }
        foreach (var id in Sorted(state.Users)) WriteUser(hash, state, state.Users.Find(id)!.Value, id);
        return hash.Finish();
    }

    /// <summary>How many series of counters the state holds.</summary>
    public static long CountSeries(RankingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = Count(state.Overall.Of(0));
        for (var item = 0; item < state.Items.Count; item++) count += Count(state.ByItem.Of(item));
        for (var user = 0; user < state.Users.Count; user++) count += Count(state.Profiles.Read(user).Counters);
        return count;

        static int Count(in KeyCounters counters) => BitOperations.PopCount(counters.Kinds);
    }

    private static void WriteCounters(HashWriter hash, string id, in KeyCounters counters, RankingState state)
    {
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            if (counters.Find(kind) is not { } series) continue;
            hash.Text(id);
            hash.Number(kind);
            hash.Number(series.Count);
            hash.Number(series.Value);
            WriteTiles(hash, series.HourTiles(state.Newest));
            WriteTiles(hash, series.DayTiles(state.Newest));
        }
    }

    private static void WriteUser(HashWriter hash, RankingState state, int user, string id)
    {
        hash.Text(id);
        if (state.UserRegister.Find(user) is { } entry)
        {
            hash.Text(entry.EventId.Value);
            hash.Number(entry.Time.Milliseconds);
        }
        var profile = state.Profiles.Read(user);
        WriteCounters(hash, id, profile.Counters, state);
        hash.Number(profile.Recents.Entries.Length);
        foreach (ref readonly var recent in profile.Recents.Entries)
        {
            hash.Text(state.Items[recent.Item]);
            hash.Number((long)recent.Type);
            hash.Number(recent.Time.Milliseconds);
        }
        WriteHistory(hash, state, profile.Liked);
        WriteHistory(hash, state, profile.Disliked);
    }

    private static void WriteHistory(HashWriter hash, RankingState state, ItemDays items)
    {
        hash.Number(items.Count);
        foreach (var (item, first, length) in items.Runs.OrderBy(run => state.Items[run.Item], StringComparer.Ordinal))
        {
            hash.Text(state.Items[item]);
            WriteTiles(hash, items.Tiles(first, length));
        }
    }

    private static void WriteTiles(HashWriter hash, ReadOnlySpan<Tile> tiles)
    {
        hash.Number(tiles.Length);
        foreach (ref readonly var tile in tiles)
        {
            hash.Number(tile.Index);
            hash.Number(tile.Count);
            hash.Number(tile.OffsetSeconds);
            hash.Number(tile.Value);
        }
    }

    private static List<string> Sorted(Interner ids)
    {
        var sorted = ids.Indexes.Keys.ToList();
        sorted.Sort(StringComparer.Ordinal);
        return sorted;
    }

    /// <summary>Numbers and length-prefixed texts into SHA-256.</summary>
    private sealed class HashWriter : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Number(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            _hash.AppendData(bytes);
        }

        public void Text(string value)
        {
            Number(value.Length);
            _hash.AppendData(Encoding.UTF8.GetBytes(value));
        }

        public void Bytes(byte[] value) => _hash.AppendData(value);

        public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();
    }
}
