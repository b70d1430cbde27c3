using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>The parts of a ranking state in one fixed order; <see cref="StateReader"/> is the way back.</summary>
internal sealed class StateWriter(BinaryWriter writer, RankingState state)
{
    public void Write()
    {
        writer.Write(state.Newest.Milliseconds);
        var (items, users) = (Ordered(state.Items), Ordered(state.Users));
        var places = new Dictionary<int, int>(items.Count);
        for (var place = 0; place < items.Count; place++) places[items[place].Index] = place;
        Ids(items);
        Ids(users);
        Counters(state.Overall.Of(0));
        foreach (var (_, index) in items) Counters(state.ByItem.Of(index));
        foreach (var (_, index) in items) CatalogueEntry(state.Catalogue.Find(index));
        foreach (var (id, index) in users)
        {
            Registered(id, state.UserRegister.Find(index));
            var profile = state.Profiles.Read(index);
            Counters(profile.Counters);
            Recents(profile.Recents, places);
            History(profile.Liked, places);
            History(profile.Disliked, places);
        }
    }

    private static List<(string Id, int Index)> Ordered(Interner ids)
    {
        var ordered = ids.Indexes.Select(pair => (pair.Key, pair.Value)).ToList();
        ordered.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return ordered;
    }

    private void Ids(List<(string Id, int Index)> ids)
    {
        writer.Write7BitEncodedInt(ids.Count);
        foreach (var (id, _) in ids) writer.Write(id);
    }

    private void Counters(in KeyCounters counters)
    {
        writer.Write7BitEncodedInt((int)counters.Kinds);
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            if (counters.Find(kind) is not { } series) continue;
            writer.Write7BitEncodedInt64(series.Count);
            writer.Write7BitEncodedInt64(series.Value);
            Tiles(series.HourTiles(state.Newest));
            Tiles(series.DayTiles(state.Newest));
        }
    }

    private void CatalogueEntry(Catalogue.Entry? entry)
    {
        writer.Write(entry is not null);
        if (entry is null) return;
        Event(new ItemUpserted(entry.EventId, entry.Time, entry.Item));
        writer.Write(entry.FirstSeen.Milliseconds);
    }

    private void Registered(string id, UserRegister.Entry? entry)
    {
        writer.Write(entry is not null);
        if (entry is not null) Event(new UserUpserted(entry.EventId, entry.Time, new(id), entry.Attributes));
    }

    private void Recents(RecentList recents, Dictionary<int, int> places)
    {
        var entries = recents.Entries;
        writer.Write7BitEncodedInt(entries.Length);
        foreach (ref readonly var recent in entries)
        {
            writer.Write7BitEncodedInt(places[recent.Item]);
            writer.Write((byte)recent.Type);
            writer.Write(recent.Time.Milliseconds);
        }
    }

    private void History(ItemDays items, Dictionary<int, int> places)
    {
        writer.Write7BitEncodedInt(items.Count);
        foreach (var (item, first, length) in items.Runs.Select(run => (places[run.Item], run.First, run.Length)).OrderBy(run => run.Item1))
        {
            writer.Write7BitEncodedInt(item);
            Tiles(items.Tiles(first, length));
        }
    }

    private void Event(Event source)
    {
        var json = EventCodec.Write(source);
        writer.Write7BitEncodedInt(json.Length);
        writer.Write(json);
    }

    private void Tiles(ReadOnlySpan<Tile> tiles)
    {
        writer.Write7BitEncodedInt(tiles.Length);
        var before = 0;
        foreach (ref readonly var tile in tiles)
        {
            writer.Write7BitEncodedInt(tile.Index - before);
            writer.Write7BitEncodedInt(tile.Count);
            writer.Write7BitEncodedInt64(tile.OffsetSeconds);
            writer.Write7BitEncodedInt64(tile.Value);
            before = tile.Index;
        }
    }
}
