using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// Everything ranking knows, as a pure fold of the distinct valid events: integers only, equal for any order of the same
/// events. Each part is written by the <c>Update</c> half of one feature and read by the <c>Read</c> half of any.
/// Thread rule: many readers or one writer; the owner sees to it.
/// </summary>
public sealed class RankingState
{
    private readonly Feature[] _owners = FeatureSet.Owners();

    // Events folded in, and how many they were when the past days changed last.
    private long _applied, _pastChanged;

    // Replaced whole: two readers that both make it make equal ones.
    private volatile CatalogueLists? _lists;

    internal Interner Items { get; } = new();
    internal Interner Users { get; } = new();

    internal Catalogue Catalogue { get; } = new();
    internal UserRegister UserRegister { get; } = new();

    /// <summary>Categories, authors and tags, with their members' totals.</summary>
    internal ItemGroups Groups { get; } = new();

    /// <summary>Counters by item.</summary>
    internal CounterScope ByItem { get; } = new();

    /// <summary>What was counted of each user, ever.</summary>
    internal TotalsByKey UserTotals { get; } = new();

    /// <summary>Counters, recent interactions and history of each user.</summary>
    internal UserProfiles Profiles { get; } = new();

    /// <summary>Counters over everything: one key, 0.</summary>
    internal CounterScope Overall { get; } = new();

    /// <summary>The newest event time folded in: it decides which tiles are kept.</summary>
    public Timestamp Newest { get; private set; } = new(0);

    /// <summary>
    /// Grows when the counters of the days before <paramref name="day"/> may have changed, or which of them are kept: whoever caches values of
    /// past days asks whether it moved. Until an event of <paramref name="day"/> or later comes, every event may be one of the days before.
    /// </summary>
    internal long PastVersion(int day) => day > Newest.DayIndex ? _applied : _pastChanged;

    /// <summary>Items of the catalogue.</summary>
    public int ItemCount => Catalogue.Count;

    /// <summary>Users that were seen in any event.</summary>
    public int UserCount => Users.Known;

    /// <inheritdoc cref="CounterScope.Settle"/>
    public void Settle() => ByItem.Settle();

    /// <summary>Folds one event in. The caller sees to it that each distinct event comes once.</summary>
    public void Apply(Event source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var newestDay = Newest.DayIndex;
        if (source.Time > Newest) Newest = source.Time;
        _applied++;
        if (source.Time.DayIndex < Newest.DayIndex || Newest.DayIndex != newestDay) _pastChanged = _applied;
        switch (source)
        {
            case ItemUpserted version:
                var item = Items.Intern(version.Item.Id.Value);
                if (Catalogue.Update(item, version)) Groups.Assign(item, version.Item, ByItem.Totals(item));
                break;
            case UserUpserted version:
                UserRegister.Update(Users.Intern(version.User.Value), version);
                break;
        }
        foreach (var feature in _owners) feature.Update(source, this, sign: 1);
    }

