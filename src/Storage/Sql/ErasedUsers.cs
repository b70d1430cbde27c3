using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Storage.Sql;

/// <summary>
/// The users whose events are refused, by the hash of their id: nothing else of them is kept. A copy of the table, read again when its row
/// count has changed (rows are only ever added). One thread at a time.
/// </summary>
internal sealed class ErasedUsers
{
    private HashSet<UInt128> _hashes = [];

    public int Count => _hashes.Count;

    public void Refresh(long rows, Func<IEnumerable<string>> read)
    {
        if (rows != _hashes.Count) _hashes = [.. read().Select(hash => UInt128.Parse(hash.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }

    public bool Holds(Event source) => UserHash.UserOf(source) is { } user && Holds(user);

    public bool Holds(UserId user) => _hashes.Contains(UInt128.Parse(UserHash.Of(user).AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
