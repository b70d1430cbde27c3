using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>What is kept of one user, but for their attributes. Many readers or one writer.</summary>
internal sealed class UserProfile
{
    /// <summary>Of a user nobody has seen. Nobody writes to it.</summary>
    public static UserProfile Unknown { get; } = new();

    /// <summary>Counters by kind of event.</summary>
    public KeyCounters Counters;

    /// <summary>The newest interactions that like or dislike.</summary>
    public RecentList Recents { get; } = new();

    /// <summary>Positive interactions by item and day, for all time.</summary>
    public ItemDays Liked { get; } = new();

    /// <summary>Negative interactions by item and day, for all time.</summary>
    public ItemDays Disliked { get; } = new();
}
