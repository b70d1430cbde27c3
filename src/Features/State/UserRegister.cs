using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Features.State;

/// <summary>The newest attributes of every user; the later (time, event id) wins.</summary>
internal sealed class UserRegister
{
    private readonly Dictionary<int, Entry> _entries = [];

    public int Count => _entries.Count;

    public Entry? Find(int user) => _entries.GetValueOrDefault(user);

    public void Update(int user, UserUpserted version)
    {
        if (_entries.TryGetValue(user, out var known) && !Versions.IsNewer(version.Time, version.Id, known.Time, known.EventId)) return;
        _entries[user] = new Entry(version.Attributes, version.Time, version.Id);
    }

    /// <summary>Puts back an entry that was written out.</summary>
    public void Restore(int user, Entry entry) => _entries[user] = entry;

    public void Remove(int user) => _entries.Remove(user);

    public sealed record Entry(AttributeSet Attributes, Timestamp Time, EventId EventId);
}
