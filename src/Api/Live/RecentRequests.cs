using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Api.Live;

/// <summary>The newest impressions' users and surfaces: what warming up ranks for. The owner locks.</summary>
internal sealed class RecentRequests
{
    /// <summary>So many are remembered.</summary>
    public const int Capacity = 64;

    private readonly (UserId User, string Surface, int Count)[] _ring = new (UserId, string, int)[Capacity];
    private long _added;

    public void Add(Event source)
    {
        if (source is Impression { Items.Count: > 0 } shown) _ring[_added++ % Capacity] = (shown.User, shown.Surface, shown.Items.Count);
    }

    /// <summary>Leaves a user out from now on.</summary>
    public void Forget(UserId user)
    {
        var others = Newest().Where(request => request.User != user).ToList();
        _added = others.Count;
        others.CopyTo(_ring);
    }

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<(UserId User, string Surface, int Count)> Newest() =>
        [.. Enumerable.Range(0, (int)Math.Min(_added, Capacity)).Select(back => _ring[(_added - Math.Min(_added, Capacity) + back) % Capacity])];
}