    /// <summary>
    /// Removes a user: their events are folded with the sign turned, then all that is kept under their id goes. Afterwards the state is that of the
    /// other events alone, but for counts of items that events not given here (because retention dropped them) have left.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <param name="events">Every event of theirs that was folded in and is still known.</param>
    /// <returns>False, with nothing changed, where one of them is the newest event of all: which tiles are kept hangs on its time, so the state must be folded anew.</returns>
    public bool Forget(UserId user, IReadOnlyCollection<Event> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Any(source => source.Time >= Newest)) return false;
        if (Users.Find(user.Value) is not { } index) return true;
        foreach (var source in events)
            foreach (var feature in _owners) feature.Update(source, this, sign: -1);
        UserTotals.Remove(index);
        Profiles.Remove(index);
        UserRegister.Remove(index);
        Users.Remove(user.Value);
        _pastChanged = ++_applied;
        return true;
    }

    /// <summary>
    /// Takes one event into the user's list of recent interactions and nowhere else: all counters stand still. For protocols in which a user's
    /// history goes on while the rest is frozen; a state that took such an event in is no fold any more.
    /// </summary>
    public void Remember(Interaction source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Features.Users.UserTaste.Remember(source, this);
    }

    /// <summary>The newest time of a state that was written out.</summary>
    internal void RestoreNewest(Timestamp newest)
    {
        Newest = newest;
        _pastChanged = ++_applied;
    }

    /// <summary>The item's newest version, or null where none came.</summary>
    public Domain.Items.Item? FindItem(ItemId item) => Items.Find(item.Value) is { } index ? Catalogue.Find(index)?.Item : null;

    /// <summary>When the item came into being; null where the catalogue does not have it.</summary>
    public Timestamp? CreatedAt(ItemId item) => Items.Find(item.Value) is { } index ? Catalogue.Find(index)?.Created : null;

    /// <summary>Whether any event named this user.</summary>
    public bool Knows(UserId user) => Users.Find(user.Value) is not null;

    /// <summary>The attribute of a user, or null where it is not known.</summary>
    public string? UserAttribute(UserId user, string name) =>
        Users.Find(user.Value) is { } index ? UserRegister.Find(index)?.Attributes.Text(name) : null;

    /// <summary>Every item of the catalogue, in id order (ordinal).</summary>
    public IReadOnlyList<Domain.Items.Item> AllItems()
    {
        var items = new List<Domain.Items.Item>(Catalogue.Count);
        for (var i = 0; i < Items.Count; i++)
            if (Catalogue.Find(i) is { } entry) items.Add(entry.Item);
        items.Sort((a, b) => string.CompareOrdinal(a.Id.Value, b.Id.Value));
        return items;
    }

    /// <summary>The items the user was positive about lately, each once, newest first; empty for an unknown user.</summary>
    /// <param name="user">Who.</param>
    /// <param name="count">At most so many, at least 0.</param>
    public IReadOnlyList<ItemId> RecentItems(UserId user, int count)
    {
        if (Users.Find(user.Value) is not { } index) return [];
        var entries = Profiles.Read(index).Recents.Entries;
        var (seen, items) = (new HashSet<int>(), new List<ItemId>());
        for (var i = entries.Length - 1; i >= 0 && items.Count < count; i--)
            if (entries[i].Type.IsPositive() && seen.Add(entries[i].Item)) items.Add(new(Items[entries[i].Item]));
        return items;
    }

    /// <summary>The items the user was ever positive about, by the day of the last time, newest first, then by how often, then by id.</summary>
    /// <param name="user">Who; an unknown one has none.</param>
    /// <param name="count">At most so many, at least 0.</param>
    public IReadOnlyList<ItemId> PastItems(UserId user, int count)
    {
        if (Users.Find(user.Value) is not { } index) return [];
        var liked = Profiles.Read(index).Liked;
        return [.. liked.Runs.Select(run => (Id: Items[run.Item], Last: liked.Tiles(run.First, run.Length)[^1])).Select(past => (past.Id, past.Last.Index, past.Last.Count))
            .OrderByDescending(past => past.Index).ThenByDescending(past => past.Count).ThenBy(past => past.Id, StringComparer.Ordinal)
            .Take(count).Select(past => new ItemId(past.Id))];
    }

    /// <summary>
    /// Whether the item came into being, or anybody was positive about it, within so many days before <paramref name="now"/>. False for an item
    /// without a catalogue entry.
    /// </summary>
    /// <param name="item">Any id.</param>
    /// <param name="now">The moment of the request.</param>
    /// <param name="days">1 to 127: day tiles reach no further back.</param>
    public bool IsCurrent(ItemId item, Timestamp now, int days)
    {
        if (Items.Find(item.Value) is not { } index || Catalogue.Find(index) is not { } entry) return false;
        return now - entry.Created < TimeSpan.FromDays(days) || ByItem.Of(index).NewestPositiveDay(Newest) > now.DayIndex - days;
    }

    /// <summary>
    /// The catalogue as lists, as of <paramref name="now"/>. Made anew only when an item changed, the day turned or a past day got an event.
    /// Safe from many readers at once.
    /// </summary>
    public CatalogueLists Lists(Timestamp now)
    {
        var (lists, key) = (_lists, (Catalogue.Version, now.DayIndex, PastVersion(now.DayIndex)));
        if (lists is null || lists.Key != key) _lists = lists = CatalogueLists.Make(this, key);
        return lists;
    }

    /// <summary>A user's profile, to be changed by the event at hand.</summary>
    internal UserProfile ProfileForUpdate(int user) => Profiles.ForUpdate(user, Newest);
}
