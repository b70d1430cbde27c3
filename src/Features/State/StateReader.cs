using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>What <see cref="StateWriter"/> wrote, back into a state. Lengths are believed only as far as bytes follow.</summary>
internal sealed class StateReader(BinaryReader reader)
{
    /// <summary>An event as the wire has it is at most 1 MiB, and may grow a few times when it is written out.</summary>
    private const int LongestEvent = 16 << 20;

    private readonly RankingState _state = new();

    /// <exception cref="InvalidDataException">The bytes are no state.</exception>
    /// <exception cref="EndOfStreamException">They end too early.</exception>
    public RankingState Read()
    {
        _state.RestoreNewest(new Timestamp(reader.ReadInt64()));
        Ids(_state.Items);
        Ids(_state.Users);
        _state.Overall.Restore(0, Counters());
        for (var item = 0; item < _state.Items.Count; item++) _state.ByItem.Restore(item, Counters());
        for (var item = 0; item < _state.Items.Count; item++) CatalogueEntry(item);
        for (var user = 0; user < _state.Users.Count; user++)
        {
            Registered(user);
            Profile(user);
        }
        return _state;
    }

    private void Ids(Interner ids)
    {
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--) ids.Intern(reader.ReadString());
    }

    private KeyCounters Counters()
    {
        var (counters, kinds) = (new KeyCounters(), reader.Read7BitEncodedInt());
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
            if ((kinds >> kind & 1) != 0) counters.Set(kind, TileSeries.Restore(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), Tiles(), Tiles()));
        return counters;
    }

    private void CatalogueEntry(int item)
    {
        if (!reader.ReadBoolean()) return;
        if (Event() is not ItemUpserted version) throw new InvalidDataException("an item's entry is no item");
        _state.Catalogue.Restore(item, new(version.Item, version.Time, version.Id, new Timestamp(reader.ReadInt64())));
        _state.Groups.Assign(item, version.Item, _state.ByItem.Totals(item));
    }

    private void Registered(int user)
    {
        if (!reader.ReadBoolean()) return;
        if (Event() is not UserUpserted version) throw new InvalidDataException("a user's entry is no user");
        _state.UserRegister.Restore(user, new(version.Attributes, version.Time, version.Id));
    }

    private void Profile(int user)
    {
        var profile = new UserProfile { Counters = Counters() };
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
            if (profile.Counters.Find(kind) is { } series) _state.UserTotals.Count(user, kind, series.Count);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            profile.Recents.Add(new(Item(), (InteractionType)reader.ReadByte(), new Timestamp(reader.ReadInt64())), _state.Items);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--) profile.Liked.Restore(Item(), Tiles());
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--) profile.Disliked.Restore(Item(), Tiles());
        _state.Profiles.Restore(user, profile, _state.Newest);
    }

    private int Item() => reader.Read7BitEncodedInt() is var item && (uint)item < (uint)_state.Items.Count ? item : throw new InvalidDataException($"item {item} of {_state.Items.Count}");

    private Event Event()
    {
        var length = reader.Read7BitEncodedInt();
        if (length is < 0 or > LongestEvent) throw new InvalidDataException($"an event of {length} bytes");
        return EventCodec.ReadStored(reader.ReadBytes(length));
    }

    private Tile[] Tiles()
    {
        var length = reader.Read7BitEncodedInt();
        var tiles = new List<Tile>(Math.Clamp(length, 0, TileSeries.Days));
        var index = 0;
        for (; length > 0; length--)
        {
            index += reader.Read7BitEncodedInt();
            tiles.Add(new Tile(index, reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()));
        }
        return [.. tiles];
    }
}
