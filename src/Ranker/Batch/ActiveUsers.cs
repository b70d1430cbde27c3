using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ranker.Batch;

/// <summary>Whom a batch is made for.</summary>
public static class ActiveUsers
{
    /// <summary>The users that were shown something or acted within <paramref name="window"/> before <paramref name="now"/>, in id order (ordinal).</summary>
    public static IReadOnlyList<UserId> Within(IEnumerable<Fact> facts, Timestamp now, TimeSpan window)
    {
        var since = now.Plus(-window);
        return [.. facts.Where(fact => fact.Event.Time >= since && fact.Event.Time <= now)
            .Select(fact => fact.Event switch
            {
                Impression impression => impression.User,
                Interaction interaction => interaction.User,
                _ => (UserId?)null,
            })
            .OfType<UserId>().Distinct().OrderBy(user => user.Value, StringComparer.Ordinal)];
    }
}
